"""Tests read_vault.py on vaults that a tiny writer makes here, from docs/format.md alone.

Run: python3 -m unittest discover contrib  (packages: requirements.txt; program: age)
"""

import base64
import hashlib
import os
import pathlib
import re
import shutil
import stat
import struct
import subprocess
import sys
import tempfile
import unittest

import cbor2
import pyrage
import zstandard
from blake3 import blake3
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

HERE = pathlib.Path(__file__).resolve().parent
FORMAT = HERE.parent / "docs" / "format.md"
ZERO = bytes(32)
MTIME = 1_700_000_000
ZSTD_VERSION = struct.pack("<I", 10000 * zstandard.ZSTD_VERSION[0] + 100 * zstandard.ZSTD_VERSION[1]
                           + zstandard.ZSTD_VERSION[2])


def keyed(key, *parts):
    return blake3(b"".join(parts), key=key).digest()


def dump(value):
    return cbor2.dumps(value, canonical=True)


def signed(magic, body, *keys):
    head, body = magic + b"\0", dump(body)
    pairs = [[k.public_key().public_bytes_raw(), k.sign(b"beffroi signed v0" + head + body)] for k in keys]
    return head + struct.pack("<I", len(body)) + body + dump(pairs)


def box(secret, salt, kind, plain):
    digest = keyed(secret, b"beffroi box digest v0", bytes([kind]), plain)
    key = keyed(secret, b"beffroi box key v0", bytes([kind]), salt, digest)
    return digest + AESGCM(key).encrypt(bytes(12), plain, None)


def age(plain, *identities):
    return pyrage.encrypt(plain, [identity.to_public() for identity in identities])


