"""Medians, ratios and tables of what was measured."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from race.process import Usage

SUBJECT = "beffroi"
STEPS = ("first", "unchanged", "one-file-change", "restore")
MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Result:
    """One program in one round."""

    tool: str
    round: int
    steps: dict[str, Usage]
    stored_bytes: int
    stored_after_change_bytes: int


def measures(result: Result) -> dict[str, float]:
    """Returns the numbers of a result by the names of the table's rows."""
    numbers: dict[str, float] = {}
    for step in STEPS:
        usage = result.steps[step]
        numbers[f"{step}, s"] = usage.wall_seconds
        numbers[f"{step}, CPU s"] = usage.cpu_seconds
        numbers[f"{step}, peak MiB"] = usage.peak_bytes / MEBIBYTE
    numbers["stored, MiB"] = result.stored_bytes / MEBIBYTE
    numbers["stored after the change, MiB"] = result.stored_after_change_bytes / MEBIBYTE
    return numbers


def medians(results: list[Result]) -> dict[str, dict[str, float]]:
    """Returns each program's medians over the rounds, programs in the order in which they ran."""
    of_tool: dict[str, list[dict[str, float]]] = {}
    for result in results:
        of_tool.setdefault(result.tool, []).append(measures(result))
    return {
        tool: {name: statistics.median(one[name] for one in numbers) for name in numbers[0]} for tool, numbers in of_tool.items()
    }


def ratios(middle: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """Returns beffroi's medians divided by each peer's: below 1, beffroi took less. Empty if beffroi did not run."""
    subject = middle.get(SUBJECT)
    if subject is None:
        return {}
    return {
        peer: {name: subject[name] / number for name, number in numbers.items() if number > 0}
        for peer, numbers in middle.items()
        if peer != SUBJECT
    }


def table(columns: dict[str, dict[str, float]], form: str | None = None) -> str:
    """Returns a Markdown table: a row for each measure, a column for each program."""
    names = list(next(iter(columns.values())))
    lines = ["| | " + " | ".join(columns) + " |", "| --- |" + " ---: |" * len(columns)]
    for name in names:
        cells = [cell(numbers.get(name), form or form_of(name)) for numbers in columns.values()]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def form_of(name: str) -> str:
    return ".0f" if name.endswith("MiB") else ".2f"


def cell(number: float | None, form: str) -> str:
    return "–" if number is None else format(number, form)
