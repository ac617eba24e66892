//! What is left out, in the syntax of `.gitignore`.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::SourceError;

/// Patterns of what to leave out, in the syntax of `.gitignore`, relative to the source's root.
///
/// A later pattern wins over an earlier one; `!` takes something back, unless a directory above it is left out.
#[derive(Clone, Debug)]
pub struct Exclusions {
    patterns: Gitignore,
}

/// Collects patterns.
#[derive(Debug)]
pub struct ExclusionsBuilder {
    patterns: GitignoreBuilder,
}

impl Exclusions {
    /// Leaves nothing out.
    pub fn none() -> Self {
        Self { patterns: Gitignore::empty() }
    }

    /// Starts a collection of patterns.
    pub fn builder() -> ExclusionsBuilder {
        ExclusionsBuilder { patterns: GitignoreBuilder::new(".") }
    }

    /// Tells whether there are no patterns.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Tells whether a path is left out by itself; whether a directory above it is, the caller knows.
    pub fn excludes(&self, path: &[u8], is_directory: bool) -> bool {
        let path = Path::new(OsStr::from_bytes(path));
        self.patterns.matched(path, is_directory).is_ignore()
    }
}

impl ExclusionsBuilder {
    /// Adds one pattern.
    pub fn pattern(mut self, text: &str) -> Result<Self, SourceError> {
        self.patterns.add_line(None, text).map_err(|source| exclusion_error(text, source))?;
        Ok(self)
    }

    /// Adds the patterns of a file, one a line; empty lines and lines that begin with `#` say nothing.
    pub fn file(mut self, path: &Path) -> Result<Self, SourceError> {
        match self.patterns.add(path) {
            None => Ok(self),
            Some(source) => Err(exclusion_error(&path.display().to_string(), source)),
        }
    }

    /// Makes the patterns ready.
    pub fn build(self) -> Result<Exclusions, SourceError> {
        let patterns = self.patterns.build();
        Ok(Exclusions { patterns: patterns.map_err(|source| exclusion_error("", source))? })
    }
}

fn exclusion_error(text: &str, source: ignore::Error) -> SourceError {
    SourceError::Exclusion { text: text.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(patterns: &[&str], path: &[u8], is_directory: bool, expected: bool) {
        let builder = patterns.iter().try_fold(Exclusions::builder(), |builder, text| builder.pattern(text));
        let exclusions = builder.unwrap().build().unwrap();
        assert_eq!(
            exclusions.excludes(path, is_directory),
            expected,
            "{patterns:?} on {:?}",
            String::from_utf8_lossy(path)
        );
    }

    #[test]
    fn patterns_mean_what_gitignore_says() {
        check(&["*.tmp"], b"a/b.tmp", false, true);
        check(&["/a"], b"a", true, true);
        check(&["/a"], b"b/a", true, false);
        check(&["a/"], b"x/a", true, true);
        check(&["a/"], b"x/a", false, false);
        check(&["*.o", "!keep.o"], b"keep.o", false, false);
        check(&["*.o", "!keep.o"], b"other.o", false, true);
        check(&["**/cache/*.db"], b"x/cache/y.db", false, true);
        check(&["# nothing", ""], b"# nothing", false, false);
        check(&[], b"a", false, false);
    }

    #[test]
    fn names_need_not_be_text() {
        check(&["*.tmp"], b"a\xff\n/\xfe.tmp", false, true);
        check(&["a?c"], b"a\xffc", false, true);
        check(&["*.tmp"], b"\xff.tmpx", false, false);
    }

    #[test]
    fn a_wrong_pattern_is_an_error() {
        assert!(Exclusions::builder().pattern("a{b").is_err());
        let missing = Path::new("/nonexistent/patterns");
        assert!(Exclusions::builder().file(missing).is_err());
    }
}