class Writer:
    """A vault in a directory: one owner, one strand; packs of what was put since the last one."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.recovery, self.strand_identity = (pyrage.x25519.Identity.generate() for _ in "ab")
        self.owner, self.agent = (Ed25519PrivateKey.generate() for _ in "ab")
        self.vault_id, self.session, self.salt = os.urandom(16), os.urandom(32), os.urandom(32)
        self.id_key, self.index_key = os.urandom(32), os.urandom(32)
        owner, agent = (k.public_key().public_bytes_raw() for k in (self.owner, self.agent))
        self.strand = blake3(b"beffroi strand v0" + self.vault_id + agent).digest()[:16]
        self.folder, self.pending, self.packs = f"strands/{self.strand.hex()}", [], []
        self.log, self.manifests = [ZERO], [None]
        vault = b"BFRV\0" + dump({0: self.vault_id, 1: owner, 2: [str(self.recovery.to_public())]})
        self.write("vault", vault)
        self.owner_entry([0, blake3(vault).digest(), [owner], 1, [str(self.recovery.to_public())]])
        strand = b"BFRK\0" + dump({0: self.strand, 1: self.vault_id, 2: agent, 64: "an addition",
                                   3: str(self.strand_identity.to_public()), 4: self.secrets([self.strand_identity])})
        self.write(f"{self.folder}/strand", strand)
        self.owner_entry([1, self.strand, agent, blake3(strand).digest()])

    def kit(self, path, recovery=None, owner=None):
        seed = base64.b32encode((owner or self.owner).private_bytes_raw()).decode().rstrip("=")
        pathlib.Path(path).write_text(f"# Beffroi recovery kit\n# vault: {self.vault_id.hex()}\n# owner-key: {seed}\n"
                                      f"{recovery or self.recovery}\n")

    def write(self, name, data):
        file = self.path / re.sub(r"packs/(..)", r"packs/\1/\1", name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)

    def write_hashed(self, prefix, data):
        digest = blake3(data).digest()
        self.write(f"{prefix}{digest.hex()}", data)
        return digest

    def secrets(self, identities):
        return age(dump({0: self.strand, 1: self.id_key, 2: bytes(32), 3: self.index_key,
                         4: [str(identity) for identity in identities], 5: "town-hall"}), self.recovery)

    def owner_entry(self, act, *keys):
        seq = len(self.log) - 1
        entry = signed(b"BFRO", {0: self.vault_id, 1: seq, 2: self.log[-1], 3: MTIME, 4: None, 5: act},
                       *(keys or [self.owner]))
        self.log.append(self.write_hashed(f"owner/{seq:010}-", entry))

    def change_recipients(self):
        """Seals the strand secrets again, with a new strand identity."""
        old, self.strand_identity = self.strand_identity, pyrage.x25519.Identity.generate()
        recipient = str(self.strand_identity.to_public())
        keys = b"BFRY\0" + dump({0: self.strand, 1: self.vault_id, 2: 1, 3: recipient,
                                 4: self.secrets([old, self.strand_identity])})
        digest = self.write_hashed(f"{self.folder}/keys/0000000001-", keys)
        self.owner_entry([3, [str(self.recovery.to_public())], [[self.strand, digest, recipient]]])

    def blob(self, kind, plain):
        ident, codec, level = keyed(self.id_key, bytes([kind]), plain), len(plain) > 40, 3
        coded = zstandard.ZstdCompressor(level=level).compress(plain) if codec else plain
        level = level if codec else 0
        how = struct.pack("<Bb", codec, level)
        key = keyed(self.session, b"beffroi blob key v0", ZSTD_VERSION, self.salt, ident, how)
        self.pending.append((ident, AESGCM(key).encrypt(bytes(12), coded, None), len(plain), codec, level, kind))
        return ident

    def pack(self):
        """Closes a pack; returns its record for an index."""
        ids, sealed, *columns = zip(*self.pending)
        count, self.pending = len(ids), []
        sizes = [len(each) for each in sealed]
        directory = struct.pack(f"<I{32 * count}s{count}I{count}I{count}B{count}b{count}B", count, b"".join(ids),
                                *sizes, *(value for column in columns for value in column))
        session = age(self.session, self.strand_identity)
        tail = box(self.index_key, self.salt, 1, zstandard.compress(directory))
        kind = b"\1" if columns[3][0] else b"\0"
        data = (b"BFRP\0" + kind + struct.pack("<H", len(session)) + ZSTD_VERSION + self.salt + session
                + b"".join(sealed) + tail + struct.pack("<I", len(tail)) + b"PRFB")
        self.packs.append(self.write_hashed(f"{self.folder}/packs/", data))
        return struct.pack("<32sQHI", self.packs[-1], len(data), len(session), len(directory)) + directory

    def index(self, records):
        data = box(self.index_key, self.salt, 2, zstandard.compress(b"".join(sorted(records))))
        return self.write_hashed(f"{self.folder}/indexes/", b"BFRI\0" + self.salt + data)

    def list(self, level, records):
        body = b"".join(sorted(bytes([kind]) + digest for kind, digest in records))
        return self.write_hashed(f"{self.folder}/lists/", b"BFRL\0" + struct.pack("<BI", level, len(records)) + body)

    def directory(self, entries):
        """Stores a directory as one node, or as two below one when it has more than four entries."""
        entries = sorted(entries, key=lambda entry: entry[0])
        if len(entries) <= 4:
            return self.blob(1, dump({0: 0, 1: entries})) if entries else None
        halves = entries[:3], entries[3:]
        children = [[half[0][0], self.blob(1, dump({0: 0, 1: half})), len(half)] for half in halves]
        return self.blob(1, dump({0: 1, 1: children}))

    def snapshot(self, root, packs=None, indexes=(), top=None, **more):
        """Closes the pack and signs a manifest of `root`, a node's id."""
        record = self.pack() if self.pending else None
        seq, entry = len(self.manifests), {0: b"", 1: 1, 2: 0o750, 3: 0, 4: 0, 7: MTIME, 18: root}
        sealed = {0: "files", 1: "town-hall", 2: [b"/srv"], 3: MTIME * 10**9, 4: MTIME * 10**9, 5: entry, 6: "test 0"}
        body = {0: self.vault_id, 1: self.strand, 2: seq, 3: self.manifests[-1], 4: sorted(indexes),
                5: sorted(self.packs if packs is None else packs), 6: top, 7: {0: 7, 1: 9999}, 8: bytes(16),
                9: self.salt, 10: age(self.session, self.strand_identity),
                11: box(self.session, self.salt, 3, dump(sealed))}
        body |= {int(key[1:]): value for key, value in more.items()}
        manifest = signed(b"BFRM", body, self.agent)
        self.manifests.append(self.write_hashed(f"{self.folder}/snapshots/{seq:010}-", manifest))
        return record


