"""Where the content of source-like and library-like files comes from.

Real files of this machine, read one after the other. When they run out, they are read again with
their letters swapped (each pass has its own permutation): the content is new to a program that looks for duplicates, and it
compresses exactly as before. Without real files, a word model stands in.
"""

from __future__ import annotations

import bisect
import glob
import itertools
import os
import random
import string
from collections.abc import Callable, Iterator

PIECE_BYTES = 1 << 20

TEXT_FOLDERS = (
    "~/.cargo/registry/src",
    "/usr/share/doc",
    "/usr/share/perl",
    "/usr/share/locale",
    "/usr/lib/python3",
    "/usr/lib/python3.*",
    "/usr/include",
)
# Read pass after pass, these would weigh more than in a tree of sources.
PACKED_ENDINGS = (".gz", ".xz", ".bz2", ".zst", ".zip", ".png", ".jpg", ".gif", ".woff", ".woff2", ".pdf", ".pyc", ".so")
LIBRARY_FOLDERS = ("~/.rustup/toolchains/*/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu")
LIBRARY_BYTES_MIN = 300_000

Permutation = Callable[[random.Random], bytes]


class Originals:
    """An endless stream of content: real files pass after pass, or a model of them."""

    def __init__(self, rng: random.Random, paths: list[str], model: bytes, permutation: Permutation) -> None:
        self.paths = paths
        self._rng = rng
        self._model = model
        self._permutation = permutation
        self._pieces = self._endless()
        self._rest = b""

    def take(self, byte_count: int) -> bytes:
        """Returns the next `byte_count` bytes."""
        return b"".join(self.pieces(byte_count))

    def pieces(self, byte_count: int) -> Iterator[bytes]:
        """Yields the next `byte_count` bytes, at most a mebibyte at a time."""
        while byte_count > 0:
            if not self._rest:
                self._rest = next(self._pieces)
            piece, self._rest = self._rest[:byte_count], self._rest[byte_count:]
            byte_count -= len(piece)
            yield piece

    def _endless(self) -> Iterator[bytes]:
        for round_number in itertools.count():
            table = self._permutation(self._rng) if round_number else bytes(range(256))
            found = False
            for piece in self._one_round():
                found = True
                yield piece.translate(table)
            if not found:
                raise RuntimeError("the originals are all empty or cannot be read")

    def _one_round(self) -> Iterator[bytes]:
        if not self.paths:
            yield from (self._model[at : at + PIECE_BYTES] for at in range(0, len(self._model), PIECE_BYTES))
        for path in self.paths:
            try:
                with open(path, "rb", buffering=0) as original:
                    while piece := original.read(PIECE_BYTES):
                        yield piece
            except OSError:
                continue  # It went away, or it may not be read: the next one will do.


def texts(rng: random.Random, real: bool) -> Originals:
    """Returns content like source code and documentation."""
    paths = real_files(rng, TEXT_FOLDERS, is_text) if real else []
    return Originals(rng, paths, b"" if paths else text_model(rng), swapped_letters)


def libraries(rng: random.Random, real: bool) -> Originals:
    """Returns content like compiled libraries."""
    paths = real_files(rng, LIBRARY_FOLDERS, is_library) if real else []
    return Originals(rng, paths, b"" if paths else library_model(rng), swapped_bytes)


def is_text(path: str, size: int) -> bool:
    return size > 0 and not path.endswith(PACKED_ENDINGS)


def is_library(path: str, size: int) -> bool:
    name = os.path.basename(path)
    return size >= LIBRARY_BYTES_MIN and (".so" in name or name.endswith((".rlib", ".a")))


def real_files(rng: random.Random, patterns: tuple[str, ...], wanted: Callable[[str, int], bool]) -> list[str]:
    """Lists real files folder by folder: folders in random order, the files of one folder together, as neighbours are alike."""
    folders: list[list[str]] = []
    for pattern in patterns:
        for top in sorted(glob.glob(os.path.expanduser(pattern))):
            for folder, below, names in os.walk(top):
                below.sort()
                paths = [os.path.join(folder, name) for name in sorted(names)]
                kept = [path for path in paths if not os.path.islink(path) and wanted(path, os.path.getsize(path))]
                if kept:
                    folders.append(kept)
    rng.shuffle(folders)
    return [path for folder in folders for path in folder]


def swapped_letters(rng: random.Random) -> bytes:
    """Returns a translation table that swaps letters with letters and digits with digits."""
    table = bytearray(range(256))
    for alphabet in (string.ascii_lowercase, string.ascii_uppercase, string.digits):
        mixed = rng.sample(alphabet, len(alphabet))
        for before, after in zip(alphabet, mixed):
            table[ord(before)] = ord(after)
    return bytes(table)


def swapped_bytes(rng: random.Random) -> bytes:
    """Returns a translation table that swaps any byte but zero, which pads libraries."""
    return bytes([0, *rng.sample(range(1, 256), 255)])


def vocabulary(rng: random.Random, count: int) -> list[str]:
    """Returns pronounceable words."""
    consonants, vowels = "bcdfghjklmnpqrstv", "aeiou"
    words: dict[str, None] = {}
    while len(words) < count:
        syllables = rng.randint(1, 4)
        stem = "".join(rng.choice(consonants) + rng.choice(vowels) for _ in range(syllables))
        words[stem + rng.choice(("", "n", "s", "r"))] = None
    return list(words)


def zipf(count: int) -> list[float]:
    """Returns cumulative weights such that the n-th item is drawn in proportion to 1/n."""
    return list(itertools.accumulate(1 / (rank + 1) for rank in range(count)))


def text_model(rng: random.Random, byte_count: int = 16 << 20) -> bytes:
    """Returns source-like text: indented lines of phrases; files of it compress about as source code does."""
    words = vocabulary(rng, 6000)
    word_weights = zipf(len(words))
    phrases = [" ".join(rng.choices(words, cum_weights=word_weights, k=rng.randint(2, 7))) for _ in range(3000)]
    phrase_weights = zipf(len(phrases))
    ends = ["\n", ";\n", ",\n", " {\n", "\n\n", ");\n"]
    lines: list[str] = []
    size = 0
    while size < byte_count:
        indent = "    " * min(int(rng.expovariate(0.7)), 5)
        number = str(rng.randrange(1000)) if rng.random() < 0.2 else ""
        line = indent + phrases[bisect.bisect(phrase_weights, rng.random() * phrase_weights[-1])] + number + rng.choice(ends)
        lines.append(line)
        size += len(line)
    return "".join(lines).encode()


def library_model(rng: random.Random, byte_count: int = 32 << 20) -> bytes:
    """Returns library-like bytes: short instruction-like records, many of them alike, with random operands between."""
    records = [rng.randbytes(rng.randint(3, 14)) for _ in range(20_000)]
    weights = zipf(len(records))
    pieces: list[bytes] = []
    size = 0
    while size < byte_count:
        drawn = rng.choices(records, cum_weights=weights, k=64)
        drawn[::8] = [rng.randbytes(3) + b"\0" * rng.randint(1, 8) for _ in drawn[::8]]
        piece = b"".join(drawn)
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)
