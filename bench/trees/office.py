"""A town hall's shared drive: many services, sixteen years, versions and copies of documents, scans, mail, a database."""

from __future__ import annotations

import base64
import random
import unicodedata
from collections.abc import Iterator

from trees import documents
from trees.folder import TreeWriter

FIRST_YEAR, LAST_YEAR = 2010, 2025

# Service, its folders, what it writes about.
SERVICES: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("Secrétariat général", ("Courrier arrivé", "Courrier départ", "Arrêtés"), ("Courrier préfecture", "Arrêté voirie", "Convention")),
    ("Conseil municipal", ("Délibérations", "Procès-verbaux", "Convocations"), ("Délibération", "PV séance", "Ordre du jour")),
    ("État civil", ("Naissances", "Mariages", "Décès", "Cimetière"), ("Acte de naissance", "Livret de famille", "Concession")),
    ("Urbanisme", ("Permis de construire", "Déclarations préalables", "PLU"), ("PC", "DP", "Certificat d'urbanisme", "Plan cadastral")),
    ("Finances", ("Budget primitif", "Compte administratif", "Mandats", "Titres"), ("Budget", "Mandat", "Titre de recettes", "Emprunt")),
    ("Paie et RH", ("Bulletins", "Contrats", "Congés", "Formations"), ("Bulletin de paie", "Arrêté nomination", "Fiche de poste")),
    ("Marchés publics", ("DCE", "Offres", "Analyse", "Notification"), ("CCTP", "CCAP", "Acte d'engagement", "Rapport d'analyse")),
    ("Services techniques", ("Voirie", "Bâtiments", "Espaces verts", "Photos chantier"), ("Devis", "Intervention", "Plan", "Relevé")),
    ("École et périscolaire", ("Inscriptions", "Cantine", "Garderie"), ("Inscription", "Menu", "Facture cantine", "Liste élèves")),
    ("CCAS", ("Aides", "Colis", "Logement"), ("Dossier d'aide", "Attestation", "Demande de logement")),
    ("Élections", ("Listes électorales", "Bureaux de vote"), ("Liste électorale", "PV bureau", "Procuration")),
    ("Communication", ("Bulletin municipal", "Photos", "Site internet"), ("Bulletin", "Affiche", "Communiqué", "Fête du village")),
)
NAMES = ("DUPONT", "Le Goff", "MARTIN", "N'Diaye", "Lefèvre", "GARCÍA", "Benoît", "Müller", "d'Hauteville", "Petit-Jean", "CŒURDEROY")
STATES = ("", "", "", " (signé)", " - VF", " définitif", " corrigé", " scan", " à valider")
# Shares of what a document is.
FORMATS = (("docx", 30), ("odt", 9), ("xlsx", 15), ("pdf", 24), ("jpg", 4), ("txt", 7), ("csv", 6), ("eml", 5))

DOCUMENT_COUNT = 3_900
MAIL_COUNT = 1_500
MAILBOXES = (("Archives messagerie/accueil.mbox", 260), ("Archives messagerie/ancien maire.mbox", 420))
DATABASE_ROWS = 160_000
RECORDING_BYTES = 60_000_000


def make(tree: TreeWriter, rng: random.Random, scale: float, real: bool) -> None:
    """Makes the tree: `scale` 1 is more than 5,000 files and about 1 GB. Real files are not used here."""
    del real
    writer = documents.Writer(rng)
    services(tree, rng, writer, max(1, int(DOCUMENT_COUNT * scale)))
    maildir(tree, rng, writer, max(1, int(MAIL_COUNT * scale)))
    for path, count in MAILBOXES:
        tree.file(path, mailbox(rng, writer, max(1, int(count * scale))))
    oddities(tree, rng, int(RECORDING_BYTES * scale))
    database = "Logiciels/Gestion/administres.db"
    tree.folder("Logiciels/Gestion")
    documents.write_database(f"{tree.root}/{database}", rng, max(1, int(DATABASE_ROWS * scale)))
    tree.adopt(database)


def services(tree: TreeWriter, rng: random.Random, writer: documents.Writer, count: int) -> None:
    """Writes documents, each sometimes followed by its later versions and by plain copies."""
    formats, weights = zip(*FORMATS)
    for number in range(count):
        service, folders, subjects = rng.choice(SERVICES)
        year = rng.randint(FIRST_YEAR, LAST_YEAR)
        folder = f"Services/{service}/{year}/{rng.choice(folders)}"
        ending = rng.choices(formats, weights)[0]
        stem = f"{rng.choice(subjects)} {rng.choice(NAMES)} {year}-{number:04}{rng.choice(STATES)}"
        content = writer.document(ending)
        tree.file(spelled(rng, f"{folder}/{stem}.{ending}"), content)
        for version in range(2, 2 + rng.choices((0, 1, 2, 3), (80, 12, 5, 3))[0]):
            content = writer.next_version(ending, content)
            tree.file(spelled(rng, f"{folder}/{stem} v{version}.{ending}"), content)
        if rng.random() < 0.08:
            place = rng.choice((folder, f"Commun/À trier/{rng.choice(NAMES)}", f"Services/{service}/{year}/Ancien"))
            tree.file(spelled(rng, f"{place}/Copie de {stem}.{ending}"), content)


