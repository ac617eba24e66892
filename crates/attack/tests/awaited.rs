/// Content that the town will keep tomorrow, and that the attacker knows today; too short to be cut.
pub fn awaited() -> Vec<u8> {
    (0..250_u32).flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()).collect()
}
