"""Documents made by LibreOffice from real French texts and tables: for what no package has.

A file that was made here proves less than one that a stranger's program wrote; it is counted apart (class `made`).
"""

from __future__ import annotations

import csv
import gzip
import html
import io
import os
import re
import subprocess
import tarfile
from collections.abc import Iterator

# What to make of a text, and of a table.
TEXT_KINDS = ("odt", "docx", "doc", "rtf", "pdf")
TABLE_KINDS = ("ods", "xlsx", "xls", "csv")
TEXTS_OF_KIND, TABLES_OF_KIND = 16, 12
TEXT_BYTES, TABLE_ROWS = 9_000, 160
AT_ONCE = 40


def make(cache, origins: list) -> Iterator[tuple[str, str, bytes, str]]:
    """Yields kind, extension, content and origin of documents. They are made once: LibreOffice writes the time into them."""
    folder = f"{cache.folder}/made"
    if not os.path.exists(f"{folder}/complete"):
        _make(cache, {origin.name: origin for origin in origins}, folder)
    for name in sorted(os.listdir(folder)):
        stem, extension = os.path.splitext(name)
        if extension:
            with open(f"{folder}/{name}", "rb") as content:
                origin = "debian-reference-fr" if stem.startswith("texte") else "manpages-fr"
                yield extension[1:], extension[1:], content.read(), f"{origin} by LibreOffice"


def _make(cache, origins: dict, folder: str) -> None:
    os.makedirs(folder, exist_ok=True)
    sources = f"{folder}.sources"
    os.makedirs(sources, exist_ok=True)
    texts = list(pieces(reference(cache, origins["debian-reference-fr"]), TEXT_BYTES))
    for at, kind in enumerate(TEXT_KINDS):
        some = [texts[(at * TEXTS_OF_KIND + number) % len(texts)] for number in range(TEXTS_OF_KIND)]
        convert(sources, folder, [(f"texte {kind} {number}.txt", text.encode()) for number, text in enumerate(some)], kind)
    rows = list(table(cache, origins["manpages-fr"]))
    for at, kind in enumerate(TABLE_KINDS):
        files = []
        for number in range(TABLES_OF_KIND):
            start = (at * TABLES_OF_KIND + number) * TABLE_ROWS % max(1, len(rows) - TABLE_ROWS)
            files.append((f"table {kind} {number}.csv", as_csv(rows[start : start + TABLE_ROWS])))
        convert(sources, folder, files, kind)
    open(f"{folder}/complete", "w", encoding="utf-8").close()


def convert(sources: str, folder: str, files: list[tuple[str, bytes]], kind: str) -> None:
    """Writes files, and has LibreOffice write them again as `kind`."""
    paths = []
    for name, content in files:
        paths.append(f"{sources}/{name}")
        with open(paths[-1], "wb") as out:
            out.write(content)
    if kind == "csv":
        for path in paths:
            os.replace(path, f"{folder}/{os.path.basename(path)}")
        return
    for at in range(0, len(paths), AT_ONCE):
        command = ["soffice", f"-env:UserInstallation=file://{folder}.profile", "--headless", "--norestore", "--infilter=Text (encoded):UTF8" if paths[0].endswith(".txt") else "--infilter=CSV:59,34,76", "--convert-to", kind, "--outdir", folder]
        subprocess.run([*command, *paths[at : at + AT_ONCE]], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def reference(cache, origin) -> str:
    """Returns the French text of the Debian reference."""
    text = ""
    for name, content in unpacked(cache, origin):
        if "/fr/" in name and name.endswith((".html", ".txt.gz")) or name.endswith(".fr.html"):
            plain = gzip.decompress(content).decode() if name.endswith(".gz") else re.sub(r"<[^>]*>", " ", content.decode())
            text += html.unescape(plain)
    return re.sub(r"[ \t]*\n\s*\n", "\n\n", text)


def pieces(text: str, length: int) -> Iterator[str]:
    """Cuts a text into documents, at ends of lines."""
    while text:
        end = text.find("\n", length)
        end = len(text) if end < 0 else end + 1
        if text[:end].strip():
            yield text[:end]
        text = text[end:]


def table(cache, origin) -> Iterator[tuple[str, str, int]]:
    """Yields rows: what each manual page is called, what it says first, and how long it is."""
    for name, content in unpacked(cache, origin):
        if name.endswith(".gz"):
            page = gzip.decompress(content).decode("utf-8", "replace")
            told = re.search(r"^\.SH NOM\n(.*)$", page, re.MULTILINE)
            yield os.path.basename(name)[:-3], told.group(1).strip() if told else "", len(page)


def as_csv(rows: list[tuple[str, str, int]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(("Page", "Objet", "Octets"))
    writer.writerows(rows)
    return out.getvalue().encode()


def unpacked(cache, origin) -> Iterator[tuple[str, bytes]]:
    for archive in cache.archives(origin):
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", archive], stdout=subprocess.PIPE) as unpacking:
            with tarfile.open(fileobj=unpacking.stdout, mode="r|") as tar:
                for member in tar:
                    content = tar.extractfile(member) if member.isreg() else None
                    if content is not None:
                        yield member.name, content.read()
