//! Some months of a small town hall. `cargo xtask soak --years 5` lives through five years of a large one.

use sim::years::{Span, Work, live};

#[test]
fn a_vault_grows_old() {
    let account = live(&Span::of_days(200, 1), &mut |_| {}).unwrap_or_else(|why| panic!("{why}"));
    println!("{account}");
    let year = account.years.last().unwrap();
    assert_eq!((account.years.len(), year.backups), (1, 200));
    assert!(account.restored_snapshots > 40 && account.restored_files > 10_000, "{account}");
}

#[test]
fn a_small_change_a_day_costs_little() {
    let span = Span { work: Work::Register, ..Span::of_days(120, 2) };
    let account = live(&span, &mut |_| {}).unwrap_or_else(|why| panic!("{why}"));
    println!("{account}");
    let daily = account.daily();
    let (objects, bytes) = daily.values().fold((0.0, 0.0), |sum, (objects, bytes)| (sum.0 + objects, sum.1 + bytes));
    // Two packs, a manifest and a lease; a chunk or two of at most 64 KiB, and what stands above it.
    assert!(objects < 4.2 && bytes < 100_000.0, "{account}");
    // Two packs a day wait for five weeks, and 32 of about one size stay; snapshots of before hold some.
    assert!(account.years[0].small_packs_max < 240, "{account}");
}
