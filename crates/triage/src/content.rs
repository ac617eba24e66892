//! What is looked at: bytes that can be read at any place.

use std::error::Error;

/// The bytes of one version of a file, wherever they lie.
///
/// A read may give fewer bytes than asked for; it gives none only at the end.
pub trait Content {
    /// Returns how many bytes there are.
    fn bytes(&self) -> u64;

    /// Reads from `offset` on, and returns how many bytes were read: 0 at the end and behind it.
    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<usize, ContentError>;
}

/// Content cannot be read: this says nothing about whether it is sound.
#[derive(Debug, thiserror::Error)]
#[error("the content cannot be read at byte {offset}")]
pub struct ContentError {
    /// Where the read began.
    pub offset: u64,
    /// What failed.
    #[source]
    pub source: Box<dyn Error + Send + Sync>,
}

impl Content for [u8] {
    fn bytes(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<usize, ContentError> {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.get(offset..)).unwrap_or_default();
        let bytes = rest.len().min(into.len());
        into[..bytes].copy_from_slice(&rest[..bytes]);
        Ok(bytes)
    }
}

impl Content for Vec<u8> {
    fn bytes(&self) -> u64 {
        self.as_slice().bytes()
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<usize, ContentError> {
        self.as_slice().read_at(offset, into)
    }
}

impl<C: Content + ?Sized> Content for &C {
    fn bytes(&self) -> u64 {
        (**self).bytes()
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<usize, ContentError> {
        (**self).read_at(offset, into)
    }
}
