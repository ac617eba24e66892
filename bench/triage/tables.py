#!/usr/bin/env python3
"""Makes the tables of `docs/triage.md` of what `bench-triage` measured.

    tables.py CORPUS RESULTS… [--into docs/triage.md] [--misses FILE]

Without `--into` they are printed. `--misses` gets every miss, a line each.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from report import bounds, lines, regions  # noqa: E402
from report.lines import Run, Trial  # noqa: E402

BEGIN, END = "<!-- figures: begin -->\n", "<!-- figures: end -->\n"


def main() -> None:
    arguments = parse_arguments()
    run = lines.read(arguments.corpus, arguments.results)
    parts = [corpus(run), bars(run), halves(run), by_kind(run), by_profile(run), work(run), program(run), broken(run), misses(run, arguments.corpus)]
    text = "\n".join(parts)
    if arguments.misses:
        with open(arguments.misses, "w", encoding="utf-8") as out:
            out.writelines(miss_line(trial, arguments.corpus) for trial in missed(run))
    if not arguments.into:
        print(text)
        return
    with open(arguments.into, encoding="utf-8") as page:
        head, rest = page.read().split(BEGIN)
    with open(arguments.into, "w", encoding="utf-8") as page:
        page.write(head + BEGIN + text + END + rest.split(END)[1])


def corpus(run: Run) -> str:
    """What the files are, and what triage says of them before anything happens."""
    kinds = defaultdict(list)
    for file in run.files.values():
        kinds[file.kind].append(file)
    rows = []
    for kind, files in sorted(kinds.items(), key=lambda item: -len(item[1])):
        sorts, states = Counter(file.sort for file in files), Counter(file.finding for file in files if file.sort == "real")
        others = ", ".join(f"{count} {name}" for name, count in sorted(states.items()) if name not in ("valid", "protected", "unknown"))
        rows.append((kind, sorts["real"], sorts["made"], sorts["cut"] + sorts["named"], states["valid"], states["protected"], states["unknown"], others or "–"))
    title = f"### The files\n\n{len(run.files)} distinct files, {sum(file.sort == 'real' for file in run.files.values())} of them real, {len(kinds)} kinds. What triage says of the real ones as they are:\n"
    return title + table(("kind", "real", "made", "broken here", "valid", "protected", "unknown", "not sound"), rows)


def bars(run: Run) -> str:
    """The bars, over real files that are sound or of which nothing is known."""
    rows = [bar(run, *rule) for rule in RULES]
    moved = [trial for trial in run.trials if trial.profile in lines.RENAMED_WHOLLY and trial.file.sort == "real"]
    told = sum(trial.is_told() for trial in moved)
    files = len({trial.file.path for trial in moved})
    rows.append(("nothing left of the name: told as hurt or as gone", files, len(moved), percent(told / max(1, len(moved))), f"at least {percent(bounds.lower(told * files // max(1, len(moved)), files))}", "–", "–"))
    said = [told for told in run.touched if told["desk"] == "damaged" or told["agent"] == "damaged" or "renamed" in told["desk"] + told["agent"]]
    touched = {told["path"] for told in run.touched}
    rows.append(("sound files called damaged by ordinary work", len(touched), len(run.touched), f"{len(said)} wrong", f"at most {percent(bounds.upper(len({told['path'] for told in said}), len(touched)))}", "0", holds(not said)))
    rang = [job for job in run.jobs if job["alarm"] == 2]
    rows.append(("alarms in ordinary work", len(run.jobs), len(run.jobs), f"{len(rang)} rang", "–", "0", holds(not rang)))
    unknown = [file for file in run.files.values() if file.sort == "real" and file.finding == "unknown"]
    real = [file for file in run.files.values() if file.sort == "real"]
    rows.append(("files of which nothing can be said", len(real), len(real), percent(len(unknown) / max(1, len(real))), f"at most {percent(bounds.upper(len(unknown), len(real)))}", "≤ 0.5 %", holds(len(unknown) <= 0.005 * len(real))))
    return "### The bars\n" + table(("figure", "distinct files", "trials", "found", "95 %", "bar", "holds"), rows)


def bar(run: Run, name: str, least: float, fits: Callable[[Trial], bool], by: str = "desk") -> tuple:
    trials = [trial for trial in run.trials if trial.file.sort == "real" and trial.file.finding != "unknown" and trial.file.is_sound and counts(trial, fits)]
    if by == "media":
        trials = [trial for trial in run.trials if trial.file.sort == "real" and counts(trial, fits)]
    share, low, files = figure(trials)
    return (name, files, len(trials), percent(share), f"at least {percent(low)}", f"≥ {percent(least)}", holds(share >= least))


def counts(trial: Trial, fits: Callable[[Trial], bool]) -> bool:
    """Tells whether a bar speaks of a trial. Files of which nothing is left of the name are told as gone, in a row of their own."""
    return trial.profile not in lines.RENAMED_WHOLLY and fits(trial)


def is_text_found(trial: Trial) -> bool:
    return trial.file.group in ("summed", "text") and trial.changed >= 16 and trial.run_bytes >= 8


def is_not_emptied(trial: Trial) -> bool:
    return trial.profile != "cut-to-nothing"


# The bars of the design, as what each asks of which trials.
RULES = (
    ("checksummed ranges and Unicode text, 16 bytes or more", 0.999, is_text_found),
    ("the same without files that were emptied: an empty text is told as suspect", 0.999, lambda trial: is_text_found(trial) and is_not_emptied(trial)),
    ("the same without these and without letters made of letters", 0.999, lambda trial: is_text_found(trial) and is_not_emptied(trial) and trial.profile not in ("low-bits", "one-bit")),
    ("text in code pages, 64 bytes or more", 0.999, lambda trial: trial.file.group == "code page" and trial.changed >= 64 and trial.run_bytes >= 32),
    ("the same without files that were emptied", 0.999, lambda trial: trial.file.group == "code page" and trial.changed >= 64 and trial.run_bytes >= 32 and is_not_emptied(trial)),
    ("other structured kinds, 4 KiB or more", 0.99, lambda trial: trial.file.group == "structured" and trial.changed >= 4096),
    ("media and opaque kinds, in place", 0.99, lambda trial: trial.file.group == "media" and trial.deed == "encrypted", "media"),
    ("encoded cipher text", 0.95, lambda trial: trial.profile in lines.ENCODED),
)


def halves(run: Run) -> str:
    """The same bars on both halves: rules were looked at on the first alone."""
    rows = []
    for name, _, fits, *_ in RULES:
        row = [name]
        for half in ("chosen", "held"):
            trials = [trial for trial in run.trials if trial.file.half == half and trial.file.sort == "real" and (trial.file.is_sound or trial.file.group == "media") and counts(trial, fits)]
            share, low, files = figure(trials)
            row.append(f"{percent(share)} of {len(trials)} ({files} files; at least {percent(low)})")
        rows.append(tuple(row))
    return "### Both halves\n" + table(("figure", "looked at", "held out"), rows)


def by_kind(run: Run) -> str:
    kinds = defaultdict(list)
    for trial in run.trials:
        if trial.file.sort == "real":
            kinds[trial.file.kind].append(trial)
    accused = Counter(run.files[told["path"]].kind for told in run.touched if told["desk"] == "damaged")
    rows = []
    for kind, trials in sorted(kinds.items()):
        share, low, files = figure(trials)
        agent = sum(trial.is_found("agent") for trial in trials) / len(trials)
        words = Counter(trial.desk for trial in trials)
        rows.append((kind, files, len(trials), percent(agent), percent(share), percent(low), percent(sum(trial.is_told() for trial in trials) / len(trials)), words["suspect"], words["unknown"], words["edited"], accused[kind]))
    return "### By kind\n\nEvery real file with every profile that changed it, sound before or not.\n" + table(("kind", "files", "trials", "agent", "desk", "at least", "told at all", "suspect", "unknown", "called edited", "false damage"), rows)


def by_profile(run: Run) -> str:
    profiles, rang = defaultdict(list), defaultdict(list)
    for trial in run.trials:
        if trial.file.sort == "real":
            profiles[trial.profile].append(trial)
    for attack in run.attacks:
        rang[attack["profile"], attack["sort"]].append(attack["alarm"])
    rows = []
    for (profile, sort), levels in sorted(rang.items(), key=lambda item: item[0][::-1]):
        trials = profiles[profile]
        share, low, files = figure(trials)
        agent = sum(trial.is_found("agent") for trial in trials) / max(1, len(trials))
        first = sum(trial.is_found("agent_at_first") for trial in trials) / max(1, len(trials))
        rows.append((profile, sort, files, percent(first), percent(agent), percent(share), percent(low), f"{sum(level == 2 for level in levels)} of {len(levels)}"))
    return "### By profile\n" + table(("profile", "sort", "files", "agent, at the second backup", "agent, later", "desk", "at least", "rings"), rows)


def work(run: Run) -> str:
    touched = defaultdict(list)
    for told in run.touched:
        touched[told["job"]].append(told)
    rows = []
    for job in sorted(run.jobs, key=lambda job: job["job"]):
        told = touched[job["job"]]
        desk, agent = Counter(line["desk"] for line in told), Counter(line["agent"] for line in told)
        rows.append((job["job"], len(told), desk["damaged"] + desk["renameddamaged"], agent["damaged"] + agent["renameddamaged"], desk["suspect"], agent["suspect"], ("calm", "watch", "alarm")[job["alarm"]]))
    accused = "".join(f"- `{line['job']}`: {line['path']}: desk {line['desk']} {line['reasons']}, agent {line['agent']} {line['agent_reasons']}\n" for line in run.touched if {"damaged", "renameddamaged"} & {line["desk"], line["agent"]})
    head = ("job", "files changed", "damaged (desk)", "damaged (agent)", "suspect (desk)", "suspect (agent)", "level")
    return "### Ordinary work\n" + table(head, rows) + (f"\nCalled damaged:\n\n{accused}" if accused else "")


def program(run: Run) -> str:
    """What the real program told, and whether the clean versions that it names are clean."""
    rows, total = [], Counter()
    for told in sorted(run.programs, key=lambda told: told["profile"]):
        clean = told["clean_right"] + len(told["clean_wrong"])
        total.update(harmed=told["harmed"], told=told["told"], suspect=told["suspect"], wrong=len(told["wrong"]), clean=clean, right=told["clean_right"], lost=told["edits_lost"])
        rows.append((told["profile"], told["harmed"], told["told"], told["suspect"], told["unknown"], len(told["missed"]), len(told["wrong"]), f"{told['clean_right']} of {clean}", told["edits_lost"], "yes" if told["alarm"] else "no"))
    rows.append(("all", total["harmed"], total["told"], total["suspect"], "", "", total["wrong"], f"{total['right']} of {total['clean']}", total["lost"], ""))
    head = ("profile", "harmed", "told", "suspect", "unknown", "missed", "wrongly accused", "clean version right", "good edits lost", "rings")
    return "### The real program\n\n`backup`, ordinary edits, `backup`, the attack, `backup`, `damage --from` the first.\n" + table(head, rows)


def broken(run: Run) -> str:
    """Files that were not right before anything happened."""
    rows = []
    for name, fits in (("cut off here", lambda file: file.sort == "cut"), ("called by another extension here", lambda file: file.sort == "named"), ("real ones that triage does not call sound", lambda file: file.sort == "real" and file.finding not in ("valid", "protected", "unknown"))):
        files = [file.path for file in run.files.values() if fits(file)]
        trials = [trial for trial in run.trials if fits(trial.file) and trial.deed in ("encrypted", "wiped", "encoded") and trial.changed >= trial.file.bytes * 9 // 10]
        share, low, _ = figure(trials)
        accused = [told for told in run.touched if told["path"] in set(files) and "damaged" in (told["desk"], told["agent"])]
        rows.append((name, len(files), len(trials), percent(share), percent(low), len(accused)))
    return "### Broken before\n\nChanged as a whole after having been broken; and accused after ordinary work.\n" + table(("files", "n", "trials", "found", "at least", "accused"), rows)


def missed(run: Run) -> list[Trial]:
    return sorted((trial for trial in run.trials if not trial.is_found()), key=lambda trial: (trial.file.kind, trial.file.path, trial.profile))


def misses(run: Run, corpus_path: str) -> str:
    """The misses at the desk, by cause, with how many files are behind each."""
    causes: dict[tuple[str, str], list[Trial]] = defaultdict(list)
    for trial in missed(run):
        causes[trial.file.kind, regions.region(trial, corpus_path)].append(trial)
    rows = []
    for (kind, region), trials in sorted(causes.items(), key=lambda item: -len(item[1])):
        profiles = Counter(trial.profile for trial in trials).most_common(3)
        files = sorted({trial.file.origin.rsplit("/", 1)[-1] for trial in trials})
        names = ", ".join(files[:3]) + (f" and {len(files) - 3} more" if len(files) > 3 else "")
        rows.append((kind, region, len(files), len(trials), ", ".join(name for name, _ in profiles), names))
    return f"### Misses\n\n{sum(row[3] for row in rows)} of {len(run.trials)} trials, by kind and by where the changed bytes lie.\n" + table(("kind", "region", "files", "trials", "profiles, the most frequent", "files (by their names in the packages)"), rows)


def miss_line(trial: Trial, corpus_path: str) -> str:
    words = (trial.file.kind, trial.file.origin, trial.profile, trial.changed, trial.ranges, trial.extent, trial.file.finding, trial.agent, trial.desk, trial.reasons, regions.region(trial, corpus_path), trial.file.path)
    return "\t".join(map(str, words)) + "\n"


def figure(trials: Iterable[Trial]) -> tuple[float, float, int]:
    """Returns the share that was found, its lower bound, and the number of distinct files.

    Trials of one file are no independent samples: the bound is that of as many samples as there are files.
    """
    trials = list(trials)
    files = len({trial.file.path for trial in trials})
    if not trials:
        return 0.0, 0.0, 0
    share = sum(trial.is_found() for trial in trials) / len(trials)
    return share, bounds.lower(int(share * files + 1e-9), files), files


def table(head: tuple, rows: Iterable[tuple]) -> str:
    cell = lambda value: str(value).replace("|", "\\|")  # noqa: E731
    out = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    out += ["| " + " | ".join(map(cell, row)) + " |" for row in rows]
    return "\n" + "\n".join(out) + "\n"


def percent(share: float) -> str:
    text = f"{share * 100:.2f}"
    # What is not all must not be rounded to all.
    return ("99.99" if text == "100.00" and share < 1 else text.rstrip("0").rstrip(".")) + " %"


def holds(does: bool) -> str:
    return "yes" if does else "**no**"


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus")
    parser.add_argument("results", nargs="+")
    parser.add_argument("--into")
    parser.add_argument("--misses")
    return parser.parse_args()


if __name__ == "__main__":
    main()
