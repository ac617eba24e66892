"""Kinds of files as a town hall would name them: by extension, where the content agrees at its first bytes.

This is the corpus's own look at a file, and knows nothing of what `triage` says of it. A file whose content is another than its name
says is kept under the name: such files exist, and must not be taken for damage.
"""

from __future__ import annotations

import os
import re

# Kind: extensions, and how many distinct files of it the corpus wants at most.
KINDS: dict[str, tuple[str, int]] = {
    "doc": ("doc dot", 90),
    "docx": ("docx", 110),
    "docm": ("docm dotx dotm", 12),
    "xls": ("xls xlt", 100),
    "xlsx": ("xlsx", 110),
    "xlsm": ("xlsm xlsb", 20),
    "ppt": ("ppt pps", 60),
    "pptx": ("pptx ppsx", 70),
    "msg": ("msg", 40),
    "pub": ("pub", 15),
    "vsd": ("vsd vsdx", 15),
    "odt": ("odt ott", 90),
    "ods": ("ods", 60),
    "odp": ("odp", 40),
    "odg": ("odg", 20),
    "fodt": ("fodt fods fodp", 25),
    "sxw": ("sxw sxc", 15),
    "rtf": ("rtf", 60),
    "pdf": ("pdf", 120),
    "ps": ("ps eps", 20),
    "epub": ("epub", 10),
    "jpg": ("jpg jpeg", 120),
    "png": ("png", 80),
    "tiff": ("tif tiff", 70),
    "gif": ("gif", 40),
    "bmp": ("bmp", 40),
    "webp": ("webp", 20),
    "svg": ("svg", 30),
    "wmf": ("wmf emf", 25),
    "html": ("html htm", 60),
    "xml": ("xml xsd gml kml gpx qgs qml", 60),
    "json": ("json geojson", 30),
    "csv": ("csv tsv", 60),
    "txt": ("txt", 100),
    "codepage": ("", 320),
    "sql": ("sql", 30),
    "script": ("py sh php js bat vbs", 30),
    "eml": ("eml", 60),
    "mbox": ("mbox", 40),
    "gz": ("gz tgz", 30),
    "xz": ("xz lzma", 15),
    "bz2": ("bz2", 15),
    "zst": ("zst", 6),
    "zip": ("zip", 40),
    "jar": ("jar", 10),
    "7z": ("7z", 20),
    "tar": ("tar", 20),
    "sqlite": ("sqlite sqlite3 db gpkg mbtiles spatialite", 50),
    "mdb": ("mdb accdb", 10),
    "pst": ("pst", 6),
    "dbf": ("dbf", 50),
    "shp": ("shp", 50),
    "shx": ("shx", 40),
    "dxf": ("dxf", 40),
    "dwg": ("dwg", 10),
    "mp3": ("mp3", 25),
    "mp4": ("mp4 m4a m4v mov 3gp", 25),
    "avi": ("avi", 6),
    "wav": ("wav", 30),
    "ogg": ("ogg oga opus", 20),
    "flac": ("flac", 12),
    "ttf": ("ttf otf", 10),
}
BY_EXTENSION = {extension: kind for kind, (extensions, _) in KINDS.items() for extension in extensions.split()}

# Texts of Europe that are no Unicode, from the packages that are there for them. Those of which the name says nothing are called `.txt`.
CODE_PAGE = "codepage"
CODE_PAGE_BYTES_MAX = 400_000
CODE_PAGE_EXTENSIONS = ("tex", "po")
# Scripts of which each letter has several bytes, or that are written from the right, are another matter.
FAR = re.compile(r"/(ja|ko|zh|th|vi|ar|he|hi|mhr)/|[._-](euc|sjis|big5|ja|ko|zh|th|vi)\b|_(ja|ko|zh|th|vi|he|ar)[_.]|(japanese|korean|chinese|viscii|tcvn)", re.IGNORECASE)

# Extensions that mean several things are taken only with these first bytes.
STARTS = {
    "sqlite": (b"SQLite format 3\0",),
    "msg": (b"\xd0\xcf\x11\xe0",),
    "pub": (b"\xd0\xcf\x11\xe0",),
    "dwg": (b"AC10",),
    "mbox": (b"From ", b"Return-Path:", b"Received:", b"From:", b"Date:", b"To:", b"MIME-Version", b"Message-ID", b"Subject:"),
}
# LibreOffice keeps its hostile samples encrypted, so that no virus scanner finds them: those hold nothing that could be hurt.
HIDDEN = re.compile(r"/(CVE|EDB|BID|RC4|CAN)-[^/]*$")
MAIL_STARTS = tuple(start + b":" for start in (b"Return-Path", b"Received", b"From", b"Date", b"To", b"MIME-Version", b"Message-ID", b"Delivered-To"))


def may_be_wanted(name: str) -> bool:
    """Tells whether the name of a file says something that the corpus wants."""
    return extension_of(name) in BY_EXTENSION or is_test_mail(name)


def may_be_in_code_page(name: str) -> bool:
    """Tells whether the name of a file leaves open that it is a text of Europe in a code page."""
    return FAR.search(name) is None


def kind_in_code_page(content: bytes) -> str | None:
    """Returns the kind of a text that is no Unicode: it has high bytes, and no control code."""
    controls = sum(byte < 32 and byte not in b"\t\n\r\x0c" for byte in content[:CODE_PAGE_BYTES_MAX])
    if len(content) > CODE_PAGE_BYTES_MAX or controls > 0 or 0x7F in content:
        return None
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return CODE_PAGE
    return None


def kind_of(name: str, content: bytes) -> str | None:
    """Returns the kind of a file, or nothing if it is not wanted."""
    if is_test_mail(name):
        return "eml" if content.startswith(MAIL_STARTS) else None
    kind = BY_EXTENSION.get(extension_of(name))
    starts = STARTS.get(kind or "")
    if kind is None or starts and not content.startswith(starts):
        return None
    if kind == "mbox" and not content.startswith(b"From "):
        return "eml"
    return kind


def is_open(name: str) -> bool:
    """Tells whether a file is kept as it is, and not encrypted by those who keep it."""
    return HIDDEN.search(name) is None


def extension_of(name: str) -> str:
    return os.path.splitext(name)[1].lstrip(".").lower()


def is_test_mail(name: str) -> bool:
    """Python's own tests hold mails under names of text."""
    return "/test_email/data/msg_" in name
