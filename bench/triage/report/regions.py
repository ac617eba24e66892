"""Where in a file the bytes lie whose change was not found: why, and what stood there before, by the ranges of the truth."""

from __future__ import annotations

from collections import Counter

from report.lines import ENCODED, RENAMED_WHOLLY, TEXT, Trial


def region(trial: Trial, corpus: str) -> str:
    """Names why the change was not found, and what stood in the changed bytes."""
    return why(trial) + (f"; {stood(trial, corpus)}" if trial.places and trial.file.is_sound else "")


def stood(trial: Trial, corpus: str) -> str:
    """Tells what the changed ranges held before."""
    with open(f"{corpus}/{trial.file.path}", "rb") as content:
        before = content.read()
    old = b"".join(before[start:end] for start, end in trial.places)
    if not old:
        return "behind the end"
    counts = Counter(old)
    if counts.most_common(1)[0][1] * 8 >= len(old) * 7:
        return "in filling"
    letters = sum(count for byte, count in counts.items() if byte in b"\t\n\r" or 32 <= byte < 127 or byte >= 160)
    if letters * 50 >= len(old) * 49 and sum(count for byte, count in counts.items() if byte < 127) * 2 > len(old):
        return "in letters"
    # Of few bytes, hardly one comes twice if they are drawn by lot.
    is_even = counts.most_common(1)[0][1] <= max(3, len(old) // 32) and len(counts) >= min(len(old) * 2 // 3, 200)
    return "in packed data" if is_even else "in numbers and tables"


def why(trial: Trial) -> str:
    """Names why the change was not found."""
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