def entry(name, kind=0, **more):
    """Makes an entry; k16=… sets field 16."""
    base = {0: name, 1: kind, 2: 0o640, 3: os.geteuid(), 4: os.getegid(), 7: MTIME, 8: 123_456_789}
    return base | {int(key[1:]): value for key, value in more.items()}


LETTER = b"Madame, Monsieur,\n" * 400
PIECES = [bytes([i]) * 50 for i in range(70)]
MANY = b"".join(PIECES) + bytes(1 << 20)
SPARSE = b"begin" + bytes(3 << 20) + b"end"


def sample_tree(writer):
    """Stores a tree of everything; returns its root node."""
    letter = entry(b"letter", k11=len(LETTER), k20=hashlib.sha256(LETTER).digest(),
                   k16=[writer.blob(0, LETTER), len(LETTER)], k12=[[b"user.town", b"Vannes\0"]])
    leaf = writer.blob(2, b"\0" + b"".join(writer.blob(0, p) + struct.pack("<Q", 50) for p in PIECES)
                       + ZERO + struct.pack("<Q", 1 << 20))
    content = writer.blob(2, b"\1" + leaf + struct.pack("<Q", len(MANY)))
    sparse = [writer.blob(0, b"begin"), 5, ZERO, 3 << 20, writer.blob(0, b"end"), 3]
    deep = [entry(b"bottom", k11=5, k16=[writer.blob(0, b"depth"), 5])]
    for _ in range(1200):  # deeper than PATH_MAX, and than the usual limit of open files
        deep = [entry(b"deep", 1, k2=0o755, k18=writer.directory(deep))]
    begin = {"k11": 5, "k16": [writer.blob(0, b"begin"), 5]}
    linked = [entry(name, k13=b"folder/first", **begin) for name in (b"a", b"linked")]
    folder = [entry(b"first", **begin), letter, entry(b"empty file")]
    top = [entry(b"folder", 1, k2=0o550, k18=writer.directory(folder)), entry(b"void", 1, k2=0o700), *deep, *linked,
           entry(b"many", k11=len(MANY), k17=[content, 1]), entry(b"sparse", k11=len(SPARSE), k16=sparse),
           entry(b"link", 2, k14=b"folder/letter"), entry(b"pipe", 3), entry(b"plug", 4),
           entry(b"caf\xe9\n", k80="new")]
    return writer.directory(top)


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        # shutil.rmtree stops at deep trees
        self.addCleanup(subprocess.run, ["rm", "-rf", self.folder])
        self.addCleanup(subprocess.run, ["chmod", "-R", "u+rwX", self.folder])
        self.writer = Writer(self.folder / "vault")
        self.writer.kit(self.folder / "kit.txt")
        self.to = self.folder / "restored"

    def run_reader(self, *arguments, code=0, kit="kit.txt"):
        command, *rest = arguments
        done = subprocess.run([sys.executable, HERE / "read_vault.py", command, "--vault", self.folder / "vault",
                               "--identity", self.folder / kit, *rest], capture_output=True, text=True, check=False)
        self.assertNotIn("Traceback", done.stderr)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def restore(self, code=0, *more, number=-1):
        snap = self.writer.manifests[number].hex()[:12]
        return self.run_reader("restore", "--to", self.to, *more, snap, code=code).stderr

    def pack_file(self, number):
        name = self.writer.packs[number].hex()
        return self.writer.path / self.writer.folder / "packs" / name[:2] / name

    def flip(self, file, at):
        data = bytearray(file.read_bytes())
        data[at] ^= 1
        file.write_bytes(data)


