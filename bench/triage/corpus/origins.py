"""Where real files come from: Debian's packages, of pinned versions, downloaded by apt and only unpacked, never installed."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from corpus import kinds

BYTES_MIN, BYTES_MAX = 48, 40_000_000
SOURCES = """deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian bookworm main
deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian bookworm main
"""
# A source package may be several archives; those of translations hold nothing but words.
ARCHIVE = re.compile(r"\.orig\.tar\.\w+$|\.deb$")
CONF = """Dir::Etc::sourcelist "{folder}/apt/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "{folder}/apt/lists";
Dir::Cache "{folder}/apt/cache";
APT::Sandbox::User "root";
"""


@dataclass(frozen=True)
class Origin:
    """One package: `source` or `binary`, and the kinds that are not taken from it, or the only one that is."""

    sort: str
    name: str
    version: str
    left_out: frozenset[str]
    only: str = ""

    @property
    def label(self) -> str:
        return f"{self.name}_{self.version}"


@dataclass(frozen=True)
class Found:
    """A real file: what it is, where it was found, and where its bytes are in the cache (by their SHA-256)."""

    kind: str
    extension: str
    origin: str
    member: str
    sha256: str
    bytes: int


def read_list(path: str) -> list[Origin]:
    """Reads the pinned list: `source|binary NAME VERSION [-kind …] [=kind]`, one a line; `#` begins a remark."""
    origins = []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            words = line.split("#")[0].split()
            if words:
                left_out = frozenset(word[1:] for word in words[3:] if word.startswith("-"))
                only = "".join(word[1:] for word in words[3:] if word.startswith("="))
                origins.append(Origin(words[0], words[1], words[2], left_out, only))
    return origins


class Cache:
    """Downloads packages once, and keeps each wanted file by its hash."""

    def __init__(self, folder: str) -> None:
        self.folder = os.path.abspath(folder)
        for part in ("apt/lists/partial", "apt/cache/archives/partial", "packages", "files", "found"):
            os.makedirs(f"{self.folder}/{part}", exist_ok=True)
        for name, text in (("sources.list", SOURCES), ("apt.conf", CONF.format(folder=self.folder))):
            with open(f"{self.folder}/apt/{name}", "w", encoding="utf-8") as out:
                out.write(text)
        self.environment = os.environ | {"APT_CONFIG": f"{self.folder}/apt/apt.conf", "LANG": "C.UTF-8"}

    def path_of(self, sha256: str) -> str:
        return f"{self.folder}/files/{sha256[:2]}/{sha256}"

    def put(self, content: bytes) -> str:
        """Keeps bytes, and returns their hash."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.path_of(sha256)
        if not os.path.exists(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(f"{path}.new", "wb") as out:
                out.write(content)
            os.replace(f"{path}.new", path)
        return sha256

    def files_of(self, origin: Origin) -> list[Found]:
        """Returns the wanted files of a package, looking only once."""
        known = f"{self.folder}/found/{origin.label}{'-'.join(sorted(origin.left_out))}{origin.only and '=' + origin.only}.json"
        if not os.path.exists(known):
            found = [asdict(file) for file in self._look(origin)]
            with open(f"{known}.new", "w", encoding="utf-8") as out:
                json.dump(found, out)
            os.replace(f"{known}.new", known)
        with open(known, encoding="utf-8") as text:
            return [Found(**file) for file in json.load(text)]

    def _look(self, origin: Origin) -> Iterator[Found]:
        for archive in self.archives(origin):
            is_wanted = kinds.may_be_in_code_page if origin.only == kinds.CODE_PAGE else kinds.may_be_wanted
            for member, content in members(archive, is_wanted):
                kind = kinds.kind_in_code_page(content) if origin.only == kinds.CODE_PAGE else kinds.kind_of(member, content)
                if kind is None or kind in origin.left_out or origin.only not in ("", kind):
                    continue
                extension = os.path.splitext(member)[1].lstrip(".")
                yield Found(kind, extension, origin.label, member, self.put(content), len(content))

    def archives(self, origin: Origin) -> list[str]:
        """Returns the archives of a package, downloading them if they are not there."""
        folder = f"{self.folder}/packages/{origin.label}"
        if not os.path.exists(f"{folder}/complete"):
            os.makedirs(folder, exist_ok=True)
            if not any("_Sources" in name for name in os.listdir(f"{self.folder}/apt/lists")):
                self._apt(["update"], folder)
            wanted = f"{origin.name}={origin.version}"
            self._apt(["source", "--download-only", wanted] if origin.sort == "source" else ["download", wanted], folder)
            open(f"{folder}/complete", "w", encoding="utf-8").close()
        return [f"{folder}/{name}" for name in sorted(os.listdir(folder)) if ARCHIVE.search(name)]

    def _apt(self, words: list[str], folder: str) -> None:
        subprocess.run(["apt-get", "-q", *words], cwd=folder, env=self.environment, check=True, stdout=subprocess.DEVNULL)


def members(archive: str, is_wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    """Yields the regular files of a tar archive or of a Debian package that may be wanted by their names, with their paths."""
    if archive.endswith(".deb"):
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", archive], stdout=subprocess.PIPE) as unpacking:
            with tarfile.open(fileobj=unpacking.stdout, mode="r|") as tar:
                yield from regular_files(tar, is_wanted)
    else:
        with tarfile.open(archive, mode="r|*") as tar:
            yield from regular_files(tar, is_wanted)


def regular_files(tar: tarfile.TarFile, is_wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    for member in tar:
        if member.isreg() and BYTES_MIN <= member.size <= BYTES_MAX and is_wanted(member.name):
            content = tar.extractfile(member)
            if content is not None:
                yield member.name, content.read()
