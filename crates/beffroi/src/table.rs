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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let row = |one: &str, two: &str| vec![one.to_string(), two.to_string()];
        let set = set(&[Align::Left, Align::Right], &[row("nom", "taille"), row("état", "9")]);
        assert_eq!(set, ["nom   taille", "état       9"]);
    }
}
