"""Writing a tree: files with dates, counted as they go; and the sizes of many files that add up to a wanted total."""

from __future__ import annotations

import itertools
import math
import os
import random
from array import array
from collections.abc import Iterable

# Dates are part of a tree: they count back from this day (2026-01-01, UTC), never from today.
NEWEST_SECONDS = 1_767_225_600
AGE_DAYS_MAX = 6 * 365


class TreeWriter:
    """Writes files below a new folder and counts them."""

    def __init__(self, root: str, rng: random.Random) -> None:
        os.makedirs(root, exist_ok=True)
        if os.listdir(root):
            raise FileExistsError(f"{root} is not empty: give a new folder")
        self.root = root
        self.file_count = 0
        self.byte_count = 0
        self._dates = random.Random(rng.random())
        self._folders: set[str] = {""}

    def file(self, path: str, content: bytes | memoryview | Iterable[bytes], mode: int = 0o644) -> None:
        """Writes one file, making its folders."""
        self.folder(os.path.dirname(path))
        self.file_here(path, content, mode)

    def file_here(self, path: str, content: bytes | memoryview | Iterable[bytes], mode: int = 0o644) -> None:
        """Writes one file into a folder that exists."""
        pieces = (content,) if isinstance(content, (bytes, memoryview)) else content
        handle = os.open(f"{self.root}/{path}", os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        try:
            for piece in pieces:
                write_whole(handle, piece)
                self.byte_count += len(piece)
            seconds = self.date()
            os.utime(handle, (seconds, seconds))
        finally:
            os.close(handle)
        self.file_count += 1

    def adopt(self, path: str) -> None:
        """Counts and dates a file which somebody else wrote at `path`."""
        seconds = self.date()
        full = f"{self.root}/{path}"
        os.utime(full, (seconds, seconds))
        self.file_count += 1
        self.byte_count += os.path.getsize(full)

    def link(self, path: str, target: str) -> None:
        """Makes a symbolic link."""
        self.folder(os.path.dirname(path))
        os.symlink(target, f"{self.root}/{path}")

    def folder(self, path: str) -> None:
        """Makes a folder and those above it."""
        if path not in self._folders:
            os.makedirs(f"{self.root}/{path}", exist_ok=True)
            self._folders.add(path)

    def date(self) -> int:
        """Returns a moment of the past six years, in seconds since 1970."""
        return NEWEST_SECONDS - self._dates.randrange(AGE_DAYS_MAX * 86_400)


def write_whole(handle: int, content: bytes | memoryview) -> None:
    written = os.write(handle, content)
    while written < len(content):
        written += os.write(handle, content[written:])


def sizes(rng: random.Random, count: int, total_bytes: int, median_bytes: int, bytes_max: int) -> array[int]:
    """Returns `count` sizes with about this median, log-normal as in real trees, which add up to `total_bytes`."""
    if count * bytes_max < total_bytes:
        raise ValueError(f"{count} files of at most {bytes_max} bytes cannot hold {total_bytes} bytes")
    mean_bytes = total_bytes / count
    spread = math.sqrt(2 * math.log(max(mean_bytes / median_bytes, 1.05)))
    drawn = [min(rng.lognormvariate(math.log(median_bytes), spread), bytes_max) for _ in range(count)]
    for _ in range(40):
        factor = total_bytes / sum(drawn)
        drawn = [min(size * factor, bytes_max) for size in drawn]
    # Rounding the running total, not each size, keeps the sum exact.
    ends = [round(end) for end in itertools.accumulate(drawn)]
    ends[-1] = total_bytes
    return array("q", (end - begin for begin, end in itertools.pairwise([0, *ends])))
