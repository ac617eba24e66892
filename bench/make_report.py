#!/usr/bin/env python3
"""Measures everything and writes bench/REPORT.md: peers, floor, syncs, and whether the bars are met.

    make_report.py --peers DIR [--rounds 3] [--memory /dev/shm] [--disk /var/tmp] [--out bench/REPORT.md]

Needs beffroi and the `floor` example built in release (see bench/README.md), strace, and 12 GB of free memory, 40 GB of
disk. The trees are made anew in `--memory`. Takes about an hour; nothing else should run.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from race import report, syncs, tools  # noqa: E402

TREES = ("small", "large")
FLOOR_FACTOR = 1.25
PEAK_BYTES_MAX = 128 << 20
STORED_FACTOR = 1.02
# Which programs run in every round. The bars compare these; the others run once.
OFTEN = ("beffroi", "bupstash")
# Share of bupstash's time that Beffroi may take at most.
BARS = {
    ("small", "first"): 0.50,
    ("small", "unchanged"): 0.60,
    ("small", "restore"): 0.40,
    ("large", "first"): 0.60,
    ("large", "restore"): 0.35,
}


def main() -> None:
    arguments = parse_arguments()
    cores = len(os.sched_getaffinity(0))
    sections = []
    with tempfile.TemporaryDirectory(prefix="report-trees-", dir=arguments.memory) as trees:
        for name in TREES:
            tree = f"{trees}/{name}"
            run([f"{HERE}/make_trees.py", name, "--to", tree])
            sections.append(of_tree(arguments, name, tree, cores))
            shutil.rmtree(tree)
    with open(arguments.out, "w", encoding="utf-8") as file:
        file.write(HEAD.format(command=command_line(arguments), commit=commit()) + "\n".join(sections))
    print(f"written: {arguments.out}")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measures everything and writes bench/REPORT.md.")
    parser.add_argument("--peers", required=True, metavar="DIR", help="where the other programs are")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--memory", default="/dev/shm", metavar="DIR", help="a folder on a tmpfs (default: /dev/shm)")
    parser.add_argument("--disk", default="/var/tmp", metavar="DIR", help="a folder on a disk (default: /var/tmp)")
    parser.add_argument("--floor", default=f"{HERE}/../target/release/examples/floor", metavar="PROGRAM")
    parser.add_argument("--out", default=f"{HERE}/REPORT.md", metavar="FILE")
    arguments = parser.parse_args()
    for program in (arguments.floor, shutil.which("strace") or "strace", shutil.which("beffroi") or "beffroi"):
        if not os.access(program, os.X_OK):
            sys.exit(f"make_report: {program} is missing (see bench/README.md)")
    return arguments


def of_tree(arguments: argparse.Namespace, name: str, tree: str, cores: int) -> str:
    """Measures one tree on both media and returns its part of the report."""
    parts = [f"## {name}\n"]
    for medium, folder in (("memory", arguments.memory), ("disk", arguments.disk)):
        # Making files is slow on ext4 for minutes after many were deleted: it passes over inodes that were freed just now.
        keep = (name, medium) == ("small", "disk")
        floors = Floors([], [], [])
        for _ in range(arguments.rounds):
            floors.measure(arguments.floor, tree, folder, cores)
            if not keep:
                floors.delete()
        measured = side_by_side(arguments, tree, folder, keep)
        floors.measure(arguments.floor, tree, folder, cores)
        floors.delete()
        parts.append(of_medium(name, medium, measured, floors, cores))
    parts.append(of_syncs(arguments, tree))
    return "\n".join(parts)


def side_by_side(arguments: argparse.Namespace, tree: str, folder: str, keep: bool) -> dict:
    with tempfile.NamedTemporaryFile("r", suffix=".json") as file:
        words = [f"{HERE}/side_by_side.py", tree, "--peers", arguments.peers, "--rounds", str(arguments.rounds)]
        words += ["--often", ",".join(OFTEN)]
        words += ["--keep"] if keep else []
        run([*words, "--vaults", folder, "--json", file.name])
        return json.load(file)


@dataclass
class Floors:
    """What one core needs for each stage: while the others rest, and while each of them does the same."""

    alone: list[dict]
    busy: list[dict]
    places: list[str]

    def measure(self, program: str, tree: str, folder: str, cores: int) -> None:
        for count, measured in ((1, self.alone), (cores, self.busy)):
            places = [tempfile.mkdtemp(prefix="report-floor-", dir=folder) for _ in range(count)]
            measured += floors_at_once(program, tree, places)
            self.places += places

    def delete(self) -> None:
        while self.places:
            shutil.rmtree(self.places.pop())


def floors_at_once(program: str, tree: str, places: list[str]) -> list[dict]:
    running = [subprocess.Popen([program, tree, place], stdout=subprocess.PIPE, text=True) for place in places]
    said = [process.communicate()[0] for process in running]
    return [json.loads(text) for text in said]


def of_medium(name: str, medium: str, measured: dict, floors: Floors, cores: int) -> str:
    middle = measured["medians"]
    facts = measured["tree"]
    computer = measured["machine"]
    head = (
        f"### Vaults and restored trees in {medium} ({measured['vaults']})\n\n{facts['files']} files, {facts['bytes'] / 1e9:.2f} GB, "
        f"medians of {max(one['round'] for one in measured['rounds'])} rounds in turn, of one for all but {' and '.join(OFTEN)}. {computer['processor']}, {computer['cores']} cores, "
        f"kernel {computer['kernel']}, load at the start {computer['load_at_start']:.1f}. Versions: {'; '.join(measured['versions'].values())}. "
        f"A program that does nothing shows a peak of {measured['peak_floor_bytes'] / report.MEBIBYTE:.0f} MiB.\n"
    )
    ratios = "Beffroi divided by each peer:\n\n" + report.table(measured["ratios"], ".2f")
    floor_table = "Floor, seconds of one core (medians), while the other cores rest; and the sum while each does the same:\n\n" + floor_lines(floors, cores)
    return "\n\n".join([head.rstrip(), report.table(middle), ratios, floor_table, bars(name, middle, floors, cores)]) + "\n"


def floor_lines(floors: Floors, cores: int) -> str:
    lines = [f"| step | stages | sum | over {cores} cores | sum, all cores busy | over {cores} cores |", "| --- | --- | ---: | ---: | ---: | ---: |"]
    for step in ("first", "unchanged", "restore"):
        stages = ", ".join(f"{stage} {middle_of(floors.alone, step, stage):.2f}" for stage in floors.alone[0][step] if stage != "sum")
        alone, busy = (middle_of(some, step, "sum") for some in (floors.alone, floors.busy))
        lines.append(f"| {step} | {stages} | {alone:.2f} | {alone / cores:.2f} | {busy:.2f} | {busy / cores:.2f} |")
    return "\n".join(lines)


def middle_of(floors: list[dict], step: str, stage: str) -> float:
    return statistics.median(one[step][stage] for one in floors)


def bars(name: str, middle: dict, floors: Floors, cores: int) -> str:
    """Returns a table of what was asked and what was measured."""
    ours, bupstash = middle["beffroi"], middle["bupstash"]
    lines = ["| bar | measured | floor / cores × 1.25, s | the same, all cores busy | met |", "| --- | ---: | ---: | ---: | --- |"]
    for (tree, step), share_max in BARS.items():
        if tree != name:
            continue
        wall, share = ours[f"{step}, s"], ours[f"{step}, s"] / bupstash[f"{step}, s"]
        limit, busy = (FLOOR_FACTOR * middle_of(some, step, "sum") / cores for some in (floors.alone, floors.busy))
        holds = (("share", share <= share_max), ("floor", wall <= limit), ("floor of busy cores", wall <= busy))
        met = " and ".join([word for word, true in holds if true]) or "no"
        lines.append(f"| {step}: ≤ {share_max:.2f} of bupstash's time | {share:.2f} ({wall:.2f} s) | {limit:.2f} | {busy:.2f} | {met} |")
    peak = max(number for measure, number in ours.items() if measure.endswith("peak MiB"))
    met = "yes" if peak <= PEAK_BYTES_MAX / report.MEBIBYTE else "no"
    lines.append(f"| peak memory ≤ 128 MiB in every step | {peak:.0f} MiB | | | {met} |")
    smallest = min(numbers["stored, MiB"] for tool, numbers in middle.items() if tool != "beffroi")
    share = ours["stored, MiB"] / smallest
    lines.append(f"| stored ≤ {STORED_FACTOR} × the smallest peer | {share:.3f} | | | {'yes' if share <= STORED_FACTOR else 'no'} |")
    return "\n".join(lines)


def of_syncs(arguments: argparse.Namespace, tree: str) -> str:
    lines = ["### Calls that make something durable, on disk\n", "| program | first | restore |", "| --- | --- | --- |"]
    with tempfile.TemporaryDirectory(prefix="report-syncs-", dir=arguments.disk) as place:
        for tool in tools.TOOLS:
            program = tools.find(tool, arguments.peers)
            counts = syncs.of_backup_and_restore(tool, program, tree, place)
            cells = [", ".join(f"{count} {call}" for call, count in step.items()) or "none" for step in counts.values()]
            lines.append(f"| {tool.name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def run(words: list[str]) -> None:
    print("$ " + " ".join(words), file=sys.stderr, flush=True)
    subprocess.run([sys.executable, *words], check=True, stdout=sys.stderr)


def command_line(arguments: argparse.Namespace) -> str:
    return f"bench/make_report.py --peers {arguments.peers} --rounds {arguments.rounds}"


def commit() -> str:
    said = subprocess.run(["git", "-C", HERE, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return said.stdout.strip() or "unknown"


HEAD = """# Report

Written by `{command}` at commit {commit}; what is measured and how is in [README.md](README.md). Ratios count; seconds depend on the
machine and on what else it does.

"""

if __name__ == "__main__":
    main()
