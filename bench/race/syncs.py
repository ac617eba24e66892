"""Counts how often a program asks the system to make something durable, with strace."""

from __future__ import annotations

import os
import shutil
import tempfile

from race import process
from race.process import Command
from race.tools import Tool, Turn

CALLS = ("fsync", "fdatasync", "syncfs", "sync", "msync", "sync_file_range")


def of_backup_and_restore(tool: Tool, program: str, tree: str, place: str) -> dict[str, dict[str, int]]:
    """Runs a first backup and a restore of the tree in a new folder, and counts the calls of each."""
    turn = Turn(program, tree, f"{place}/{tool.name}-syncs")
    for folder in (turn.folder, turn.state, turn.restored, f"{turn.folder}/home"):
        os.makedirs(folder, mode=0o700)
    for command in tool.prepare(turn):
        process.run(command)
    counts = {"first": counted(tool.backup(turn, "first")), "restore": counted(tool.restore(turn, "first"))}
    shutil.rmtree(turn.folder)
    return counts


def counted(command: Command) -> dict[str, int]:
    """Runs a command under strace; returns the number of calls by name, those that were made."""
    with tempfile.NamedTemporaryFile("r") as summary:
        strace = ["strace", "--follow-forks", "--summary-only", f"--trace={','.join(CALLS)}", f"--output={summary.name}"]
        process.run(Command([*strace, "--", *command.words], command.environment, command.folder))
        return parsed(summary.read())


def parsed(summary: str) -> dict[str, int]:
    """Reads strace's table: the fourth column is the number of calls, the last one the name."""
    rows = (line.split() for line in summary.splitlines())
    return {row[-1]: int(row[3]) for row in rows if len(row) >= 5 and row[-1] in CALLS}
