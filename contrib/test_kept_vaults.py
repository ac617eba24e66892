"""The vaults of testdata, read by the independent reader: what was written once must come back for ever.

Run: python3 -m unittest discover contrib  (packages: requirements.txt; needs root and extended attributes)
"""

import hashlib
import os
import pathlib
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
TESTDATA = HERE.parent / "testdata"
NEWER = "was written by a newer version"


def lines(folder):
    """What a folder holds, as truth.txt tells it (testdata/README.md)."""
    folder = os.fsencode(folder)
    paths = [b"", *(os.path.relpath(os.path.join(place, name), folder)
                    for place, below, files in os.walk(folder) for name in below + files)]
    groups = {}
    for path in sorted(paths, key=lambda path: path.split(b"/")):
        status = os.lstat(os.path.join(folder, path))
        if stat.S_ISREG(status.st_mode) and status.st_nlink > 1:
            groups.setdefault(status.st_ino, escaped(path))
    return sorted(line(folder, path, groups) for path in paths)


def line(folder, path, groups):
    place = os.path.join(folder, path)
    status = os.lstat(place)
    kind = {stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "link",
            stat.S_IFIFO: "pipe"}[stat.S_IFMT(status.st_mode)]
    mode = "-" if kind == "link" else f"{stat.S_IMODE(status.st_mode):04o}"
    seconds, nanoseconds = divmod(status.st_mtime_ns, 10**9)
    time = "-" if kind == "link" else f"{seconds}.{nanoseconds:09}"
    what, attributes = "-", "-"
    if kind == "file":
        what = hashlib.sha256(pathlib.Path(os.fsdecode(place)).read_bytes()).hexdigest()
        names = sorted(name for name in os.listxattr(place) if name.startswith("user."))
        attributes = ",".join(f"{name}={os.getxattr(place, name).hex()}" for name in names) or "-"
    elif kind == "link":
        what = escaped(os.readlink(place))
    return " ".join([escaped(path or b"."), kind, mode, time, groups.get(status.st_ino, "-"), attributes, what])


def escaped(name):
    return "".join(chr(byte) if 0x21 <= byte < 0x7f and byte != 0x5c else f"\\x{byte:02x}" for byte in name)


class KeptVaults(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def reader(self, vault, kit, command, *more):
        return subprocess.run([sys.executable, HERE / "read_vault.py", command, "--vault", vault, "--identity", kit,
                               *more], capture_output=True, text=True, check=False)

    def comes_back(self, name):
        kept, back = TESTDATA / name, self.folder / "back"
        snapshots = (kept / "truth.txt").read_text(encoding="ascii").split("snapshot ")[1:]
        self.assertGreaterEqual(len(snapshots), 3)
        for snapshot in snapshots:
            head, *expected = snapshot.splitlines()
            digest, how = head.split()
            done = self.reader(kept / "vault", kept / "kit.txt", "restore", "--to", back, digest[:12])
            # Damage elsewhere in the vault is told too, and makes no difference to what comes back.
            self.assertIn(done.returncode, [0] if "newer-version" not in name else [0, 3], done.stderr)
            if how == "partial":
                self.assertEqual(done.returncode, 3, done.stderr)
                self.assertIn(NEWER, done.stderr)
            self.assertEqual(lines(back), sorted(expected), digest)
            shutil.rmtree(back)
        return kept, len(snapshots)

    def test_a_vault_of_version_0_comes_back(self):
        kept, count = self.comes_back("v0-plain")
        done = self.reader(kept / "vault", kept / "kit.txt", "list")
        self.assertEqual((done.returncode, len(done.stdout.splitlines())), (0, count + 1), done.stderr)

    def test_additions_of_later_writers_are_passed_over(self):
        kept, count = self.comes_back("v0-newer-fields")
        done = self.reader(kept / "vault", kept / "kit.txt", "list")
        self.assertEqual((done.returncode, len(done.stdout.splitlines())), (0, count + 1), done.stderr)

    def test_what_a_later_version_wrote_is_named(self):
        kept, count = self.comes_back("v0-newer-version")
        done = self.reader(kept / "vault", kept / "kit.txt", "list")
        self.assertEqual((done.returncode, len(done.stdout.splitlines())), (3, count + 1), done.stderr)
        self.assertEqual(done.stderr.count(NEWER), 3, done.stderr)  # two manifests, a strand

    def test_an_owners_entry_of_a_later_version_stops_the_reader(self):
        kept, vault = TESTDATA / "v0-newer-version", self.folder / "vault"
        shutil.copytree(kept / "vault", vault)
        for entry in (kept / "later-owner-entry").iterdir():
            shutil.copy(entry, vault / "owner")
        done = self.reader(vault, kept / "kit.txt", "list")
        self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
        self.assertIn(NEWER, done.stderr)


if __name__ == "__main__":
    unittest.main()
