//! The harmless attacker and ordinary work, looked at by others' eyes: what they did is read by the standard library alone.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "the tests make folders and look into them; one that cannot go on says where"
)]

#[path = "suite/benign.rs"]
mod benign;
#[path = "suite/document.rs"]
mod document;
#[path = "suite/hostile.rs"]
mod hostile;
#[path = "suite/odd_tree.rs"]
mod odd_tree;
#[path = "suite/plain_sight.rs"]
mod plain_sight;
#[path = "suite/truth.rs"]
mod truth;
