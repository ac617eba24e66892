"""What a run of `bench-triage` wrote, set beside the corpus: trials, jobs, states."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field

HURT = ("damaged", "renameddamaged")
# What the corpus calls its kinds, by how far a validator can vouch for their bytes.
SUMMED = "docx docm xlsx xlsm pptx odt ods odp odg sxw epub jar zip png gz bz2 xz zst".split()
TEXT = "txt codepage csv xml html json sql script svg fodt dxf eml mbox rtf".split()
STRUCTURED = "doc xls ppt msg pub vsd pdf tiff gif bmp sqlite dbf shp shx tar 7z".split()
ENCODED = ("base64", "base64-in-lines", "hexadecimal", "ascii85")
# Nothing is left of the name, or of the folder: who looks for the file finds it gone.
RENAMED_WHOLLY = ("nothing-left-of-the-name", "renamed-wholly", "into-a-new-folder")


@dataclass
class File:
    """A file of the corpus."""

    path: str
    kind: str
    sort: str
    origin: str
    bytes: int
    half: str
    is_unicode: bool = True
    finding: str = "?"
    state: str = ""

    @property
    def is_sound(self) -> bool:
        return self.finding in ("valid", "protected")

    @property
    def group(self) -> str:
        if self.kind in SUMMED:
            return "summed"
        if self.kind in TEXT:
            return "text" if self.is_unicode else "code page"
        return "structured" if self.kind in STRUCTURED else "media"


@dataclass
class Trial:
    """A file that a profile changed; with several seeds, the worst of them."""

    file: File
    profile: str
    changed: int
    deed: str
    ranges: int
    extent: tuple[int, int] | None
    # The first ranges that were changed, of what the desk did not find.
    places: list[list[int]]
    agent_at_first: str
    agent: str
    desk: str
    reasons: str

    @property
    def run_bytes(self) -> float:
        """Returns how long a changed stretch is on average: one byte in 256 is what it was, and parts it."""
        return self.changed / max(1, self.ranges)

    def is_found(self, by: str = "desk") -> bool:
        """Tells whether the harm was told as what it is. Under a new name, "it is gone" finds nothing, unless it is gone."""
        word = getattr(self, by)
        return word in HURT or self.deed == "deleted" and word == "deleted"

    def is_told(self) -> bool:
        """Tells whether the desk names the path at all among what is hurt, gone or doubtful."""
        return self.desk in (*HURT, "deleted", "suspect")


@dataclass
class Run:
    """All that was measured."""

    files: dict[str, File]
    trials: list[Trial] = field(default_factory=list)
    accused: list[dict] = field(default_factory=list)
    attacks: list[dict] = field(default_factory=list)
    jobs: list[dict] = field(default_factory=list)
    touched: list[dict] = field(default_factory=list)
    programs: list[dict] = field(default_factory=list)


def read(corpus: str, results: list[str]) -> Run:
    """Reads the corpus's table, the corpus itself (whether a text is Unicode) and the lines of runs."""
    run = Run(read_files(corpus))
    worst: dict[tuple[str, str], Trial] = {}
    by_run = defaultdict(list)
    for path in results:
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                told = json.loads(line)
                by_run[told["run"]].append(told)
    for told in by_run["state"]:
        if file := run.files.get(told["path"]):
            file.finding, file.state = told["finding"], told["state"]
    for told in by_run["file"]:
        if told["deed"] is None:
            run.accused.append(told)
            continue
        key = (told["path"], told["profile"])
        trial = trial_of(run.files[told["path"]], told)
        known = worst.get(key)
        worst[key] = trial if known is None or rank(trial) < rank(known) else known
    run.trials = list(worst.values())
    run.attacks, run.jobs, run.touched, run.programs = by_run["attack"], by_run["job"], by_run["touched"], by_run["program"]
    return run


def read_files(corpus: str) -> dict[str, File]:
    files = {}
    with open(f"{corpus}.tsv", encoding="utf-8") as table:
        for line in table:
            path, kind, sort, origin, _, length, half = line.rstrip("\n").split("\t")
            files[path] = File(path, kind, sort, origin, int(length), half)
            if kind in TEXT:
                with open(f"{corpus}/{path}", "rb") as content:
                    files[path].is_unicode = is_unicode(content.read())
    return files


def is_unicode(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return content.startswith((b"\xff\xfe", b"\xfe\xff"))
    return b"\0" not in content


def trial_of(file: File, told: dict) -> Trial:
    extent = tuple(told["extent"]) if told["extent"] else None
    return Trial(file, told["profile"], told["changed"], told["deed"], told["ranges"], extent, told["places"], told["agent_at_first"], told["agent"], told["desk"], told["reasons"])


def rank(trial: Trial) -> tuple[bool, bool]:
    return trial.is_found(), trial.is_found("agent")