class WholeVault(Case):
    def test_everything_comes_back(self):
        self.writer.snapshot(sample_tree(self.writer))
        told = self.restore()
        if os.geteuid() == 0:
            self.assertEqual(told, "")
        to = self.to
        self.assertEqual((to / "folder/letter").read_bytes(), LETTER)
        self.assertEqual(os.getxattr(to / "folder/letter", "user.town"), b"Vannes\0")
        self.assertEqual((to / "many").read_bytes(), MANY)
        self.assertEqual((to / "sparse").read_bytes(), SPARSE)
        self.assertLess((to / "sparse").stat().st_blocks * 512, 1 << 20)
        self.assertEqual((to / "folder/empty file").stat().st_size, 0)
        self.assertEqual((to / "folder/first").read_bytes(), b"begin")
        for name in ("a", "linked"):  # before and after the member that they name
            self.assertTrue((to / name).samefile(to / "folder/first"), name)
        self.assertEqual(os.readlink(to / "link"), "folder/letter")
        self.assertTrue(stat.S_ISFIFO((to / "pipe").stat().st_mode) and (to / "plug").is_socket())
        self.assertTrue(os.path.exists(os.fsencode(to) + b"/caf\xe9\n"))
        modes = {name: stat.S_IMODE((to / name).stat().st_mode) for name in ("", "folder", "void", "many", "pipe")}
        self.assertEqual(modes, {"": 0o750, "folder": 0o550, "void": 0o700, "many": 0o640, "pipe": 0o640})
        for name in ("folder", "folder/letter", "link", "pipe", "void", "many"):
            self.assertEqual(os.lstat(to / name).st_mtime_ns, MTIME * 10**9 + 123_456_789, name)
        found = subprocess.run(["find", to, "-name", "bottom", "-size", "5c"], capture_output=True, check=True).stdout
        self.assertEqual(found.count(b"/deep"), 1200)

    def test_list_names_the_snapshots(self):
        root = self.writer.directory([])
        for _ in range(2):
            self.writer.snapshot(root)
        lines = self.run_reader("list").stdout.splitlines()
        self.assertEqual(len(lines), 3)
        strand, seq, source, host, started, files, size, short = lines[2].split("\t")
        self.assertEqual((strand, seq, source, host, files, size, short), (
            self.writer.strand.hex(), "2", "files", "town-hall", "7", "9999", self.writer.manifests[2].hex()[:12]))
        self.assertRegex(started, r"^2023-11-1[45] \d\d:\d\d:\d\d[+-]\d\d:\d\d$")

    def test_new_recipients_indexes_and_lists(self):
        writer = self.writer
        old = writer.blob(1, dump({0: 0, 1: [entry(b"old")]}))
        record = writer.pack()
        writer.change_recipients()
        new = writer.directory([entry(b"dir", 1, k2=0o755, k18=old), entry(b"new")])
        writer.pack()
        low = writer.list(0, [(0, writer.packs[1]), (1, writer.index([record]))])
        writer.snapshot(new, packs=[], top=writer.list(1, [(2, low)]))
        self.restore()
        self.assertTrue((self.to / "dir/old").exists() and (self.to / "new").exists())
        shutil.rmtree(writer.path / writer.folder / "indexes")
        self.to = self.folder / "again"
        self.assertIn("reading all packs instead", self.restore(3))
        self.assertTrue((self.to / "dir/old").exists())


class Ownership(Case):
    """What only root can restore; for others, that they are told."""

    def test_owners_devices_capabilities_and_acls(self):
        everybody_may_read = struct.pack("<I", 2) + b"".join(
            struct.pack("<HHI", tag, rights, ident) for tag, rights, ident in
            ((1, 6, 2**32 - 1), (2, 4, 1234), (4, 0, 2**32 - 1), (16, 4, 2**32 - 1), (32, 0, 2**32 - 1)))
        may_bind = struct.pack("<IIIII", 0x02000001, 1 << 10, 0, 0, 0)
        self.writer.snapshot(self.writer.directory([
            entry(b"owned", k2=0o6755, k3=1234, k4=4321, k12=[[b"security.capability", may_bind]]),
            entry(b"acl", k12=[[b"system.posix_acl_access", everybody_may_read]]),
            entry(b"link", 2, k3=1234, k4=4321, k14=b"owned"), entry(b"null", 5, k15=[1, 3])]))
        is_root = os.geteuid() == 0
        told = self.restore(0 if is_root else 3)
        owned, link = (os.lstat(self.to / name) for name in ("owned", "link"))
        self.assertEqual(os.getxattr(self.to / "acl", "system.posix_acl_access"), everybody_may_read)
        if is_root:
            self.assertEqual((owned.st_uid, owned.st_gid, link.st_uid, link.st_gid), (1234, 4321, 1234, 4321))
            self.assertEqual(stat.S_IMODE(owned.st_mode), 0o6755)
            self.assertEqual(os.getxattr(self.to / "owned", "security.capability"), may_bind)
            self.assertEqual((self.to / "null").stat().st_rdev, os.makedev(1, 3))
        else:
            self.assertEqual((owned.st_uid, stat.S_IMODE(owned.st_mode)), (os.geteuid(), 0o755))
            self.assertIn("null: ", told)
            self.assertIn("owners, privileged attributes", told)


