#!/usr/bin/env python3
"""Measures Beffroi and its peers on one tree, in turn: A B C, A B C, …

    side_by_side.py TREE [--rounds 3] [--peers DIR] [--only NAME,NAME] [--often NAME,NAME] [--keep] [--vaults DIR] [--json FILE]

Each turn has new folders and runs: a first backup, one of the unchanged tree, one after a change to one file, a
restore to an empty folder. The tree is read once beforehand, so it comes from memory if it fits. In the first round each
restored tree is compared with the original. A program that is missing is an error; `--only` says which ones to run.
The change is made to one file of the tree itself and taken back at the end of the turn.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from race import process, report, tools  # noqa: E402
from race.report import Result  # noqa: E402
from race.tools import Tool, Turn  # noqa: E402

READ_BYTES = 1 << 20
CHANGE = b" changed by side_by_side "
DIFFERENCES_SHOWN = 10


class RestoreDiffers(Exception):
    """A restored tree is not the tree that was backed up."""


def main() -> None:
    arguments = parse_arguments()
    try:
        measure_and_report(arguments)
    except (OSError, process.CommandFailed, RestoreDiffers) as error:
        sys.exit(f"side_by_side: {error}")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measures Beffroi and its peers on one tree, in turn.")
    parser.add_argument("tree", help="the folder to back up; it must be writable")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--peers", metavar="DIR", help="where the programs are, looked at before the PATH")
    parser.add_argument("--only", metavar="NAMES", help="run only these, separated by commas")
    parser.add_argument("--often", metavar="NAMES", help="the others run in the first round only")
    parser.add_argument("--keep", action="store_true", help="delete vaults and restored trees at the end, not after each turn")
    parser.add_argument("--vaults", default="/dev/shm", metavar="DIR", help="where vaults and restored trees go (default: /dev/shm)")
    parser.add_argument("--json", metavar="FILE", help="write everything measured to this file")
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        parser.error("--rounds must be at least 1")
    return arguments


def measure_and_report(arguments: argparse.Namespace) -> None:
    programs = found_programs(arguments.only, arguments.peers)
    tree = os.path.realpath(arguments.tree)
    process.adopt_orphans()
    facts = {
        "machine": machine(),
        "tree": read_once(tree),
        "vaults": arguments.vaults,
        "versions": {tool.name: version(tool, program) for tool, program in programs},
        "peak_floor_bytes": process.peak_floor_bytes(),
    }
    refuse_small_room(arguments.vaults, facts["tree"]["bytes"])
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="side-by-side-", dir=arguments.vaults) as place:
        for round_number in range(1, arguments.rounds + 1):
            for tool, program in programs:
                if round_number > 1 and arguments.often and tool.name not in arguments.often.split(","):
                    continue
                say(f"round {round_number} of {arguments.rounds}: {tool.name} (load {os.getloadavg()[0]:.1f})")
                results.append(turn(tool, Turn(program, tree, f"{place}/{tool.name}-{round_number}"), round_number))
                if not arguments.keep:
                    shutil.rmtree(f"{place}/{tool.name}-{round_number}")
    print_report(facts, results, arguments.rounds)
    if arguments.json:
        write_json(arguments.json, facts, results)


def found_programs(only: str | None, folder: str | None) -> list[tuple[Tool, str]]:
    """Returns the programs to run, or ends with the names of those that are unknown or missing."""
    wanted = only.split(",") if only else [tool.name for tool in tools.TOOLS]
    unknown = set(wanted) - {tool.name for tool in tools.TOOLS}
    if unknown:
        sys.exit(f"side_by_side: unknown in --only: {', '.join(sorted(unknown))}")
    programs = [(tool, tools.find(tool, folder)) for tool in tools.TOOLS if tool.name in wanted]
    missing = [tool.name for tool, program in programs if program is None]
    if missing:
        sys.exit(f"side_by_side: not found: {', '.join(missing)} (see get-peers.sh; or name the others with --only)")
    return [(tool, program) for tool, program in programs if program is not None]


def turn(tool: Tool, place: Turn, round_number: int) -> Result:
    """Runs all steps of one program in its own folder."""
    for folder in (place.folder, place.state, place.restored, f"{place.folder}/home"):
        os.makedirs(folder, mode=0o700)
    for command in tool.prepare(place):
        process.run(command)
    steps = {"first": process.run(tool.backup(place, "first"))}
    stored = bytes_below(place.vault)
    steps["unchanged"] = process.run(tool.backup(place, "unchanged"))
    with changed_file(place.tree):
        steps["one-file-change"] = process.run(tool.backup(place, "change"))
        stored_after_change = bytes_below(place.vault)
        steps["restore"] = process.run(tool.restore(place, "change"))
        if round_number == 1:
            say(f"  {tool.name}: {compared(place)}")
    return Result(tool.name, round_number, steps, stored, stored_after_change)


@contextlib.contextmanager
def changed_file(tree: str) -> Iterator[None]:
    """Overwrites some bytes in the middle of one file of the tree, and puts them back."""
    path = file_to_change(tree)
    before = os.stat(path)
    middle = (before.st_size - len(CHANGE)) // 2
    # Little memory: what this runner ever held would count as the measured programs' peak.
    with open(path, "r+b", buffering=0) as file:
        original = os.pread(file.fileno(), len(CHANGE), middle)
        os.pwrite(file.fileno(), CHANGE, middle)
        try:
            yield
        finally:
            os.pwrite(file.fileno(), original, middle)
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def file_to_change(tree: str) -> str:
    """Picks a file by a checksum of its path: the same tree gives the same file."""
    fit = (entry.path for entry in files_below(tree) if entry.stat(follow_symlinks=False).st_size >= len(CHANGE))
    chosen = min(fit, key=lambda path: zlib.crc32(os.fsencode(os.path.relpath(path, tree))), default=None)
    if chosen is None:
        raise FileNotFoundError(f"{tree} has no file of at least {len(CHANGE)} bytes to change")
    return chosen


def compared(place: Turn) -> str:
    """Compares the restored tree with the original: content must be the same; how many dates and modes differ is told."""
    restored = restored_root(place)
    words = ["diff", "-r", "--no-dereference", place.tree, restored]
    difference = subprocess.run(words, capture_output=True, text=True, errors="replace", check=False)
    if difference.returncode != 0:
        shown = "\n".join((difference.stdout + difference.stderr).splitlines()[:DIFFERENCES_SHOWN])
        raise RestoreDiffers(f"{place.program}: the restored tree differs:\n{shown}")
    if shutil.which("rsync") is None:
        return "restored content is the same (dates and modes not compared: rsync is missing)"
    words = ["rsync", "--dry-run", "--itemize-changes", "-rlpt", f"{place.tree}/", f"{restored}/"]
    listed = subprocess.run(words, capture_output=True, text=True, errors="replace", check=True).stdout.splitlines()
    example = f", such as {listed[0]}" if listed else ""
    return f"restored content is the same; dates or modes differ on {len(listed)} entries{example}"


def restored_root(place: Turn) -> str:
    """Returns where the tree's top is: programs restore a folder as itself, by its name, or by its whole path."""
    top = sorted(os.listdir(place.tree))
    for candidate in (place.restored, f"{place.restored}/{os.path.basename(place.tree)}", place.restored + place.tree):
        if os.path.isdir(candidate) and sorted(os.listdir(candidate)) == top:
            return candidate
    raise RestoreDiffers(f"{place.program}: {place.restored} does not hold the entries of {place.tree}")


