"""The programs and their command lines. Encryption on, zstd at level 3 or the nearest default, caches in the turn's folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass

from race.process import Command

PASSWORD = "un mot de passe pour mesurer"


@dataclass(frozen=True)
class Turn:
    """The folders of one program in one round, all of them new."""

    program: str
    tree: str
    folder: str

    @property
    def vault(self) -> str:
        return f"{self.folder}/vault"

    @property
    def state(self) -> str:
        return f"{self.folder}/state"

    @property
    def restored(self) -> str:
        return f"{self.folder}/restored"

    def command(self, *words: str, folder: str | None = None, **environment: str) -> Command:
        home = f"{self.folder}/home"
        homes = {"HOME": home, "XDG_CACHE_HOME": f"{home}/.cache", "XDG_CONFIG_HOME": f"{home}/.config"}
        return Command([self.program, *words], {**homes, **environment}, folder or self.folder)


@dataclass(frozen=True)
class Tool:
    """How to drive a program: prepare a vault (not measured), back up the tree under a label, restore that label."""

    name: str
    version: tuple[str, ...]
    prepare: Callable[[Turn], list[Command]]
    backup: Callable[[Turn, str], Command]
    restore: Callable[[Turn, str], Command]


def beffroi_prepare(turn: Turn) -> list[Command]:
    return [turn.command("--state", turn.state, "init", turn.vault, "--recovery-out", f"{turn.folder}/recovery.txt")]


def beffroi_backup(turn: Turn, label: str) -> Command:
    del label
    return turn.command("--vault", turn.vault, "--state", turn.state, "backup", "--source", "tree", turn.tree)


def beffroi_restore(turn: Turn, label: str) -> Command:
    del label
    identity = f"{turn.folder}/recovery.txt"
    return turn.command("--vault", turn.vault, "--identity", identity, "restore", "tree@latest", "--to", turn.restored)


def restic(turn: Turn, *words: str) -> Command:
    return turn.command("--quiet", "--cache-dir", turn.state, *words, RESTIC_REPOSITORY=turn.vault, RESTIC_PASSWORD=PASSWORD)


def restic_prepare(turn: Turn) -> list[Command]:
    return [restic(turn, "init")]


def restic_backup(turn: Turn, label: str) -> Command:
    return restic(turn, "backup", "--compression", "auto", "--tag", label, turn.tree)


def restic_restore(turn: Turn, label: str) -> Command:
    return restic(turn, "restore", f"latest:{turn.tree}", "--tag", label, "--target", turn.restored)


def rustic(turn: Turn, *words: str) -> Command:
    settings = {
        "RUSTIC_REPOSITORY": turn.vault,
        "RUSTIC_PASSWORD": PASSWORD,
        "RUSTIC_CACHE_DIR": turn.state,
        "RUSTIC_NO_PROGRESS": "true",
        "RUSTIC_LOG_LEVEL": "warn",
    }
    return turn.command(*words, **settings)


def rustic_prepare(turn: Turn) -> list[Command]:
    return [rustic(turn, "init", "--set-compression", "3")]


def rustic_backup(turn: Turn, label: str) -> Command:
    return rustic(turn, "backup", "--tag", label, turn.tree)


def rustic_restore(turn: Turn, label: str) -> Command:
    del label
    return rustic(turn, "restore", f"latest:{turn.tree}", turn.restored)


def borg(turn: Turn, *words: str, folder: str | None = None) -> Command:
    return turn.command(*words, folder=folder, BORG_REPO=turn.vault, BORG_PASSPHRASE=PASSWORD, BORG_BASE_DIR=turn.state)


def borg_prepare(turn: Turn) -> list[Command]:
    return [borg(turn, "init", "--encryption", "repokey-blake2")]


def borg_backup(turn: Turn, label: str) -> Command:
    return borg(turn, "create", "--compression", "zstd,3", f"::{label}", ".", folder=turn.tree)


def borg_restore(turn: Turn, label: str) -> Command:
    return borg(turn, "extract", f"::{label}", folder=turn.restored)


def bupstash(turn: Turn, *words: str) -> Command:
    settings = {
        "BUPSTASH_REPOSITORY": turn.vault,
        "BUPSTASH_KEY": f"{turn.folder}/bupstash.key",
        "BUPSTASH_QUERY_CACHE": f"{turn.state}/query-cache",
    }
    return turn.command(*words, **settings)


def bupstash_prepare(turn: Turn) -> list[Command]:
    return [bupstash(turn, "new-key", "-o", f"{turn.folder}/bupstash.key"), bupstash(turn, "init")]


def bupstash_backup(turn: Turn, label: str) -> Command:
    send_log = f"{turn.state}/send-log"
    return bupstash(turn, "put", "-q", "--compression", "zstd:3", "--send-log", send_log, f"label={label}", "::", turn.tree)


def bupstash_restore(turn: Turn, label: str) -> Command:
    return bupstash(turn, "restore", "-q", "--into", turn.restored, f"label={label}")


TOOLS = (
    Tool("beffroi", ("--version",), beffroi_prepare, beffroi_backup, beffroi_restore),
    Tool("restic", ("version",), restic_prepare, restic_backup, restic_restore),
    Tool("rustic", ("--version",), rustic_prepare, rustic_backup, rustic_restore),
    Tool("borg", ("--version",), borg_prepare, borg_backup, borg_restore),
    Tool("bupstash", ("--version",), bupstash_prepare, bupstash_backup, bupstash_restore),
)


def find(tool: Tool, folder: str | None) -> str | None:
    """Returns the program's path: in the peers' folder if it is there, else on the PATH."""
    beside = os.path.join(folder, tool.name) if folder else ""
    return os.path.abspath(beside) if beside and os.access(beside, os.X_OK) else shutil.which(tool.name)
