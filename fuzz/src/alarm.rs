//! The reasons of an alarm, as a machine in an attacker's hands may have written them.

use triage::alarm::Alarm;

/// Reads the reasons of an alarm; what was read is read again as it is written.
pub fn alarm(data: &[u8]) {
    let Some(alarm) = Alarm::from_bytes(data) else { return };
    assert!(alarm.grounds.len() <= 64, "grounds are bounded");
    assert!(Alarm::from_bytes(&alarm.to_bytes()) == Some(alarm), "an alarm is read as it was written");
}
