//! The attacker: a process that has what an agent's disk yields and a copy of the vault, and may only add.
//!
//! `attacker GIVEN ATTACK`: reads `GIVEN/state` and `GIVEN/vault`, and writes objects into `GIVEN/drop` only. The suite
//! makes that folder, and moves into its own vault what was not there before. Nothing else is touched.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "an attacker of a test touches its own folder, prints what it found, and may die"
)]

#[path = "../awaited.rs"]
mod awaited;
mod bombs;
mod forge;
mod poisons;
mod reads;
mod thief;
mod trees;

use std::path::PathBuf;

use thief::Thief;

type Attack = fn(&Thief);

const ATTACKS: &[(&str, Attack)] = &[
    ("open-everything", reads::open_everything),
    ("junk", poisons::junk),
    ("promise", poisons::promise),
    ("promise-in-a-manifest", poisons::promise_in_a_manifest),
    ("lying-indexes", poisons::lying_indexes),
    ("hiding-indexes", poisons::hiding_indexes),
    ("fork", poisons::fork),
    ("last-number", poisons::last_number),
    ("replay", poisons::replay),
    ("neighbour", poisons::neighbour),
    ("wrong-previous", poisons::wrong_previous),
    ("missing-packs", poisons::missing_packs),
    ("lying-counts", poisons::lying_counts),
    ("owner", poisons::owner),
    ("leases", poisons::leases),
    ("wrong-bytes", poisons::wrong_bytes),
    ("hostile-names", trees::hostile_names),
    ("twins", trees::twins),
    ("outside-links", trees::outside_links),
    ("specials", trees::specials),
    ("lying-sizes", trees::lying_sizes),
    ("deep-tree", bombs::deep_tree),
    ("wide-node", bombs::wide_node),
    ("fat-path", bombs::fat_path),
    ("fat-folders", bombs::fat_folders),
    ("laughs", bombs::laughs),
    ("frames", bombs::frames),
    ("index-bomb", bombs::index_bomb),
    ("directory-bomb", bombs::directory_bomb),
    ("list-bomb", bombs::list_bomb),
    ("huge-objects", bombs::huge_objects),
];

fn main() {
    let mut arguments = std::env::args_os().skip(1);
    let given = PathBuf::from(arguments.next().expect("a folder"));
    let wanted = arguments.next().expect("an attack");
    let attack = ATTACKS.iter().find(|(name, _)| *name == wanted).expect("an attack that is known").1;
    attack(&Thief::of(&given));
}
