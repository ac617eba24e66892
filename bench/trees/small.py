"""Many small files, like the sources of packages with their documentation and translations."""

from __future__ import annotations

import random
from collections import deque

from trees import originals
from trees.folder import TreeWriter, sizes

FILE_COUNT = 91_283
TOTAL_BYTES = 1_470_000_000
MEDIAN_BYTES = 3_900
BYTES_MAX = 6_000_000
# Licences, and files that two versions of a package share, come again and again in such trees.
COPY_SHARE = 0.25
COPY_BYTES_MAX = 100_000
COPIES_KEPT = 400
LINK_SHARE = 0.002

KINDS = (
    ("registry/{a}-{n}.{m}.{k}", ("src", "src/{b}", "tests", "benches", "."), (".rs", ".rs", ".rs", ".toml", ".md", ".json")),
    ("doc/{a}-{b}", (".", "examples", "html"), ("", ".txt", ".html", ".md")),
    ("perl/{a}", (".", "{b}", "{b}/{c}"), (".pm", ".pm", ".pod", ".pl")),
    ("locale/{a}", ("LC_MESSAGES",), (".mo",)),
)
KIND_WEIGHTS = (66, 18, 8, 8)


def make(tree: TreeWriter, rng: random.Random, scale: float, real: bool) -> None:
    """Makes the tree: `scale` 1 is 91,283 files and 1.47 GB."""
    source = originals.texts(rng, real)
    words = originals.vocabulary(rng, 4000)
    wanted = sizes(rng, max(1, int(FILE_COUNT * scale)), int(TOTAL_BYTES * scale), MEDIAN_BYTES, BYTES_MAX)
    contents = Contents(rng, source)
    folder, ending_choices, left = "", (".rs",), 0
    for number, size in enumerate(wanted):
        if left == 0:
            folder, ending_choices = package_folder(rng, words, number)
            left = 1 + int(rng.expovariate(1 / 9))
        left -= 1
        path = f"{folder}/{rng.choice(words)}_{number}{rng.choice(ending_choices)}"
        tree.file(path, contents.next(size), mode=0o755 if rng.random() < 0.01 else 0o644)
        if rng.random() < LINK_SHARE:
            tree.link(f"{folder}/link_{number}", path.rsplit("/", 1)[1])


class Contents:
    """Gives each file new content, or sometimes that of an earlier file. Large files even out the total."""

    def __init__(self, rng: random.Random, source: originals.Originals) -> None:
        self._rng = rng
        self._source = source
        self._recent: deque[bytes] = deque(maxlen=COPIES_KEPT)
        self._owed_bytes = 0

    def next(self, size: int) -> bytes:
        if self._recent and size <= COPY_BYTES_MAX and self._rng.random() < COPY_SHARE:
            copy = self._rng.choice(self._recent)
            self._owed_bytes += size - len(copy)
            return copy
        if size > COPY_BYTES_MAX:
            size, self._owed_bytes = max(COPY_BYTES_MAX, size + self._owed_bytes), 0
            return self._source.take(size)
        fresh = self._source.take(size)
        self._recent.append(fresh)
        return fresh


def package_folder(rng: random.Random, words: list[str], number: int) -> tuple[str, tuple[str, ...]]:
    top, below, endings = rng.choices(KINDS, KIND_WEIGHTS)[0]
    fill = {
        "a": f"{rng.choice(words)}{number}",
        "b": rng.choice(words),
        "c": rng.choice(words),
        "n": rng.randrange(4),
        "m": rng.randrange(30),
        "k": rng.randrange(20),
    }
    return f"{top}/{rng.choice(below)}".format(**fill).removesuffix("/."), endings
