#!/usr/bin/env python3
"""Makes a tree of files to measure backups on.

    make_trees.py small|large|office|million --to DIR [--seed N] [--scale F] [--originals real|none]

The same seed gives the same tree on the same machine. `small`, `large` and `million` borrow content from real files
of this machine where they can; with `--originals none` they do without, and the tree is the same on all machines
with the same Python.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from trees import large, million, office, small  # noqa: E402
from trees.folder import TreeWriter  # noqa: E402

MAKERS = {"small": small.make, "large": large.make, "office": office.make, "million": million.make}


def main() -> None:
    arguments = parse_arguments()
    if arguments.scale <= 0:
        sys.exit("make_trees: --scale must be above 0")
    rng = random.Random(f"{arguments.tree} {arguments.seed}")
    begin = time.monotonic()
    try:
        tree = TreeWriter(arguments.to, rng)
        MAKERS[arguments.tree](tree, rng, arguments.scale, arguments.originals == "real")
    except OSError as error:
        sys.exit(f"make_trees: {error}")
    seconds = time.monotonic() - begin
    print(f"{arguments.tree}: {tree.file_count} files, {tree.byte_count} bytes in {arguments.to} ({seconds:.1f} s)")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Makes a tree of files to measure backups on.")
    parser.add_argument("tree", choices=sorted(MAKERS))
    parser.add_argument("--to", required=True, metavar="DIR", help="a folder which is new or empty")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--scale", type=float, default=1.0, metavar="F", help="1 is the full size, 0.01 a hundredth")
    parser.add_argument("--originals", choices=("real", "none"), default="real", help="borrow content from this machine's files")
    return parser.parse_args()


if __name__ == "__main__":
    main()
