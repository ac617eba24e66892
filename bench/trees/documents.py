"""Office documents: real containers (zip, PDF, JPEG heads, SQLite) around invented text and random pictures."""

from __future__ import annotations

import io
import random
import sqlite3
import zipfile
import zlib
from contextlib import closing

BEGINNINGS = (
    "Le conseil municipal", "Monsieur le Maire", "Le service", "La commune", "Le demandeur", "La commission", "Le titulaire du marché",
    "L'administré", "Le trésorier", "L'agent concerné", "Madame l'adjointe", "Le préfet", "La communauté de communes",
)
ACTIONS = (
    "décide d'approuver", "propose d'examiner", "rappelle", "transmet", "autorise", "constate", "demande de vérifier",
    "prend acte de", "refuse", "reporte", "inscrit au budget", "notifie", "atteste de la conformité de",
)
OBJECTS = (
    "la convention annexée à la présente", "le montant des travaux", "la demande de permis", "le procès-verbal de la séance",
    "l'avenant au contrat", "la liste des pièces jointes", "le tableau des emplois", "la subvention demandée", "l'acte rectifié",
    "le relevé des heures", "le plan de situation", "la délibération du mois précédent",
)
XML_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# Word processors put the same style sheet in every document.
STYLES = XML_HEAD + "<styles>" + "".join(f'<style id="S{n}" font="Liberation" size="{8 + n % 20}"/>' for n in range(400)) + "</styles>"
FIXED_DATE = (2024, 1, 2, 8, 30, 0)


