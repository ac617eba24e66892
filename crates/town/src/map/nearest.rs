//! Which known name somebody may have meant.

/// A longer name is not compared: nobody mistypes that much.
const CHARS_MAX: usize = 64;

/// Returns the known name that is nearest to what was written, if one is near. Capitals and accents do not count.
pub fn nearest<'n>(written: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let written = plain(written);
    let allowed = 1 + written.len() / 4;
    let mut best: Option<(usize, &str)> = None;
    if written.is_empty() || written.len() > CHARS_MAX {
        return None;
    }
    for name in known {
        let limit = best.map_or(allowed, |(distance, _)| distance.saturating_sub(1));
        let other = plain(name);
        if other.len() > CHARS_MAX || other.len().abs_diff(written.len()) > limit {
            continue;
        }
        if let Some(distance) = distance(&written, &other, limit) {
            best = Some((distance, name));
            if distance == 0 {
                break;
            }
        }
    }
    best.map(|(_, name)| name)
}

/// Returns a name that may stand in a map: plain lowercase letters, digits and hyphens.
pub fn plain_name(words: &str) -> String {
    let mut name = String::new();
    for c in words.chars().take(2 * CHARS_MAX).flat_map(unaccented) {
        if c.is_ascii_alphanumeric() {
            name.push(c);
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    name.truncate(CHARS_MAX);
    name.trim_end_matches('-').to_string()
}

/// Returns the characters of a name as they are compared.
fn plain(name: &str) -> Vec<char> {
    name.chars().take(CHARS_MAX + 1).flat_map(unaccented).map(|c| if c == '_' { '-' } else { c }).collect()
}

/// Returns a letter in lower case and without its accent.
fn unaccented(c: char) -> impl Iterator<Item = char> {
    let c = c.to_lowercase().next().unwrap_or(c);
    let (first, second) = match c {
        'à' | 'â' | 'ä' | 'á' | 'ã' => ('a', None),
        'ç' => ('c', None),
        'é' | 'è' | 'ê' | 'ë' => ('e', None),
        'î' | 'ï' | 'í' => ('i', None),
        'ô' | 'ö' | 'ó' | 'õ' => ('o', None),
        'ù' | 'û' | 'ü' | 'ú' => ('u', None),
        'ÿ' => ('y', None),
        'ñ' => ('n', None),
        'œ' => ('o', Some('e')),
        'æ' => ('a', Some('e')),
        other => (other, None),
    };
    [Some(first), second].into_iter().flatten()
}

/// Counts letters to add, leave out, change or swap with their neighbour; nothing if it takes more than `limit`.
fn distance(one: &[char], other: &[char], limit: usize) -> Option<usize> {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.iter().enumerate() {
        let mut line = vec![row + 1];
        for (column, against) in other.iter().enumerate() {
            let change = above[column] + usize::from(letter != against);
            let mut best = change.min(above[column + 1] + 1).min(line[column] + 1);
            let swapped = row > 0 && column > 0 && *letter == other[column - 1] && one[row - 1] == *against;
            if swapped {
                best = best.min(before[column - 1] + 1);
            }
            line.push(best);
        }
        if line.iter().min().is_none_or(|least| *least > limit) {
            return None;
        }
        before = std::mem::replace(&mut above, line);
    }
    above.last().copied().filter(|distance| *distance <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_is_found_and_nothing_far() {
        let known = ["etat-civil", "cantine", "paie", "police", "outage_hours_max"];
        let near = |written| nearest(written, known);
        assert_eq!(near("état_civil"), Some("etat-civil"));
        assert_eq!(near("cantnie"), Some("cantine"));
        assert_eq!(near("outage_hour_max"), Some("outage_hours_max"));
        assert_eq!(near("bibliotheque"), None);
        assert_eq!(near(""), None);
        assert_eq!(near(&"x".repeat(100_000)), None);
    }

    #[test]
    fn a_name_is_made_of_words() {
        assert_eq!(plain_name("État civil & cimetières"), "etat-civil-cimetieres");
        assert_eq!(plain_name(" Œuvres/../etc "), "oeuvres-etc");
        assert_eq!(plain_name("…"), "");
    }
}
