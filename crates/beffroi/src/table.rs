//! Rows of words as columns.

/// How a column is set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Sets rows, the first of them the heads, in columns two blanks apart.
pub fn set(columns: &[Align], rows: &[Vec<String>]) -> Vec<String> {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<_> = (0..columns.len()).map(width).collect();
    let set_row = |row: &Vec<String>| {
        let cells = row.iter().zip(columns).zip(&widths).map(|((cell, align), width)| {
            let padding = " ".repeat(width - cell.chars().count());
            if *align == Align::Left { format!("{cell}{padding}") } else { format!("{padding}{cell}") }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_string()
    };
    rows.iter().map(set_row).collect()
}

/// So wide is a line of words.
const LINE_COLUMNS: usize = 100;

/// Breaks words into lines that begin with an indent.
pub fn wrapped(words: &str, indent: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    // No-break spaces hold together what they join.
    for word in words.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= LINE_COLUMNS => {
                *line += &format!(" {word}")
            }
            _ => lines.push(format!("{indent}{word}")),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let row = |one: &str, two: &str| vec![one.to_string(), two.to_string()];
        let set = set(&[Align::Left, Align::Right], &[row("nom", "taille"), row("état", "9")]);
        assert_eq!(set, ["nom   taille", "état       9"]);
    }

    #[test]
    fn long_words_are_broken_where_they_may_be() {
        let line = ["mot"; 25].join(" ");
        let lines = wrapped(&format!("{line} fin\u{a0}! "), "  ");
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert_eq!(lines[1], "  mot fin\u{a0}!");
        assert!(lines[0].chars().count() <= 100);
    }
}
