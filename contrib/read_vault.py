#!/usr/bin/env python3
"""Reads a vault without Beffroi: lists its snapshots, restores one.

Needs Linux, Python 3.11, the two files vault_*.py and the packages in requirements.txt. Exit
code: 0 all is well, 2 wrong usage, 3 something is damaged or was not restored (named on stderr)
and the rest is there, 5 the vault is too damaged, 1 all else. `--identity` is the recovery kit.
"""

import argparse
import datetime
import errno
import hashlib
import os
import stat
import sys

from vault_blobs import Blobs, entry_fields
from vault_format import Damaged, Failure, Kit, Locked, Newer, Report, Vault, feed, printable

KINDS = [stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK, stat.S_IFIFO, stat.S_IFSOCK, stat.S_IFCHR, stat.S_IFBLK]
FILE, DIRECTORY, SYMLINK = 0, 1, 2
PASS_ONLY = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC

# ---- restoring (§7) ----


class Restore:
    """Writes a tree below an empty directory.

    One directory is open at a time, as `self.here`; names are used relative to it and never
    followed, so that neither long paths nor planted links matter.
    """

    def __init__(self, blobs, to, report, keep_damaged):
        self.blobs, self.report, self.keep_damaged = blobs, report, keep_damaged
        self.files = self.bytes = 0
        self.links = {}  # the path a hard link names → the path where its file is
        self.is_root = os.geteuid() == 0
        try:
            os.makedirs(to, mode=0o700, exist_ok=True)
            self.top = open_directory(os.path.realpath(to))
            if os.listdir(self.top):
                raise Failure(f"{to}: not empty")
        except OSError as error:
            raise Failure(f"{to}: {error.strerror}") from error

    def run(self, root):
        self.here = os.dup(self.top)
        self.path, frames = [], [self.frame(root)]
        while frames:
            entry, below, _ = frames[-1]
            item = next(below, None)
            try:
                if item is None:
                    frames.pop()
                    self.leave(entry, frames[-1][2] if frames else None)
                elif isinstance(item, Exception):
                    self.problem(b"(some entries)", item)
                elif (directory := self.make(item)) is not None:
                    frames.append(self.frame(directory))
            except Failure:
                raise
            except OSError as error:
                if item is None or error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
                    raise Failure(f"{printable(b'/'.join(self.path))}: {error.strerror}") from error
                self.problem(name_of(item), error.strerror)
            except (Damaged, Newer, ValueError, OverflowError, TypeError, IndexError) as error:
                self.problem(name_of(item), error)

    def frame(self, entry):
        below = self.blobs.entries(entry[18]) if entry[18] else iter(())
        here = os.fstat(self.here)
        return entry, below, (here.st_dev, here.st_ino)

    def problem(self, name, why):
        self.report.problem(b"/".join([*self.path, name]), why)

    def make(self, item):
        """Makes one entry; returns it if it is a directory, which is then `here`."""
        entry = entry_fields(item)
        name, kind = entry[0], entry[1]
        if name in (b"", b".", b"..") or b"/" in name or b"\0" in name:
            raise Damaged("unsafe name, not restored")
        if not 0 <= kind < len(KINDS):
            raise Newer(f"entry (type {kind})")
        if kind == DIRECTORY:
            os.mkdir(name, 0o700, dir_fd=self.here)
            below = open_directory(name, self.here)
            os.close(self.here)
            self.here = below
            self.path.append(name)
            return entry
        if not self.link(entry):
            if kind == FILE:
                self.make_file(entry)
            elif kind == SYMLINK:
                os.symlink(entry[14] or b"", name, dir_fd=self.here)
            else:
                device = os.makedev(*entry[15]) if entry[15] else 0
                os.mknod(name, KINDS[kind] | 0o600, device, dir_fd=self.here)
            fd = os.open(name, PASS_ONLY, dir_fd=self.here)
            self.describe(fd, entry)
            os.close(fd)
        self.files += kind == FILE
        return None

    def leave(self, entry, parent):
        """Ends a directory: goes up, then gives it its mode and times."""
        done, name = self.here, self.path.pop() if parent else b""
        if parent:
            self.here = open_directory("..", done)
            here = os.fstat(self.here)
            if (here.st_dev, here.st_ino) != parent:
                raise Failure("a directory was moved while it was being restored")
        if not (entry[21] or 0) & 2:
            self.path.append(name)
            self.describe(done, entry, b"")
            self.path.pop()
        os.close(done)

    def link(self, entry):
        """Links a member of a hard-link group to the one that is there already."""
        path = (*self.path, entry[0])
        first = path if entry[13] is None else tuple(part for part in entry[13].split(b"/") if part)
        if entry[13] is None and first not in self.links:
            return False
        target = self.links.setdefault(first, first)
        if not target or b"." in target or b".." in target:
            raise Damaged("unsafe path of a hard link, not restored")
        folder = os.dup(self.top)
        try:
            for part in target[:-1]:
                above, folder = folder, os.open(part, PASS_ONLY | os.O_DIRECTORY, dir_fd=folder)
                os.close(above)
            found = os.stat(target[-1], dir_fd=folder, follow_symlinks=False)
            if stat.S_IFMT(found.st_mode) == KINDS[entry[1]] and found.st_size == self.size_of(entry):
                os.link(target[-1], entry[0], src_dir_fd=folder, dst_dir_fd=self.here, follow_symlinks=False)
                return True
        except OSError:
            pass  # it carries its content, and becomes the one to link to
        finally:
            os.close(folder)
        self.links[first] = path
        return False

    @staticmethod
    def size_of(entry):
        return entry[11] or 0 if entry[1] == FILE else len(entry[14] or b"") if entry[1] == SYMLINK else 0

    def make_file(self, entry):
        size, digest, error = entry[11] or 0, hashlib.sha256(), None
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(entry[0], flags, 0o600, dir_fd=self.here), "wb") as file:
            try:
                for offset, length, found in self.blobs.content(entry):
                    if isinstance(found, Exception):
                        error = error or found
                    elif found is not None:
                        file.seek(offset)
                        file.write(found)
                    if entry[20] and error is None:
                        feed(digest, [found] if found else zeros(length))
            except (Damaged, ValueError, TypeError, IndexError) as malformed:
                error = error or malformed
            file.flush()
            os.ftruncate(file.fileno(), size)
        if error is None and entry[20] and digest.digest() != entry[20]:
            error = Damaged("the content does not have the recorded SHA-256")
        if error and not self.keep_damaged:
            os.unlink(entry[0], dir_fd=self.here)
            raise Damaged(f"not restored: {error}")
        if error:
            self.problem(entry[0], f"restored with zeros in place of what is lost: {error}")
        if (entry[21] or 0) & 1:
            self.report.note(b"/".join([*self.path, entry[0]]), "was changing while it was saved")
        self.bytes += size

    def describe(self, fd, entry, name=None):
        """Gives owner, attributes, mode and times, in the order in which none undoes another."""
        place, steps, mode = f"/proc/self/fd/{fd}", [], entry[2]
        if self.is_root and entry[3] is not None and entry[4] is not None:
            steps.append(lambda: os.chown(place, entry[3], entry[4]))
        elif mode is not None and (entry[3], entry[4]) != (os.geteuid(), os.getegid()):
            mode &= 0o1777  # set-user-id is for the recorded owner, not for who restores
        for pair in entry[12] or []:
            steps.append(lambda pair=pair: self.attribute(place, *pair))
        if mode is not None and entry[1] != SYMLINK:
            steps.append(lambda: os.chmod(place, mode & 0o7777))
        if entry[7] is not None:
            nanoseconds = entry[7] * 10**9 + (entry[8] or 0)
            steps.append(lambda: os.utime(place, ns=(nanoseconds, nanoseconds)))
        for step in steps:
            try:
                step()
            except (OSError, ValueError, OverflowError, TypeError, AttributeError) as error:
                self.problem(entry[0] if name is None else name, f"metadata not restored: {error}")

    def attribute(self, place, name, value):
        if self.is_root or not name.startswith((b"security.", b"trusted.")):
            os.setxattr(place, name, value)