def spelled(rng: random.Random, path: str) -> str:
    """Returns the path as a PC spells it or, one time in twelve, its last part as a Mac does (decomposed accents)."""
    folder, name = path.rsplit("/", 1)
    form = "NFD" if rng.random() < 1 / 12 else "NFC"
    return f"{folder}/{unicodedata.normalize(form, name)}"


def maildir(tree: TreeWriter, rng: random.Random, writer: documents.Writer, count: int) -> None:
    """Writes a Maildir: half the messages carry attachments, some of which several messages share."""
    for folder in ("cur", "new", "tmp"):
        tree.folder(f"Messagerie/mairie/Maildir/{folder}")
    attachments: list[bytes] = []
    for number in range(count):
        state, flags = ("new", "") if rng.random() < 0.05 else ("cur", ":2," + rng.choice(("", "S", "RS", "FS")))
        box = rng.choice(("", "", ".Envoyés/", ".Archives.2024/", ".Élus/"))
        name = f"{1_600_000_000 + number * 9_731}.M{number}P{rng.randrange(9_999)}.mairie{flags}"
        attachment = None
        if rng.random() < 0.5:
            shared = attachments and rng.random() < 0.25
            attachment = rng.choice(attachments) if shared else writer.document(rng.choice(("pdf", "pdf", "docx")))
            attachments = [*attachments[-20:], attachment]
        tree.file(f"Messagerie/mairie/Maildir/{box}{state}/{name}", message(rng, writer, number, attachment))


def mailbox(rng: random.Random, writer: documents.Writer, count: int) -> Iterator[bytes]:
    """Yields the messages of an mbox file."""
    for number in range(count):
        attachment = writer.document("pdf") if rng.random() < 0.3 else None
        yield b"From mairie@exemple.fr Thu Jan  2 08:30:00 2020\r\n" + message(rng, writer, number, attachment) + b"\r\n"


def message(rng: random.Random, writer: documents.Writer, number: int, attachment: bytes | None) -> bytes:
    """Returns a mail message, as mail servers store it: attachments in base64."""
    head = (
        f"Return-Path: <accueil@exemple.fr>\r\nMessage-ID: <{rng.getrandbits(96):x}@exemple.fr>\r\n"
        f"Date: Mon, {1 + number % 28} Mar {rng.randint(FIRST_YEAR, LAST_YEAR)} 09:{number % 60:02}:00 +0100\r\n"
        f"From: Mairie <accueil@exemple.fr>\r\nTo: {rng.choice(NAMES)} <contact@exemple.fr>\r\n"
        f"Subject: Dossier {number}\r\nMIME-Version: 1.0\r\n"
    ).encode()
    body = writer.text(rng.randint(300, 4_000)).encode()
    if attachment is None:
        return head + b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + body
    part = base64.encodebytes(attachment).replace(b"\n", b"\r\n")
    return b"\r\n".join((
        head + b'Content-Type: multipart/mixed; boundary="limite"\r\n',
        b"--limite\r\nContent-Type: text/plain; charset=utf-8\r\n",
        body,
        b"--limite\r\nContent-Transfer-Encoding: base64\r\n",
        part + b"--limite--\r\n",
    ))


def oddities(tree: TreeWriter, rng: random.Random, recording_bytes: int) -> None:
    """Writes what lies about on such drives: a recording, thumbnails, lock files, an empty file, a very long name."""
    tree.file("Conseil municipal - enregistrement.mp4", b"\0\0\0\x18ftypmp42" + rng.randbytes(recording_bytes))
    for service, folders, _ in SERVICES:
        tree.file(f"Services/{service}/{LAST_YEAR}/{folders[0]}/Thumbs.db", rng.randbytes(rng.randint(5_000, 60_000)))
        tree.file(f"Services/{service}/desktop.ini", b"[.ShellClassInfo]\r\nIconIndex=3\r\n")
    tree.file("Commun/~$dget 2025.xlsx", b"\x06Accueil".ljust(165, b" "))
    tree.file("Commun/Nouveau document texte.txt", b"")
    tree.file(f"Commun/{'Compte rendu de la réunion ' * 8}.txt", b"Personne ne retrouve ce fichier.\r\n")
    tree.link("Commun/Budget en cours", f"../Services/Finances/{LAST_YEAR}")
