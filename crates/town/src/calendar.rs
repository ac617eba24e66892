//! Which days matter, and how close they are.