class Damage(Case):
    def two_files(self):
        entries = [entry(name, k11=4, k16=[self.writer.blob(0, name * 4), 4]) for name in (b"a", b"b")]
        self.writer.pack()
        self.writer.snapshot(self.writer.directory(entries))

    def test_a_bad_blob_costs_one_file(self):
        self.two_files()
        head = self.pack_file(0).read_bytes()
        self.flip(self.pack_file(0), 44 + struct.unpack("<H", head[6:8])[0])
        self.assertIn("a: not restored: blob", self.restore(3))
        self.assertEqual(os.listdir(self.to), ["b"])
        self.to = self.folder / "again"
        self.assertIn("zeros in place", self.restore(3, "--keep-damaged"))
        self.assertEqual((self.to / "a").read_bytes(), bytes(4))

    def test_a_bad_tail_or_a_missing_pack_costs_its_files(self):
        self.two_files()
        self.flip(self.pack_file(0), -20)
        self.assertIn("b: not restored", self.restore(3))
        self.pack_file(0).unlink()
        self.to = self.folder / "again"
        self.assertIn("b: not restored", self.restore(3))

    def test_a_bad_manifest_or_owner_log_prevents_all(self):
        self.two_files()
        manifest = next((self.writer.path / self.writer.folder / "snapshots").iterdir())
        self.flip(manifest, 100)
        self.assertIn("hash", self.restore(5))
        self.flip(next((self.writer.path / "owner").glob("0000000000-*")), 50)
        self.run_reader("list", code=5)

    def test_without_the_owner_log_as_a_last_resort(self):
        self.writer.change_recipients()
        self.two_files()
        for number in 1, 0:
            self.flip(next((self.writer.path / "owner").glob(f"000000000{number}-*")), 50)
            self.restore(5)
        self.assertIn("may have made up", self.restore(3, "--without-owner-log"))
        self.assertEqual((self.to / "a").read_bytes(), b"aaaa")

    def test_a_damaged_vault_object_is_told_and_survived(self):
        self.two_files()
        self.flip(self.writer.path / "vault", 12)
        self.assertIn("vault", self.restore(3))
        self.assertEqual((self.to / "a").read_bytes(), b"aaaa")

    def test_a_foreign_manifest_does_not_count(self):
        self.two_files()
        self.writer.agent = Ed25519PrivateKey.generate()
        self.writer.snapshot(self.writer.directory([]))
        self.assertIn("not signed", self.run_reader("list", code=3).stderr)
        self.assertIn("not signed", self.restore(5))

    def test_a_foreign_owner_entry_does_not_count(self):
        intruder = Ed25519PrivateKey.generate()
        self.writer.owner_entry([1, bytes(16), bytes(32), bytes(32)], intruder)
        self.assertIn("not signed by the owners", self.run_reader("list", code=3).stderr)

    def test_a_retired_strand_ends(self):
        root = self.writer.directory([entry(b"file")])
        for _ in range(2):
            self.writer.snapshot(root)
        self.writer.owner_entry([2, self.writer.strand, "stolen", 2, [self.writer.manifests[2]]])
        self.assertEqual(len(self.run_reader("list").stdout.splitlines()), 3)
        self.restore()
        self.writer.snapshot(root)
        done = self.run_reader("list", code=3)
        self.assertEqual(len(done.stdout.splitlines()), 3)
        self.assertIn("after the strand was retired", done.stderr)
        self.to = self.folder / "again"
        self.assertIn("after the strand was retired", self.restore(5))

    def test_one_entry_that_another_signs_too_is_no_fork(self):
        stranger = Ed25519PrivateKey.generate()
        self.writer.owner_entry([5, b"alarm", "fine"])
        self.writer.log.pop()
        self.writer.owner_entry([5, b"alarm", "fine"], self.writer.owner, stranger)
        self.assertEqual(self.run_reader("list").stderr, "")

    def test_owners_change(self):
        second = Ed25519PrivateKey.generate()
        owners = [key.public_key().public_bytes_raw() for key in (self.writer.owner, second)]
        self.writer.owner_entry([4, owners, 2])
        self.writer.owner_entry([5, b"alarm", "fine"], self.writer.owner, second)
        self.run_reader("list")
        self.writer.owner_entry([5, b"alarm", "fine"], second, second)
        self.run_reader("list", code=3)

    def test_broken_chain_is_told(self):
        for _ in range(3):
            self.writer.snapshot(None)
        next((self.writer.path / self.writer.folder / "snapshots").glob("0000000002-*")).unlink()
        self.assertIn("snapshot 2, which it follows, is not here", self.run_reader("list").stderr)

    def test_wrong_identity_and_wrong_usage(self):
        self.two_files()
        self.writer.kit(self.folder / "age.txt", recovery=pyrage.x25519.Identity.generate())
        self.assertIn("opens no strand", self.run_reader("list", code=1, kit="age.txt").stderr)
        self.writer.kit(self.folder / "owner.txt", owner=Ed25519PrivateKey.generate())
        self.assertIn("not that of the first owner", self.run_reader("list", code=1, kit="owner.txt").stderr)
        self.run_reader("list", code=1, kit="missing.txt")
        self.run_reader("restore", code=2)
        self.run_reader("restore", "--to", self.to, "ffffffffffffffffffff", code=1)