def open_directory(name, above=None):
    return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=above)


def name_of(item):
    name = item.get(0) if isinstance(item, dict) else None
    return name if isinstance(name, bytes) else b"(no name)"


def zeros(length):
    for begin in range(0, length, 1 << 20):
        yield bytes(min(1 << 20, length - begin))


# ---- commands ----


def list_snapshots(vault, _arguments):
    """Prints a line for each snapshot of each strand."""
    print("strand", "seq", "source", "host", "started", "files", "bytes", "id", sep="\t")
    refused = []
    for strand_id in sorted(vault.enrolled):
        try:
            strand = vault.strand(strand_id)
        except (Damaged, Newer) as error:
            refused.append(error)
            vault.report.problem("strand left out", error)
            continue
        for manifest in vault.manifests(strand):
            about, counts = manifest.sealed, manifest.counts
            line = [strand_id.hex(), manifest.fields[2], about[0], about[1], zoned(about[3]), counts[0], counts[1]]
            print(*map(printable, line), manifest.hash[:12], sep="\t")
    if refused and len(refused) == len(vault.enrolled):
        if all(isinstance(error, Locked) for error in refused):
            raise Failure("this identity opens no strand of the vault")
        raise refused[0]


def zoned(nanoseconds):
    try:
        return datetime.datetime.fromtimestamp(nanoseconds // 10**9).astimezone().isoformat(sep=" ", timespec="seconds")
    except (ValueError, OverflowError, OSError):
        return "unknown"


def restore_snapshot(vault, arguments):
    """Restores the one snapshot whose manifest's hash begins as given."""
    found = [(strand_id, seq, digest) for strand_id in vault.enrolled
             for seq, digest in vault.listing(f"strands/{strand_id.hex()}/snapshots")
             if digest.startswith(arguments.snapshot.lower())]
    if not found and vault.report.incomplete:
        raise Damaged(f"no snapshot {printable(arguments.snapshot)} in what is left (see --without-owner-log)")
    if len(found) != 1:
        raise Failure(f"{len(found)} snapshots have an id that begins with {printable(arguments.snapshot)}")
    strand_id, seq, digest = found[0]
    try:
        strand = vault.strand(strand_id)
    except Locked as error:
        raise Failure(str(error)) from error
    manifest = vault.manifest(strand, seq, digest)
    vault.tell_broken_chain(strand, manifest)
    root = entry_fields(manifest.sealed[5], "root entry")
    if root[0] != b"" or root[1] != DIRECTORY:
        raise Damaged("the root entry is not a directory without name")
    restore = Restore(Blobs(vault, strand, manifest), arguments.to, vault.report, arguments.keep_damaged)
    restore.run(root)
    print(f"restored {restore.files} files, {restore.bytes} bytes")
    if not restore.is_root:
        vault.report.note("not root", "owners, privileged attributes and others' set-user-id bits were not restored")


def parse_arguments():
    parser = argparse.ArgumentParser(description="Reads a Beffroi vault without Beffroi.")
    commands = parser.add_subparsers(required=True)
    for name, run in ("list", list_snapshots), ("restore", restore_snapshot):
        command = commands.add_parser(name, help=run.__doc__)
        command.set_defaults(run=run)
        command.add_argument("--vault", required=True, metavar="DIR")
        command.add_argument("--identity", required=True, metavar="FILE", help="the recovery kit")
        command.add_argument("--without-owner-log", action="store_true", help="last resort, if that log is damaged")
    command.add_argument("--to", required=True, metavar="DIR", help="a new or empty directory")
    command.add_argument("--keep-damaged", action="store_true", help="keep files with zeros where blobs are lost")
    command.add_argument("snapshot", metavar="SNAP", help="first digits of the id that `list` prints")
    return parser.parse_args()


def main():
    arguments, report = parse_arguments(), Report()
    sys.stdout.reconfigure(errors="backslashreplace")
    try:
        vault = Vault(arguments.vault, Kit(arguments.identity), report, arguments.without_owner_log)
        arguments.run(vault, arguments)
    except (Failure, Newer, OSError) as error:
        report.note("error", error)
        return 1
    except Damaged as error:
        report.note("damaged", error)
        return 5
    return 3 if report.incomplete else 0


if __name__ == "__main__":
    sys.exit(main())
