//! What hangs on what, as a graph of numbers.