class Hostile(Case):
    def test_unsafe_names_are_refused(self):
        names = (b"..", b".", b"a/b", b"/etc", b"", b"z\0")
        for name in names:
            bad = entry(name, k11=2, k16=[self.writer.blob(0, b"!!"), 2])
            self.writer.snapshot(self.writer.blob(1, dump({0: 0, 1: [bad, entry(b"good")]})))
            self.to = self.folder / str(names.index(name))
            self.assertIn("unsafe name", self.restore(3))
            self.assertEqual(os.listdir(self.to), ["good"])

    def test_a_link_is_not_followed(self):
        outside = self.folder / "outside"
        outside.mkdir()
        (outside / "secret").touch()
        below = self.writer.directory([entry(b"planted", k11=2, k16=[self.writer.blob(0, b"!!"), 2])])
        items = [entry(b"d", 2, k14=bytes(outside)), entry(b"d", 1, k2=0o755, k18=below),
                 entry(b"e", k13=b"d/secret"), entry(b"f", k13=b"../outside/secret")]
        self.writer.snapshot(self.writer.blob(1, dump({0: 0, 1: items})))
        self.assertIn("unsafe path", self.restore(3))
        self.assertEqual((os.listdir(outside), sorted(os.listdir(self.to))), (["secret"], ["d", "e"]))
        self.assertEqual((outside / "secret").stat().st_nlink, 1)

    def test_malformed_entries_are_named_and_the_rest_goes_on(self):
        blob = self.writer.blob(0, b"!!")
        bad = [{}, [], 7, {0: b"a"}, {-1: 0}, entry(b"b", 9), entry(b"c", k11=3, k16=[blob, 2]),
               entry(b"d", k16=[blob]), entry(b"e", k11=1, k16=[5, 1]), entry(b"f", k17=[]),
               entry(b"g", k12=[[1]]), entry(b"h", 1, k18=b"?"),
               entry(b"i", k12=[[1, 2]]), entry(b"j", k7=1 << 80), entry(b"k", 5, k15=[1 << 90, 0]), entry(b"l", 2),
               entry(b"m", k11=1 << 70), entry(b"n", k11=9, k17=[blob, 1]), entry(b"o", 1, k12=[3], k18=ZERO),
               entry(b"p", k11=2, k16=[blob, 2], k20=ZERO)]
        self.writer.snapshot(self.writer.blob(1, dump({0: 0, 1: [*bad, entry(b"good")]})))
        self.assertGreaterEqual(self.restore(3).count("\n"), len(bad))
        self.assertTrue((self.to / "good").exists())

    def test_a_node_that_claims_to_be_huge(self):
        frame = zstandard.ZstdCompressor().compress(bytes(200 << 20))
        self.writer.blob(1, b"x" * 50)
        ident, _, _, codec, level, kind = self.writer.pending.pop()
        key = keyed(self.writer.session, b"beffroi blob key v0", ZSTD_VERSION, self.writer.salt, ident, b"\1\3")
        self.writer.pending.append((ident, AESGCM(key).encrypt(bytes(12), frame, None), 50, codec, level, kind))
        self.writer.snapshot(ident)
        self.assertIn("larger than", self.restore(3))

    def test_limits_are_those_of_the_format(self):
        blob = self.writer.blob(0, b"!!")
        leaf = self.writer.blob(2, b"\0" + blob + struct.pack("<Q", 2))
        long = self.writer.blob(2, b"\0" + 513 * (ZERO + struct.pack("<Q", 1)))
        wide = self.writer.blob(1, dump({0: 0, 1: [entry(b"%04d" % at) for at in range(513)]}))
        bad = [(entry(b"both", k11=4, k16=[blob, 2], k17=[leaf, 0]), "twice"),
               (entry(b"order", k12=[[b"user.b", b""], [b"user.a", b""]]), "not in order"),
               (entry(b"double", k12=[[b"user.a", b""], [b"user.a", b"2"]]), "not in order"),
               (entry(b"pairs", k11=130, k16=65 * [blob, 2]), "too many pairs"),
               (entry(b"long", k11=513, k17=[long, 0]), "too many records"),
               (entry(b"wide", 1, k2=0o755, k18=wide), "too many items")]
        good = [entry(b"list", k11=2, k17=[leaf, 0]), entry(b"sorted", k12=[[b"user.a", b""], [b"user.b", b""]])]
        self.writer.snapshot(self.writer.blob(1, dump({0: 0, 1: [*(item for item, _ in bad), *good]})))
        said = self.restore(3)
        for item, why in bad:
            self.assertRegex(said, f"{item[0].decode()}.*{why}")
        self.assertEqual(sorted(os.listdir(self.to)), ["list", "sorted", "wide"])
        self.assertEqual((self.to / "list").read_bytes(), b"!!")

    def test_indexes_and_directories_inflate_no_further_than_they_may(self):
        root = self.writer.directory([entry(b"good")])
        record = self.writer.snapshot(root)
        bomb = struct.pack("<32sQHII", ZERO, 1 << 20, 200, 4 + 43 * 100_000, 100_000) + bytes(43 * 100_000)
        self.writer.snapshot(root, indexes=[self.writer.index([record, bomb])])
        self.assertRegex(self.restore(3), "indexes/.*larger than")
        self.assertEqual(os.listdir(self.to), ["good"])
        self.to = self.folder / "directory"
        self.writer.pending = [(ZERO, b"", 1, 0, 0, 0)] * 100_000
        self.writer.snapshot(root)
        self.assertRegex(self.restore(3), "packs/.*larger than")
        self.assertEqual(os.listdir(self.to), ["good"])

    def test_a_terminal_is_not_steered(self):
        self.writer.snapshot(self.writer.blob(1, dump({0: 0, 1: [entry(b"\x1b[2J", 9)]})))
        self.assertNotIn("\x1b", self.restore(3))


    def test_maps_with_keys_out_of_order(self):
        swapped = dict(reversed(entry(b"b").items()))
        self.writer.snapshot(self.writer.blob(1, cbor2.dumps({0: 0, 1: [entry(b"a"), swapped]})))
        self.assertIn("ascending order", self.restore(3))
        self.assertEqual(os.listdir(self.to), ["a"])
        self.to = self.folder / "nothing"
        self.writer.snapshot(self.writer.blob(1, cbor2.dumps({1: [entry(b"c")], 0: 0})))
        self.assertIn("ascending order", self.restore(3))
        vault = self.writer.path / "vault"
        vault.write_bytes(b"BFRV\0" + cbor2.dumps(dict(reversed(cbor2.loads(vault.read_bytes()[5:]).items()))))
        self.assertIn("ascending order", self.run_reader("list", code=3).stderr)


