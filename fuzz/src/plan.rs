//! The file of a plan, as somebody may have changed it: people hand it around, and a restore does what it says.

use restore::plan::Plan;

/// Reads a plan. No path leads nowhere or out of the source, and what was read is read again as it is written.
pub fn plan(data: &[u8]) {
    let Ok(plan) = Plan::read(data) else { return };
    let is_sound = |path: &Vec<u8>| path.split(|byte| *byte == b'/').all(|name| !matches!(name, b"" | b"." | b".."));
    let wrecks = plan.rows.values().filter_map(|row| row.path_now.as_ref());
    assert!(plan.rows.keys().chain(wrecks).chain(&plan.head.first).all(is_sound));
    assert!(plan.rows.len() as u64 == plan.head.rows && !plan.head.snapshots.is_empty());
    let places = plan.head.snapshots.len();
    assert!(plan.rows.values().all(|row| row.first_seen < places && row.sound.is_none_or(|sound| sound < places)));
    let mut written = Vec::new();
    plan.write(&mut written).expect("a vector takes all bytes");
    // A long line may grow beyond what one may be: names that are not UTF-8 are written twice.
    if data.len() < 1 << 18 {
        let mut again = Plan::read(written.as_slice()).expect("what was just written");
        again.head.beffroi_plan = plan.head.beffroi_plan;
        assert!(again == plan, "a plan is read as it was written");
    }
}
