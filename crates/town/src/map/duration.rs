//! Lengths of time in words, as people write them: `2 jours`, `4h`, `30 min`.

/// A unit in which a field counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// Minutes.
    Minutes,
    /// Hours.
    Hours,
    /// Days.
    Days,
}

impl Unit {
    /// Returns the unit in which a field counts, by its name.
    pub fn of_field(field: &str) -> Option<Self> {
        match field {
            _ if field.contains("minutes") => Some(Self::Minutes),
            _ if field.contains("hours") => Some(Self::Hours),
            _ if field.contains("days") => Some(Self::Days),
            _ => None,
        }
    }

    fn minutes(self) -> u64 {
        match self {
            Self::Minutes => 1,
            Self::Hours => 60,
            Self::Days => 1440,
        }
    }
}

/// Reads a length of time in whole units, rounded up. A number alone is in the unit already.
pub fn duration(words: &str, unit: Unit) -> Option<u64> {
    let words = words.trim();
    let end = words.find(|c: char| !c.is_ascii_digit()).unwrap_or(words.len());
    let number: u64 = words[..end].parse().ok()?;
    let minutes = match words[end..].trim().to_lowercase().as_str() {
        "" => return Some(number),
        "m" | "mn" | "min" | "minute" | "minutes" => 1,
        "h" | "heure" | "heures" | "hour" | "hours" => 60,
        "j" | "d" | "jour" | "jours" | "day" | "days" => 1440,
        "semaine" | "semaines" | "week" | "weeks" => 10_080,
        _ => return None,
    };
    number.checked_mul(minutes).map(|minutes| minutes.div_ceil(unit.minutes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_units() {
        let hours = |words| duration(words, Unit::Hours);
        assert_eq!(
            (hours("4"), hours(" 4h "), hours("2 jours"), hours("1 week")),
            (Some(4), Some(4), Some(48), Some(168))
        );
        assert_eq!((hours("90 min"), duration("2 h", Unit::Minutes)), (Some(2), Some(120)), "rounded up");
        assert_eq!(
            (hours("bientôt"), hours(""), hours("4 lunes"), hours("99999999999999999 j")),
            (None, None, None, None)
        );
    }
}
