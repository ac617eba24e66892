//! Where a directory lies, without copying its whole path at each level.

use std::sync::Arc;

use super::SourcePath;

/// The path of a directory from the source's root, as a chain of names that all paths below share.
///
/// Cloning is cheap. The empty path is the root itself.
#[derive(Clone, Default, Debug)]
pub struct TreePath(Option<Arc<Component>>);

#[derive(Debug)]
struct Component {
    parent: TreePath,
    name: Box<[u8]>,
    path_bytes: usize,
}

impl TreePath {
    /// Returns the path of the directory `name` in this one.
    pub fn child(&self, name: &[u8]) -> Self {
        let separator_bytes = usize::from(self.0.is_some());
        Self(Some(Arc::new(Component {
            parent: self.clone(),
            name: name.into(),
            path_bytes: self.len_bytes() + separator_bytes + name.len(),
        })))
    }

    /// Returns the last name; empty for the root.
    pub fn name(&self) -> &[u8] {
        self.0.as_ref().map_or(&[], |component| &component.name)
    }

    /// Returns the length of the whole path in bytes.
    pub fn len_bytes(&self) -> usize {
        self.0.as_ref().map_or(0, |component| component.path_bytes)
    }

    /// Returns the whole path, with `/` between names and none before the first.
    pub fn to_path(&self) -> SourcePath {
        let mut bytes = vec![b'/'; self.len_bytes()];
        let mut next = self;
        while let Some(component) = &next.0 {
            let start = component.path_bytes - component.name.len();
            bytes[start..component.path_bytes].copy_from_slice(&component.name);
            next = &component.parent;
        }
        SourcePath(bytes)
    }

    /// Returns the whole path of an entry of this directory.
    pub fn join(&self, name: &[u8]) -> SourcePath {
        let mut path = self.to_path();
        if self.0.is_some() {
            path.0.push(b'/');
        }
        path.0.extend_from_slice(name);
        path
    }
}

/// Dropped in a loop: a chain of thousands of names would exhaust the thread's stack.
impl Drop for Component {
    fn drop(&mut self) {
        let mut next = self.parent.0.take();
        while let Some(component) = next {
            next = Arc::into_inner(component).and_then(|mut component| component.parent.0.take());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_with_slashes() {
        let root = TreePath::default();
        assert_eq!(root.to_path().as_bytes(), b"");
        assert_eq!(root.join(b"x").as_bytes(), b"x");
        let deep = root.child(b"a").child(b"\xff\n");
        assert_eq!(deep.to_path().as_bytes(), b"a/\xff\n");
        assert_eq!(deep.join(b"z").as_bytes(), b"a/\xff\n/z");
        assert_eq!(deep.name(), b"\xff\n");
    }

    #[test]
    fn a_long_chain_is_dropped_without_recursion() {
        let mut path = TreePath::default();
        for _ in 0..1_000_000 {
            path = path.child(b"d");
        }
        assert_eq!(path.len_bytes(), 1_999_999);
        drop(path);
    }
}
