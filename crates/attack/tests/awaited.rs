/// Content that the town will keep tomorrow, and that the attacker knows today.
pub fn awaited() -> Vec<u8> {
    (0..900_u32).flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()).collect()
}