class Newer(Case):
    def test_newer_versions_ask_for_a_newer_program(self):
        vault = self.writer.path / "vault"
        whole = vault.read_bytes()
        vault.write_bytes(whole[:4] + b"\1" + whole[5:])
        self.assertIn("newer program", self.run_reader("list", code=1).stderr)
        vault.write_bytes(b"BFRV\0" + dump(cbor2.loads(whole[5:]) | {63: 0}))
        self.assertIn("newer program", self.run_reader("list", code=1).stderr)

    def test_unknown_critical_fields(self):
        self.writer.snapshot(None, k12=0)
        self.assertIn("newer program", self.restore(1))
        self.writer.snapshot(self.writer.blob(1, dump({0: 0, 1: [entry(b"a", k24=0), entry(b"b", k64=0)]})))
        self.assertIn("a: entry (it has the unknown field 24", self.restore(3))
        self.assertEqual(os.listdir(self.to), ["b"])

    def test_unknown_acts(self):
        self.writer.owner_entry([64, "an addition"])
        self.run_reader("list")
        self.writer.owner_entry([7, "a change"])
        self.assertIn("newer program", self.run_reader("list", code=1).stderr)

    def test_an_entry_of_a_later_version(self):
        for key, code in (Ed25519PrivateKey.generate(), 3), (self.writer.owner, 1):
            head, body = b"BFRO\1", b"whatever it says"
            pair = [key.public_key().public_bytes_raw(), key.sign(b"beffroi signed v0" + head + body)]
            self.writer.write_hashed("owner/0000000002-", head + struct.pack("<I", len(body)) + body + dump([pair]))
            self.assertIn("newer" if code == 1 else "not signed", self.run_reader("list", code=code).stderr)