class Writer:
    """Invents documents."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._stock = [self._sentence() for _ in range(6_000)]
        # The town's arms, in every letter head.
        self._arms = self._picture(30_000)

    def document(self, ending: str) -> bytes:
        """Returns a new document of a format: docx, odt, xlsx, pdf, jpg, txt, csv or eml."""
        rng = self._rng
        if ending in ("docx", "odt"):
            return self._letter(ending, self.text(rng.randint(2_000, 60_000)), self._pictures(0.3))
        if ending == "xlsx":
            return self._workbook(rng.randint(20, 3_000))
        if ending == "pdf":
            return self._pdf(self.text(rng.randint(1_000, 30_000)), self._scan())
        if ending == "jpg":
            return self._picture(int(rng.lognormvariate(13.4, 0.5)))
        if ending == "csv":
            return self._table(rng.randint(50, 3_000))
        mail_head = "From: mairie@exemple.fr\r\nSubject: Re: dossier\r\n\r\n" if ending == "eml" else ""
        return (mail_head + self.text(rng.randint(200, 20_000))).encode()

    def next_version(self, ending: str, before: bytes) -> bytes:
        """Returns the document after somebody worked on it: office files are packed anew, others change in the middle."""
        if ending in ("docx", "odt", "xlsx"):
            return self._edited_zip(before)
        middle = len(before) // 2
        return before[:middle] + self.text(200).encode() + before[middle:]

    def text(self, byte_count: int) -> str:
        """Returns French administrative prose of about this many bytes."""
        sentences: list[str] = []
        size = 0
        while size < byte_count:
            fresh = self._rng.random() < 0.35
            sentence = self._sentence() if fresh else self._rng.choice(self._stock)
            sentences.append(sentence + ("\r\n" if self._rng.random() < 0.2 else " "))
            size += len(sentence)
        return "".join(sentences)

    def _sentence(self) -> str:
        rng = self._rng
        detail = f" n° {rng.randrange(100_000)} du {rng.randint(1, 28):02}/{rng.randint(1, 12):02}" if rng.random() < 0.6 else ""
        amount = f" pour {rng.randrange(100, 900_000)},{rng.randrange(100):02} €" if rng.random() < 0.3 else ""
        return f"{rng.choice(BEGINNINGS)} {rng.choice(ACTIONS)} {rng.choice(OBJECTS)}{detail}{amount}."

    def _letter(self, ending: str, text: str, pictures: list[bytes]) -> bytes:
        body = XML_HEAD + "<body>" + "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in text.splitlines()) + "</body>"
        names = ("word/document.xml", "word/styles.xml", "word/media") if ending == "docx" else ("content.xml", "styles.xml", "Pictures")
        parts = [(names[0], body.encode()), (names[1], STYLES.encode())]
        parts += [(f"{names[2]}/image{number}.jpeg", picture) for number, picture in enumerate([self._arms, *pictures], 1)]
        if ending == "odt":
            parts.insert(0, ("mimetype", b"application/vnd.oasis.opendocument.text"))
        return packed(parts)

    def _workbook(self, row_count: int) -> bytes:
        rng = self._rng
        rows = "".join(
            f'<row r="{row}"><c r="A{row}"><v>{row}</v></c><c r="B{row}" t="s"><v>{rng.randrange(400)}</v></c>'
            f'<c r="C{row}"><v>{rng.randrange(10_000_000) / 100}</v></c><c r="D{row}"><v>{45_000 + rng.randrange(1_000)}</v></c></row>'
            for row in range(1, row_count + 1)
        )
        sheet = f"{XML_HEAD}<worksheet><sheetData>{rows}</sheetData></worksheet>"
        return packed([("xl/worksheets/sheet1.xml", sheet.encode()), ("xl/styles.xml", STYLES.encode())])

    def _pdf(self, text: str, scan: bytes) -> bytes:
        streams = [zlib.compress(f"BT ({text}) Tj ET".encode(), 6), scan]
        objects = b"".join(
            b"%d 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (number, len(stream), stream)
            for number, stream in enumerate(streams, 1)
        )
        return b"%PDF-1.7\n" + objects + b"trailer\n<< /Root 1 0 R >>\n%%EOF\n"

    def _scan(self) -> bytes:
        return self._picture(int(self._rng.lognormvariate(12.4, 0.9))) if self._rng.random() < 0.6 else b""

    def _pictures(self, share: float) -> list[bytes]:
        return [self._picture(self._rng.randint(40_000, 400_000))] if self._rng.random() < share else []

    def _picture(self, byte_count: int) -> bytes:
        return b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x02" + self._rng.randbytes(byte_count) + b"\xff\xd9"

    def _table(self, row_count: int) -> bytes:
        rng = self._rng
        rows = [f"{row};{rng.choice(OBJECTS)};{rng.randrange(1_000_000) / 100:.2f};{rng.randint(2010, 2025)}" for row in range(row_count)]
        return "\r\n".join(["numero;objet;montant;annee", *rows]).encode("cp1252", "replace")

    def _edited_zip(self, before: bytes) -> bytes:
        with zipfile.ZipFile(io.BytesIO(before)) as archive:
            parts = [(name, archive.read(name)) for name in archive.namelist()]
        longest = max((at for at in range(len(parts)) if parts[at][0].endswith(".xml")), key=lambda at: len(parts[at][1]))
        name, content = parts[longest]
        middle = content.index(b">", len(content) // 2) + 1
        parts[longest] = (name, content[:middle] + self._sentence().encode() + content[middle:])
        return packed(parts)


def packed(parts: list[tuple[str, bytes]]) -> bytes:
    """Returns a zip file of the parts, with a fixed date; pictures are stored as they are, the rest deflated."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in parts:
            entry = zipfile.ZipInfo(name, FIXED_DATE)
            stored = name == "mimetype" or name.endswith(".jpeg")
            entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return target.getvalue()


def write_database(path: str, rng: random.Random, row_count: int) -> None:
    """Writes an SQLite database of invented people."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        database.execute("CREATE TABLE administre (id INTEGER PRIMARY KEY, nom TEXT, adresse TEXT, dossier BLOB, montant REAL)")
        people = (
            (
                row,
                f"NOM{rng.randrange(40_000)}",
                f"{rng.randint(1, 200)} rue {rng.choice(OBJECTS)}",
                rng.randbytes(60),
                rng.randrange(1_000_000) / 100,
            )
            for row in range(row_count)
        )
        database.executemany("INSERT INTO administre VALUES (?, ?, ?, ?, ?)", people)
        database.execute("CREATE INDEX administre_nom ON administre (nom)")
        database.commit()
