//! Paths inside a tree, for people to read.

use std::fmt;

/// A path relative to a tree's root: any bytes but zero, components joined by `/`, empty for the root.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct TreePath(Vec<u8>);

impl TreePath {
    /// Makes a path of its bytes.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// Returns the bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the path of what is called `name` in this directory.
    pub fn join(&self, name: &[u8]) -> Self {
        let mut joined = self.clone();
        joined.push(name);
        joined
    }

    /// Goes down to what is called `name`.
    pub(crate) fn push(&mut self, name: &[u8]) {
        if !self.0.is_empty() {
            self.0.push(b'/');
        }
        self.0.extend_from_slice(name);
    }

    /// Goes back to where the path had this length in bytes.
    pub(crate) fn truncate(&mut self, bytes: usize) {
        self.0.truncate(bytes);
    }
}

/// Shows the path on one line: what is not UTF-8 or would steer a terminal becomes `�`, and the middle of a very long
/// path `…`.
impl fmt::Display for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (head, tail) = match self.0.len() {
            0 => return f.write_str("."),
            bytes if bytes <= SHOWN_BYTES_MAX => (&self.0[..], None),
            bytes => {
                let half = SHOWN_BYTES_MAX / 2;
                (&self.0[..half], Some(&self.0[bytes - half..]))
            }
        };
        show(f, head)?;
        if let Some(tail) = tail {
            f.write_str("…")?;
            show(f, tail)?;
        }
        Ok(())
    }
}

fn show(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    for character in String::from_utf8_lossy(bytes).chars() {
        let shown = if character.is_control() { char::REPLACEMENT_CHARACTER } else { character };
        fmt::Write::write_char(f, shown)?;
    }
    Ok(())
}

const SHOWN_BYTES_MAX: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_on_one_harmless_line() {
        assert_eq!(TreePath::default().to_string(), ".");
        assert_eq!(TreePath::default().join(b"a").join(b"b").to_string(), "a/b");
        assert_eq!(TreePath::new(*b"a\x1b[2J\n\xff").to_string(), "a�[2J��");
        let long = TreePath::new(vec![b'x'; 1 << 20]).to_string();
        assert!(long.len() < SHOWN_BYTES_MAX + 8 && long.contains('…'));
    }
}
