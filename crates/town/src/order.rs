//! Which comes back when, and why.
