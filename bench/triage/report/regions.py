"""Where in a file the bytes lie whose change was not found."""

from __future__ import annotations

from report.lines import RENAMED_WHOLLY, TEXT, Trial


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
    if trial.changed < 16:
        return "less than 16 bytes"
    if trial.changed < 4096:
        return "less than 4 KiB"
    return "other"
