//! What is wrong with an owner log: what stops, and what only does not count.

use std::sync::Arc;

use thiserror::Error;

use crate::bytes::FormatError;
use crate::name::ObjectName;
use crate::store::StoreError;

/// Something in the folder of the owner log that does not count. Anybody may put such things there.
#[derive(Clone, Debug, Error)]
pub enum OwnerLogFault {
    /// The store does not give it.
    #[error("{name} cannot be read")]
    Unreadable {
        /// Its name.
        name: ObjectName,
        /// Why.
        #[source]
        source: Arc<StoreError>,
    },
    /// The bytes do not have the hash in the name.
    #[error("{name} was changed")]
    Changed {
        /// Its name.
        name: ObjectName,
    },
    /// It is not well formed.
    #[error("{name} is no entry")]
    Malformed {
        /// Its name.
        name: ObjectName,
        /// Why.
        #[source]
        source: FormatError,
    },
    /// Too few owners signed.
    #[error("{name} is not signed by the owners")]
    Unsigned {
        /// Its name.
        name: ObjectName,
    },
    /// An owner signed it, and it does not follow the entry before: one is missing, or it was put in another place.
    #[error("{name} does not follow the entry before")]
    Broken {
        /// Its name.
        name: ObjectName,
    },
}

/// Why the owner log cannot be believed.
#[derive(Debug, Error)]
pub enum OwnerLogError {
    /// There is no log.
    #[error("the owner log is missing")]
    Missing,
    /// Whoever the `vault` object names as founder signed no founding of this vault.
    #[error("no entry of the owner log is the founding of this vault")]
    Unfounded,
    /// An entry that owners signed cannot be read.
    #[error("entry {seq} of the owner log cannot be read")]
    Format {
        /// Its number.
        seq: u64,
        /// Why.
        #[source]
        source: FormatError,
    },
    /// Owners signed entries that come later, and the one of this number is missing.
    #[error("entry {seq} of the owner log is missing, and owners signed later ones")]
    Broken {
        /// The number of the first that is missing.
        seq: u64,
    },
    /// Owners signed two entries with one number.
    #[error("the owner log forks at entry {seq}: the owners signed two")]
    Fork {
        /// The number.
        seq: u64,
    },
    /// An entry that owners signed says something impossible.
    #[error("entry {seq} of the owner log makes no sense: {why}")]
    Absurd {
        /// Its number.
        seq: u64,
        /// Why.
        why: &'static str,
    },
}

impl OwnerLogFault {
    /// Returns the name of what does not count.
    pub fn name(&self) -> ObjectName {
        match self {
            Self::Unreadable { name, .. }
            | Self::Changed { name }
            | Self::Malformed { name, .. }
            | Self::Unsigned { name }
            | Self::Broken { name } => *name,
        }
    }

    /// Returns its number.
    pub fn seq(&self) -> u64 {
        match self.name() {
            ObjectName::Owner(seq, _) => seq,
            _ => 0,
        }
    }

    /// Tells whether owners may have signed it: they did, or the store fails to show it.
    pub(super) fn may_be_of_owners(&self) -> bool {
        match self {
            Self::Broken { .. } => true,
            Self::Unreadable { source, .. } => {
                matches!(**source, StoreError::Io { .. } | StoreError::Denied { .. } | StoreError::Poisoned { .. })
            }
            Self::Changed { .. } | Self::Malformed { .. } | Self::Unsigned { .. } => false,
        }
    }
}
