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
}
