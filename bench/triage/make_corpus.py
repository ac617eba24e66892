#!/usr/bin/env python3
"""Makes the tree of real files that triage is measured on.

    make_corpus.py --to DIR [--cache DIR] [--scale F] [--flat]

Files come from Debian's packages (`origins.txt`, pinned), get names as in a town hall, and are all distinct. Beside the tree,
`DIR.tsv` tells of each: path, kind, class, origin, SHA-256, length, half. Classes: `real`; `made` (by LibreOffice, of real texts);
`cut` and `named` (real ones that were cut off, or called by another extension, here: broken before anything happens).
The half (`chosen`, `held`) is a bit of the hash: rules and thresholds may be looked at on `chosen` alone.
"""

from __future__ import annotations

import argparse
import collections
import hashlib
import os
import sys
from concurrent.futures import ProcessPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

from corpus import kinds, made  # noqa: E402
from corpus.names import Namer  # noqa: E402
from corpus.origins import Cache, Found, Origin, read_list  # noqa: E402

SEED = "mairie"
# Real files that are broken here: cut at two thirds; called by what they are not.
CUT_KINDS = ("docx", "pdf", "jpg", "png", "odt", "xls", "doc", "gz", "zip", "mp3", "sqlite", "tiff")
NAMED = (("html", "xls"), ("txt", "doc"), ("xml", "xls"), ("rtf", "doc"), ("jpg", "png"), ("png", "jpg"), ("csv", "xls"), ("pdf", "doc"), ("docx", "doc"), ("gif", "jpg"))
CUT_OF_KIND, NAMED_OF_KIND = 4, 4
# What programs leave behind: nobody's document, and in every tree.
LOCK = b"\x06mairie" + bytes(47) + b"\x06\0m\0a\0i\0r\0i\0e\0" + bytes(94)


def main() -> None:
    arguments = parse_arguments()
    if os.path.exists(arguments.to):
        sys.exit(f"make_corpus: {arguments.to} is there already")
    cache = Cache(arguments.cache)
    origins = read_list(f"{HERE}/origins.txt")
    with ProcessPoolExecutor(2) as crew:
        found = [file for files in crew.map(look, [(arguments.cache, origin) for origin in origins]) for file in files]
    rows, contents = choose(cache, found, arguments.scale), {}
    rows += [entry(kind, extension, "made", f"{origin}", content, contents) for kind, extension, content, origin in made.make(cache, origins)]
    rows += broken(cache, rows, found, contents)
    write(arguments.to, cache, rows, contents, arguments.flat)


def look(task: tuple[str, Origin]) -> list[Found]:
    folder, origin = task
    return Cache(folder).files_of(origin)


def choose(cache: Cache, found: list[Found], scale: float) -> list[dict]:
    """Chooses distinct files: of each kind as many as wanted, in turn from each origin, by their hashes."""
    by_kind: dict[str, dict[str, list[Found]]] = collections.defaultdict(lambda: collections.defaultdict(list))
    seen: set[str] = set()
    for file in found:
        if file.sha256 not in seen and kinds.is_open(file.member):
            seen.add(file.sha256)
            by_kind[file.kind][file.origin].append(file)
    rows = []
    for kind, (_, wanted) in kinds.KINDS.items():
        queues = [sorted(files, key=lambda file: file.sha256) for _, files in sorted(by_kind[kind].items())]
        chosen: list[Found] = []
        while len(chosen) < wanted * scale and any(queues):
            chosen += [queue.pop() for queue in queues if queue]
        for file in chosen[: max(1, int(wanted * scale))]:
            origin = f"{file.origin}:{file.member}"
            known, otherwise = (kinds.CODE_PAGE_EXTENSIONS, "txt") if kind == kinds.CODE_PAGE else ((), "eml")
            extension = file.extension if file.extension.lower() in (*kinds.BY_EXTENSION, *known) else otherwise
            rows.append({"kind": kind, "extension": extension, "class": "real", "origin": origin, "sha256": file.sha256, "bytes": file.bytes})
    return rows


