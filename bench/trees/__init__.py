"""Trees of files to measure backup programs on: made by a script, the same for the same seed."""
