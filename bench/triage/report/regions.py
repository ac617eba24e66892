"""Where in a file the bytes lie whose change was not found."""

from __future__ import annotations

from report.lines import ENCODED, RENAMED_WHOLLY, TEXT, Trial


def region(trial: Trial, corpus: str) -> str:
    """Names the part of the file that was changed."""
    del corpus
    if trial.desk == "deleted" and trial.profile in RENAMED_WHOLLY:
        return "another name, not paired: told as gone"
    if trial.file.finding == "unknown":
        return "kind without a validator, or not understood"
    if not trial.file.is_sound:
        return "was not right before"
    if trial.file.kind in TEXT and trial.profile in ("low-bits", "one-bit"):
        return "letters made of letters"
    if trial.profile == "cut-to-nothing":
        return "emptied: told as suspect"
    if trial.ranges and trial.run_bytes < 8:
        return "single bytes here and there"
    if trial.profile in ENCODED and trial.file.bytes < 1024:
        return "coded, below 1 KiB"
    if trial.changed < 16:
        return "less than 16 bytes"
    if trial.changed < 4096:
        return "less than 4 KiB"
    return "other"