def broken(cache: Cache, rows: list[dict], found: list[Found], contents: dict[str, bytes]) -> list[dict]:
    """Makes broken files of real ones that were not chosen."""
    chosen = {row["sha256"] for row in rows}
    spare = collections.defaultdict(list)
    for file in sorted(found, key=lambda file: file.sha256):
        if file.sha256 not in chosen and file.bytes > 2000 and kinds.is_open(file.member):
            chosen.add(file.sha256)
            spare[file.kind].append(file)
    out = []
    for kind in CUT_KINDS:
        for file in [spare[kind].pop() for _ in range(min(CUT_OF_KIND, len(spare[kind])))]:
            content = read(cache, file.sha256)
            out.append(entry(kind, file.extension, "cut", f"{file.origin}:{file.member}", content[: len(content) * 2 // 3], contents))
    for kind, name in NAMED:
        for file in [spare[kind].pop() for _ in range(min(NAMED_OF_KIND, len(spare[kind])))]:
            out.append(entry(kind, name, "named", f"{file.origin}:{file.member}", read(cache, file.sha256), contents))
    return out


def entry(kind: str, extension: str, sort: str, origin: str, content: bytes, contents: dict[str, bytes]) -> dict:
    sha256 = hashlib.sha256(content).hexdigest()
    contents[sha256] = content
    return {"kind": kind, "extension": extension, "class": sort, "origin": origin, "sha256": sha256, "bytes": len(content)}


def write(to: str, cache: Cache, rows: list[dict], contents: dict[str, bytes], is_flat: bool) -> None:
    """Writes the tree and its table."""
    os.makedirs(to)
    namer, table = Namer(SEED), []
    for row in sorted(rows, key=lambda row: row["sha256"]):
        path = namer.path(row["kind"], row["extension"])
        # Numbers make the names unlike everywhere, not only in their folders.
        path = f"Bureau/{path.rsplit('/', 1)[1]}" if is_flat else path
        put(f"{to}/{path}", contents.get(row["sha256"]) or read(cache, row["sha256"]))
        table.append("\t".join((path, row["kind"], row["class"], row["origin"], row["sha256"], str(row["bytes"]), half(row["sha256"]))))
        if row["kind"] == "docx" and len(table) % 5 == 0:
            folder, name = path.rsplit("/", 1)
            content = LOCK + len(table).to_bytes(4, "little")
            put(f"{to}/{folder}/~${name[2:]}", content)
            digest = hashlib.sha256(content).hexdigest()
            table.append("\t".join((f"{folder}/~${name[2:]}", "lock", "made", "a lock of Word", digest, str(len(content)), half(digest))))
    with open(f"{to}.tsv", "w", encoding="utf-8") as out:
        out.write("\n".join(sorted(table)) + "\n")
    real = sorted(line.split("\t")[4] for line in table if line.split("\t")[2] == "real")
    total = sum(row["bytes"] for row in rows)
    count = len({row["kind"] for row in rows})
    print(f"{len(table)} distinct files ({len(real)} real) of {count} kinds, {total} bytes, in {to}")
    print(f"the real ones: {hashlib.sha256(''.join(real).encode()).hexdigest()}")


def half(sha256: str) -> str:
    return "held" if int(sha256[0], 16) & 1 else "chosen"


def put(path: str, content: bytes) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "xb") as out:
        out.write(content)


def read(cache: Cache, sha256: str) -> bytes:
    with open(cache.path_of(sha256), "rb") as content:
        return content.read()


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", required=True, help="a folder that is not there yet")
    parser.add_argument("--cache", default="/var/cache/beffroi-bench-triage", help="where packages and their files are kept")
    parser.add_argument("--scale", type=float, default=1.0, help="so many times the usual number of each kind")
    parser.add_argument("--flat", action="store_true", help="one folder: programs that are started for each folder take long else")
    return parser.parse_args()


if __name__ == "__main__":
    main()
