"""Names and folders as a French town hall has them: services from the tree of `make_trees.py office`, sixteen years of habits."""

from __future__ import annotations

import random
import unicodedata

from trees.office import FIRST_YEAR, LAST_YEAR, NAMES, SERVICES, STATES

# Kinds with places of their own: folder, what files are called.
PLACES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("jpg png tiff gif bmp webp", "Communication/Photos/{year}", ("DSC_{number:04}", "IMG_{number}", "Fête du village {number}", "scan{number:04}", "Photo école n°{number}")),
    ("tiff pdf ps", "Secrétariat général/Courrier arrivé/{year}/Scans", ("scan_{year}{number:04}", "Courrier préfecture {number}", "télécopie {number}")),
    ("shp shx dbf dxf dwg", "SIG/Cadastre/{year}", ("parcelles_{number}", "réseau eau {number}", "PLU zone {number}", "PLAN{number:03}")),
    ("xml json sqlite", "SIG/Échanges {year}", ("export {number}", "couche_{number}", "flux Hélios {number}", "PES_{year}_{number}")),
    ("sqlite mdb pst dbf", "Logiciels/Gestion/{year}", ("administres{number}", "cimetière {number}", "cantine_{number}", "BASE{number}")),
    ("eml msg mbox pst", "Archives messagerie/{year}", ("RE demande {number}", "TR_ convocation {number}", "accueil {number}", "message {number}")),
    ("zip 7z gz xz bz2 zst tar jar", "Informatique/Sauvegardes/{year}", ("dossier {number}", "sauvegarde_{year}_{number}", "site internet {number}", "ARCHIVE{number}")),
    ("script sql html json svg", "Communication/Site internet/{year}", ("page {number}", "module{number}", "structure {number}", "accueil{number}")),
    ("mp3 mp4 avi wav ogg flac", "Conseil municipal/Enregistrements {year}", ("séance {number}", "VOICE{number:03}", "film {number}", "discours du maire {number}")),
    ("svg wmf ttf png gif", "Communication/Logos et chartes", ("logo {number}", "pictogramme {number}", "police {number}")),
)
LONG = " - version transmise à la préfecture pour contrôle de légalité avec les observations du trésorier principal"


class Namer:
    """Gives each file a path that nothing else has."""

    def __init__(self, seed: str) -> None:
        self.rng = random.Random(seed)
        self.taken: set[str] = set()
        self.number = 0

    def path(self, kind: str, extension: str) -> str:
        """Returns a new path for a file of a kind. The extension stays, now and then in capitals."""
        extension = extension.upper() if self.rng.random() < 0.12 else extension
        while True:
            self.number += 1
            folder, stem = self._place(kind)
            stem = stem.upper() if self.rng.random() < 0.04 else stem
            path = f"{folder}/{stem}.{extension}"
            if self.rng.random() < 0.05:
                path = unicodedata.normalize("NFD", path)
            if path.casefold() not in self.taken and len(path.rsplit("/", 1)[1].encode()) <= 200:
                self.taken.add(path.casefold())
                return path

    def _place(self, kind: str) -> tuple[str, str]:
        year = self.rng.randint(FIRST_YEAR, LAST_YEAR)
        places = [place for place in PLACES if kind in place[0].split()]
        if places and self.rng.random() < 0.85:
            _, folder, stems = self.rng.choice(places)
            stem = self.rng.choice(stems)
        else:
            service, folders, subjects = self.rng.choice(SERVICES)
            folder = f"{service}/{self.rng.choice(folders)}/{{year}}"
            stem = f"{self.rng.choice(subjects)} {{number}} {self.rng.choice(NAMES)}{self.rng.choice(STATES)}"
            stem += LONG if self.rng.random() < 0.02 else ""
        values = {"year": year, "number": self.number}
        return folder.format(**values), stem.format(**values).replace("/", "-").strip()
