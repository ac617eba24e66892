"""Runs one command and measures it with all its descendants: wall time, processor time, peak memory."""

from __future__ import annotations

import ctypes
import os
import shlex
import subprocess
import tempfile
import time
from dataclasses import dataclass

PR_SET_CHILD_SUBREAPER = 36
ERROR_CHARACTERS_MAX = 2_000


class CommandFailed(Exception):
    """A program under measure ended with an error."""


@dataclass(frozen=True)
class Command:
    """What to run: words, environment on top of the runner's, folder."""

    words: list[str]
    environment: dict[str, str]
    folder: str


@dataclass(frozen=True)
class Usage:
    """What a command took. `peak_bytes` is the peak of its largest process, not a sum over processes."""

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int


def adopt_orphans() -> None:
    """Makes this process the parent of grandchildren whose parent ends, so that their processor time is counted too."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def run(command: Command) -> Usage:
    """Runs a command to its end. Its output goes to a file which is shown only if it fails."""
    environment = {**os.environ, **command.environment}
    with tempfile.TemporaryFile() as output:
        begin = time.monotonic()
        process = subprocess.Popen(
            command.words, env=environment, cwd=command.folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall_seconds = time.monotonic() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        cpu_seconds, peak_kib = usage.ru_utime + usage.ru_stime, usage.ru_maxrss
        for orphan in reaped_orphans():
            cpu_seconds += orphan.ru_utime + orphan.ru_stime
            peak_kib = max(peak_kib, orphan.ru_maxrss)
        if process.returncode != 0:
            raise CommandFailed(failure(command, process.returncode, output))
    return Usage(wall_seconds, cpu_seconds, peak_kib * 1024)


def reaped_orphans() -> list:
    """Waits for all descendants that outlived the command and returns their usages."""
    usages = []
    while True:
        try:
            usages.append(os.wait4(-1, 0)[2])
        except ChildProcessError:
            return usages


def failure(command: Command, code: int, output) -> str:
    output.seek(max(0, output.seek(0, os.SEEK_END) - ERROR_CHARACTERS_MAX))
    said = output.read().decode(errors="replace").strip()
    return f"`{shlex.join(command.words)}` ended with {code}:\n{said}"


def peak_floor_bytes() -> int:
    """Returns the peak of a program that does nothing: a child counts the runner's memory until its program starts."""
    return run(Command(["true"], {}, "/")).peak_bytes
