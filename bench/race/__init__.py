"""Backup programs measured side by side on one tree."""
