"""A million files, for what depends on the number of files: folders of all widths, one of them very wide, one very deep."""

from __future__ import annotations

import random
from collections.abc import Iterator

from trees import originals
from trees.folder import TreeWriter, sizes

FILE_COUNT = 1_000_000
TOTAL_BYTES = 10_000_000_000
MEDIAN_BYTES = 4_000
# Below the smallest chunk of most programs: slices of one pool overlap, and only whole chunks could be found alike.
BYTES_MAX = 200_000
POOL_BYTES = 16_000_000
LABEL_BYTES = 16

WIDE_COUNT = 200_000
DEEP_COUNT = 1_000
DEEP_LEVELS = 60


def make(tree: TreeWriter, rng: random.Random, scale: float, real: bool) -> None:
    """Makes the tree: `scale` 1 is 1,000,000 files and 10 GB."""
    pool = memoryview(mixed_pool(rng, real))
    count = max(1, int(FILE_COUNT * scale))
    wanted = sizes(rng, count, int(TOTAL_BYTES * scale), MEDIAN_BYTES, BYTES_MAX)
    for (folder, number), size in zip(places(rng, count, scale), wanted):
        tree.folder(folder)
        tree.file_here(f"{folder}/{number:07}.dat", slice_of(rng, pool, number, size))


def slice_of(rng: random.Random, pool: memoryview, number: int, size: int) -> tuple[bytes, memoryview]:
    """Returns a label that no other file has, then a slice of the pool: together `size` bytes."""
    label = f"{number:0{LABEL_BYTES}}".encode()[-size:] if size else b""
    start = rng.randrange(len(pool) - BYTES_MAX)
    return label, pool[start : start + size - len(label)]


def mixed_pool(rng: random.Random, real: bool) -> bytes:
    """Returns text and random bytes in turn, so that slices compress, but not all as well."""
    source = originals.texts(rng, real)
    pieces: list[bytes] = []
    while sum(map(len, pieces)) < POOL_BYTES:
        pieces.append(source.take(rng.randrange(8_000, 80_000)))
        pieces.append(rng.randbytes(rng.randrange(2_000, 40_000)))
    return b"".join(pieces)


def places(rng: random.Random, count: int, scale: float) -> Iterator[tuple[str, int]]:
    """Yields each file's folder and number: a wide folder, a deep one, then folders of one to some hundred files."""
    wide = min(count, int(WIDE_COUNT * scale))
    deep = min(count - wide, int(DEEP_COUNT * scale))
    for number in range(wide):
        yield "wide", number
    for number in range(wide, wide + deep):
        yield "deep" + "/d" * (number % DEEP_LEVELS), number
    number, folder_number = wide + deep, 0
    while number < count:
        folder = f"mixed/{folder_number % 97:02}/{folder_number % 4_096:04x}/{folder_number}"
        for number in range(number, min(count, number + fan_out(rng))):
            yield folder, number
        number += 1
        folder_number += 1


def fan_out(rng: random.Random) -> int:
    """Returns how many files a folder gets: most have a few, some have hundreds."""
    return rng.choices((rng.randint(1, 4), rng.randint(5, 40), rng.randint(100, 900)), (60, 35, 5))[0]
