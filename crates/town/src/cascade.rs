//! What falls with something, and what the fallen have in common.
