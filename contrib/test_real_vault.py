"""A vault of the real program, read by the independent reader and by the document's commands.

BEFFROI names the program; `cargo xtask ci` builds it and sets this.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
FORMAT = HERE.parent / "docs" / "format.md"
SOURCE = pathlib.Path("/usr/share/doc")


class RealVault(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.program = os.environ.get("BEFFROI")
        if not cls.program:
            raise AssertionError("BEFFROI must name the program: run `cargo xtask ci`")
        cls.folder = pathlib.Path(tempfile.mkdtemp())
        cls.source = cls.folder / "source"
        subprocess.run(["cp", "-a", SOURCE, cls.source], check=True)
        cls.add_oddities(cls.source)
        cls.beffroi("init", cls.folder / "vault", "--recovery-out", cls.folder / "kit.txt")
        cls.beffroi("backup", "--source", "doc", cls.source)
        (cls.source / "large").write_bytes(os.urandom(70 << 20) + bytes(5 << 20))
        cls.beffroi("backup", "--source", "doc", cls.source)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    @classmethod
    def beffroi(cls, *arguments):
        where = ["--vault", cls.folder / "vault", "--state", cls.folder / "state", "--no-progress"]
        if arguments[0] == "init":
            where = where[2:]
        subprocess.run([cls.program, *where, *arguments], check=True, stdout=subprocess.DEVNULL)

    @staticmethod
    def add_oddities(source):
        (source / "été\nà la mairie").write_text("bonjour")
        os.symlink("nowhere", source / "dangling")
        os.mkfifo(source / "pipe")
        os.link(source / "été\nà la mairie", source / "again")
        with open(source / "sparse", "wb") as sparse:
            sparse.seek(300 << 20)
            sparse.write(b"end")
        many = source / "many"
        many.mkdir()
        for number in range(3000):
            (many / f"{number}.eml").write_text(f"message {number}")

    def reader(self, *arguments):
        command, *rest = arguments
        done = subprocess.run([sys.executable, HERE / "read_vault.py", command, "--vault", self.folder / "vault",
                               "--identity", self.folder / "kit.txt", *rest],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def snapshots(self):
        return [line.split("\t") for line in self.reader("list").splitlines()[1:]]

    def test_the_newest_snapshot_comes_back_bit_for_bit(self):
        snapshots = self.snapshots()
        self.assertEqual([row[2] for row in snapshots], ["doc", "doc"])
        self.reader("restore", "--to", self.folder / "back", snapshots[-1][-1])
        # Not even a directory's time may differ; rsync prints what does.
        done = subprocess.run(["rsync", "-aHAXn", "--delete", "--itemize-changes", "--checksum",
                               f"{self.source}/", f"{self.folder / 'back'}/"],
                              capture_output=True, text=True, check=True)
        self.assertEqual(done.stdout, "")

    def test_a_person_finds_one_file_by_hand(self):
        section = FORMAT.read_text(encoding="utf-8").split("\n## 10. ")[1]
        script = "\n".join(re.findall(r"```python\n(.*?)```", section, re.DOTALL))
        manifest = sorted(self.folder.glob("vault/strands/*/snapshots/*"))[-1]
        for wanted in ("large", "many/1234.eml", "again"):
            variables = {"VAULT": self.folder / "vault", "KIT": self.folder / "kit.txt", "MANIFEST": manifest,
                         "WANTED": wanted, "FOUND": self.folder / "found"}
            done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False,
                                  env=os.environ | {key: str(value) for key, value in variables.items()})
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual((self.folder / "found").read_bytes(), (self.source / wanted).read_bytes())


if __name__ == "__main__":
    unittest.main()
