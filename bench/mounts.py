#!/usr/bin/env python3
"""Reads the same from mounted vaults of several programs, in turn, and compares: what `mount.sh` runs.

    mounts.py PLACE [--rounds 3] [--peers DIR] [--only NAME,NAME] [--json FILE]

PLACE/tree is kept once by each program in PLACE/NAME. Before each measure the vault is mounted anew, so that the kernel holds
nothing of it; vaults lie in memory. The first round compares what `cp -a` copied with the tree, byte by byte.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from race import tools  # noqa: E402
from race.process import Command  # noqa: E402
from race.tools import Tool, Turn  # noqa: E402

NAMES = ("beffroi", "restic", "borg")
LABEL = "measured"
FILM = "film.mp4"
PAGE = 4096
MEBIBYTE = 1 << 20
READY_SECONDS_MAX = 60.0
RANDOM_READS = 2000
SEEKS = 20
READERS = 64
READS_OF_A_READER = 30
SMALL_FILES = 20


@dataclass(frozen=True)
class Mounting:
    """How a program mounts, in the foreground, and where the tree is then."""

    command: Callable[[Turn, str], Command]
    tree: Callable[[Turn, str], str]


def beffroi_mount(turn: Turn, at: str) -> Command:
    identity = f"{turn.folder}/recovery.txt"
    return turn.command("--vault", turn.vault, "--identity", identity, "mount", at)


def restic_mount(turn: Turn, at: str) -> Command:
    return tools.restic(turn, "mount", at)


def borg_mount(turn: Turn, at: str) -> Command:
    return tools.borg(turn, "mount", "--foreground", f"::{LABEL}", at)


MOUNTINGS = {
    "beffroi": Mounting(beffroi_mount, lambda _, at: f"{at}/tree/latest"),
    "restic": Mounting(restic_mount, lambda turn, at: f"{at}/snapshots/latest{turn.tree}"),
    "borg": Mounting(borg_mount, lambda _, at: at),
}


@dataclass
class Shown:
    """A mounted vault: the program that answers, the tree, and how long it took."""

    process: subprocess.Popen[bytes]
    tree: str
    ready_seconds: float

    def peak_bytes(self) -> int:
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM:"))


def main() -> None:
    arguments = parse_arguments()
    place = os.path.realpath(arguments.place)
    names = arguments.only.split(",") if arguments.only else NAMES
    turns = {name: kept(tool_named(name), place, arguments.peers) for name in names}
    figures: dict[str, dict[str, list[float]]] = {name: {} for name in names}
    for round_number in range(arguments.rounds):
        for name in names:
            print(f"round {round_number + 1}, {name}; load {os.getloadavg()[0]:.1f}", file=sys.stderr)
            for row, value in measure(name, turns[name], compare=round_number == 0):
                figures[name].setdefault(row, []).append(value)
        if arguments.json:
            with open(arguments.json, "w", encoding="utf-8") as file:
                json.dump(figures, file, indent=1)
    medians = {name: {row: statistics.median(all_rounds) for row, all_rounds in rows.items()} for name, rows in figures.items()}
    print(table(medians))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Reads the same from mounted vaults of several programs.")
    parser.add_argument("place", help="where the tree is, and the vaults are made")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--peers", default="/opt/peers/bin", metavar="DIR", help="where the programs are, looked at before the PATH")
    parser.add_argument("--only", metavar="NAMES", help=f"only these of {', '.join(NAMES)}, separated by commas")
    parser.add_argument("--json", metavar="FILE", help="write all figures to this file")
    return parser.parse_args()


def tool_named(name: str) -> Tool:
    return next(tool for tool in tools.TOOLS if tool.name == name)


def kept(tool: Tool, place: str, peers: str) -> Turn:
    """Returns a vault that holds the tree; makes it if it is not there."""
    program = tools.find(tool, peers)
    if program is None:
        sys.exit(f"mounts: {tool.name} is neither in {peers} nor on the PATH")
    turn = Turn(program, f"{place}/tree", f"{place}/{tool.name}")
    if not os.path.exists(f"{turn.folder}/whole"):
        shutil.rmtree(turn.folder, ignore_errors=True)
        os.makedirs(f"{turn.folder}/home")
        for command in [*tool.prepare(turn), tool.backup(turn, LABEL)]:
            run(command)
        with open(f"{turn.folder}/whole", "w", encoding="ascii"):
            pass
    return turn


def run(command: Command) -> None:
    environment = {**os.environ, **command.environment}
    subprocess.run(command.words, env=environment, cwd=command.folder, check=True, stdout=subprocess.DEVNULL)


@contextlib.contextmanager
def mounted(name: str, turn: Turn) -> Iterator[Shown]:
    at = f"{turn.folder}/shown"
    os.makedirs(at, exist_ok=True)
    command = MOUNTINGS[name].command(turn, at)
    tree = MOUNTINGS[name].tree(turn, at)
    begun = time.perf_counter()
    process = subprocess.Popen(
        command.words, env={**os.environ, **command.environment}, cwd=command.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while not os.path.exists(f"{tree}/{FILM}"):
            if process.poll() is not None or time.perf_counter() - begun > READY_SECONDS_MAX:
                sys.exit(f"mounts: {name} does not mount: {' '.join(command.words)}")
            time.sleep(0.002)
        yield Shown(process, tree, time.perf_counter() - begun)
    finally:
        subprocess.run(["umount", at], check=False)
        process.wait()


def measure(name: str, turn: Turn, compare: bool) -> Iterator[tuple[str, float]]:
    """Yields rows and figures: seconds, milliseconds, MB/s or MB as the row says."""
    with mounted(name, turn) as shown:
        yield "ready, ms", shown.ready_seconds * 1000
        first = [first_byte(path) for path in small_files(turn, shown.tree)]
        yield "first byte of a small file, ms", statistics.median(first) * 1000
    for row, words in walks(turn):
        with mounted(name, turn) as shown:
            yield f"`{row}`, s", seconds_of([word.replace("TREE", shown.tree) for word in words])
            yield f"memory after `{row}`, MB", shown.peak_bytes() / 1e6
        if row == "cp -a":
            if compare and subprocess.run(["diff", "-r", "--no-dereference", turn.tree, f"{turn.folder}/copy"], check=False).returncode:
                sys.exit(f"mounts: what {name} shows is not the tree")
            shutil.rmtree(f"{turn.folder}/copy")
    for row, reads in READS.items():
        with mounted(name, turn) as shown:
            yield from reads(shown.tree)
            yield f"memory after {row}, MB", shown.peak_bytes() / 1e6
    begun = time.perf_counter()
    os.makedirs(turn.restored)
    run(tool_named(name).restore(turn, LABEL))
    yield "plain restore, s", time.perf_counter() - begun
    shutil.rmtree(turn.restored)


def walks(turn: Turn) -> list[tuple[str, list[str]]]:
    return [
        ("ls -lR", ["ls", "-lR", "TREE/"]),
        ("find -type f", ["find", "TREE/", "-type", "f"]),
        ("cp -a", ["cp", "-a", "TREE/", f"{turn.folder}/copy"]),
        ("grep -r", ["grep", "-r", "zymurgie", "TREE/doc/"]),
    ]


def seconds_of(words: list[str]) -> float:
    begun = time.perf_counter()
    ran = subprocess.run(words, check=False, stdout=subprocess.PIPE)
    seconds = time.perf_counter() - begun
    # grep ends with 1 when it finds nothing.
    if ran.returncode > (1 if words[0] == "grep" else 0):
        sys.exit(f"mounts: {' '.join(words)} ends with {ran.returncode}")
    return seconds


def small_files(turn: Turn, tree: str) -> list[str]:
    """Returns small files, each in another folder."""
    chosen = []
    for folder, _, files in sorted(os.walk(f"{turn.tree}/doc")):
        small = [file for file in sorted(files) if 0 < os.lstat(f"{folder}/{file}").st_size < 20_000 and not os.path.islink(f"{folder}/{file}")]
        if small:
            chosen.append(f"{tree}/{os.path.relpath(folder, turn.tree)}/{small[0]}")
    return random.Random(2).sample(chosen, SMALL_FILES)


def first_byte(path: str) -> float:
    begun = time.perf_counter()
    file = os.open(path, os.O_RDONLY)
    if len(os.read(file, 1)) != 1:
        sys.exit(f"mounts: {path} is empty")
    os.close(file)
    return time.perf_counter() - begun


def in_order(tree: str) -> Iterator[tuple[str, float]]:
    begun = time.perf_counter()
    read = 0
    buffer = bytearray(MEBIBYTE)
    with open(f"{tree}/{FILM}", "rb", buffering=0) as film:
        while count := film.readinto(buffer):
            read += count
    yield "a film in order, MB/s", read / (time.perf_counter() - begun) / 1e6


def timed_reads(tree: str, places: list[int], count: int) -> list[float]:
    film = os.open(f"{tree}/{FILM}", os.O_RDONLY)
    taken = []
    for place in places:
        begun = time.perf_counter()
        if len(os.pread(film, count, place)) != count:
            sys.exit(f"mounts: {count} bytes at {place} of {tree}/{FILM} cannot be read")
        taken.append((time.perf_counter() - begun) * 1000)
    os.close(film)
    return sorted(taken)


def random_places(tree: str, count: int, seed: int) -> list[int]:
    dice, pages = random.Random(seed), os.stat(f"{tree}/{FILM}").st_size // PAGE
    return [dice.randrange(pages - MEBIBYTE // PAGE) * PAGE for _ in range(count)]


def at_random(tree: str) -> Iterator[tuple[str, float]]:
    taken = timed_reads(tree, random_places(tree, RANDOM_READS, 3), PAGE)
    yield "4 KiB at random, median, ms", statistics.median(taken)
    yield "4 KiB at random, 99 of 100, ms", taken[len(taken) * 99 // 100]


def seeking(tree: str) -> Iterator[tuple[str, float]]:
    taken = timed_reads(tree, random_places(tree, SEEKS, 4), MEBIBYTE)
    yield "a player seeks (1 MiB), median, ms", statistics.median(taken)
    yield "a player seeks (1 MiB), worst, ms", taken[-1]


def together(read: Callable[[int], None]) -> float:
    threads = [threading.Thread(target=read, args=(number,)) for number in range(READERS)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - begun


def crowd_of_files(tree: str) -> Iterator[tuple[str, float]]:
    files = sorted(entry.path for entry in os.scandir(f"{tree}/lib") if entry.is_file())
    chosen = random.Random(5).sample(files, READERS)

    def read(number: int) -> None:
        with open(chosen[number], "rb", buffering=0) as file:
            while file.read(MEBIBYTE):
                pass

    yield f"{READERS} readers, a file each, s", together(read)


def crowd_at_random(tree: str) -> Iterator[tuple[str, float]]:
    places = [random_places(tree, READS_OF_A_READER, 100 + number) for number in range(READERS)]
    yield f"{READERS} readers at random places of the film, s", together(lambda number: timed_reads(tree, places[number], PAGE) and None)


READS: dict[str, Callable[[str], Iterator[tuple[str, float]]]] = {
    "a film in order": in_order,
    "4 KiB at random": at_random,
    "seeking": seeking,
    f"{READERS} readers, a file each": crowd_of_files,
    f"{READERS} readers at random": crowd_at_random,
}


def table(medians: dict[str, dict[str, float]]) -> str:
    """Makes a table, with how many times better the first program is than each other."""
    names = list(medians)
    lines = [
        "| | " + " | ".join([*names, *(f"{name} : {names[0]}" for name in names[1:])]) + " |",
        "| --- |" + " ---: |" * (2 * len(names) - 1),
    ]
    for row, own in medians[names[0]].items():
        values = [medians[name][row] for name in names]
        factors = [own / value if row.endswith("MB/s") else value / own for value in values[1:]]
        lines.append(f"| {row} | " + " | ".join([*map(rounded, values), *(f"{factor:.1f}" for factor in factors)]) + " |")
    return "\n".join(lines)


def rounded(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}"


if __name__ == "__main__":
    main()