def files_below(folder: str) -> Iterator[os.DirEntry]:
    """Yields all regular files below a folder."""
    waiting = [folder]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif entry.is_file(follow_symlinks=False):
                    yield entry


def bytes_below(folder: str) -> int:
    return sum(entry.stat(follow_symlinks=False).st_size for entry in files_below(folder))


def read_once(tree: str) -> dict:
    """Reads every file, so that the first program to run has no colder cache than the others; counts them."""
    say(f"reading {tree} once")
    file_count = byte_count = 0
    for entry in files_below(tree):
        file_count += 1
        with open(entry.path, "rb", buffering=0) as file:
            while piece := file.read(READ_BYTES):
                byte_count += len(piece)
    if file_count == 0:
        raise FileNotFoundError(f"{tree} has no files")
    return {"path": tree, "files": file_count, "bytes": byte_count}


def refuse_small_room(vaults: str, tree_bytes: int) -> None:
    # A turn holds a vault and a restored tree at once; neither is much larger than the tree.
    room = shutil.disk_usage(vaults).free
    if room < 2.2 * tree_bytes:
        raise OSError(f"{vaults} has {room} bytes free; a vault and a restored tree need about {int(2.2 * tree_bytes)}")


def version(tool: Tool, program: str) -> str:
    said = subprocess.run([program, *tool.version], capture_output=True, text=True, check=False)
    return (said.stdout + said.stderr).strip().split("\n")[0]


def machine() -> dict:
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        models = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": models[0] if models else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": memory_bytes,
        "kernel": platform.release(),
        "load_at_start": os.getloadavg()[0],
    }


def print_report(facts: dict, results: list[Result], rounds: int) -> None:
    tree, computer = facts["tree"], facts["machine"]
    middle = report.medians(results)
    print(f"{os.path.basename(tree['path'])}: {tree['files']} files, {tree['bytes'] / 1e9:.2f} GB.")
    print(f"Medians of {rounds} round(s), warm cache, vaults in {facts['vaults']}.")
    print(f"{computer['processor']}, {computer['cores']} cores; load at the start {computer['load_at_start']:.1f}.")
    floor_mib = facts["peak_floor_bytes"] / report.MEBIBYTE
    print(f"Peaks are of the largest process; a program that does nothing shows {floor_mib:.0f} MiB.")
    print("Versions: " + "; ".join(facts["versions"].values()) + ".\n")
    print(report.table(middle))
    against = report.ratios(middle)
    if against:
        print("\nBeffroi divided by each peer (below 1, Beffroi takes less):\n")
        print(report.table(against, ".2f"))
    else:
        print("\nNo ratios: beffroi did not run.")


def write_json(path: str, facts: dict, results: list[Result]) -> None:
    middle = report.medians(results)
    everything = {
        **facts,
        "rounds": [dataclasses.asdict(result) for result in results],
        "medians": middle,
        "ratios": report.ratios(middle),
    }
    with open(path, "w", encoding="utf-8") as file:
        json.dump(everything, file, indent=2)
        file.write("\n")


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