class ByHand(Case):
    """The commands of the document's last section, as they stand there."""

    def setUp(self):
        super().setUp()
        self.writer.snapshot(sample_tree(self.writer))
        self.writer.change_recipients()
        section = FORMAT.read_text(encoding="utf-8").split("\n## 10. ")[1]
        self.script = "\n".join(re.findall(r"```python\n(.*?)```", section, re.DOTALL))

    def by_hand(self, wanted, *options, **more):
        manifest = next((self.writer.path / self.writer.folder / "snapshots").iterdir())
        variables = {"VAULT": self.writer.path, "KIT": self.folder / "kit.txt", "MANIFEST": manifest,
                     "WANTED": wanted, "FOUND": self.folder / "found"}
        return subprocess.run([sys.executable, *options], capture_output=True, text=True, check=False, **more,
                              env=os.environ | {key: str(value) for key, value in variables.items()})

    def test_the_documents_commands_find_a_file(self):
        for wanted, plain in ("folder/letter", LETTER), ("many", MANY), ("sparse", SPARSE):
            done = self.by_hand(wanted, "-c", self.script)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("town-hall", done.stdout)
            self.assertEqual((self.folder / "found").read_bytes(), plain)

    def test_they_can_be_typed(self):
        done = self.by_hand("folder/letter", "-i", input=self.script)
        self.assertNotIn("Error", done.stderr)
        self.assertEqual((self.folder / "found").read_bytes(), LETTER)

    def test_they_tell_what_is_not_there(self):
        self.assertIn("not among", self.by_hand("folder/nothing", "-c", self.script).stderr)
        self.assertIn("no file", self.by_hand("folder", "-c", self.script).stderr)


if __name__ == "__main__":
    unittest.main()
