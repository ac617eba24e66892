"""A few large files: libraries, something that does not compress, something that repeats itself."""

from __future__ import annotations

import random
from collections.abc import Iterator

from trees import originals
from trees.folder import TreeWriter, sizes

LIBRARY_COUNT = 100
LIBRARY_TOTAL_BYTES = 1_490_000_000
LIBRARY_MEDIAN_BYTES = 6_000_000
LIBRARY_BYTES_MAX = 160_000_000
RANDOM_BYTES = 700_000_000
REPEATED_BYTES = 300_000_000
REPEATED_BLOCK_BYTES = 1_000_000


def make(tree: TreeWriter, rng: random.Random, scale: float, real: bool) -> None:
    """Makes the tree: `scale` 1 is 102 files and 2.49 GB."""
    source = originals.libraries(rng, real)
    median = max(1, int(LIBRARY_MEDIAN_BYTES * scale))
    largest = max(1, int(LIBRARY_BYTES_MAX * scale))
    for number, size in enumerate(sizes(rng, LIBRARY_COUNT, int(LIBRARY_TOTAL_BYTES * scale), median, largest)):
        tree.file(f"lib/toolchain-{number % 4}/lib{number:03}.rlib", source.pieces(size), mode=0o755)
    tree.file("images/random.img", random_pieces(rng, int(RANDOM_BYTES * scale)))
    tree.file("images/repeated.img", repeated_pieces(rng, int(REPEATED_BYTES * scale)))


def random_pieces(rng: random.Random, byte_count: int) -> Iterator[bytes]:
    """Yields bytes that nothing compresses."""
    while byte_count > 0:
        piece = rng.randbytes(min(byte_count, originals.PIECE_BYTES))
        byte_count -= len(piece)
        yield piece


def repeated_pieces(rng: random.Random, byte_count: int) -> Iterator[bytes]:
    """Yields one block again and again."""
    block = rng.randbytes(REPEATED_BLOCK_BYTES)
    while byte_count > 0:
        piece = block[:byte_count]
        byte_count -= len(piece)
        yield piece
