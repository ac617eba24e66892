#!/usr/bin/env python3
"""Makes v0-newer-fields and v0-newer-version: vaults as a later program might write them.

Run: python3 testdata/make_newer.py FOLDER (packages: contrib/requirements.txt). The files and what must come back of
them are fixed; the keys are new each time. What is here was made once and stays as it is: readers must go on reading it.
"""

import hashlib
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "contrib"))
import cbor2
import pyrage
import test_read_vault as writing
from blake3 import blake3
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

MTIME, ZERO = writing.MTIME, bytes(32)
LETTER = b"Madame, Monsieur,\n" * 100
PIECES = [bytes([at]) * 300 for at in range(1, 100)]
HOLE = 1 << 20

# What a later minor version may add to any map (docs/format.md, "Versions and unknown fields").
ADDITIONS = {64: "an addition", 65: [1, [2, {0: b"bytes"}]], 100: {7: None, 8: True}, 1 << 40: -5}


def plain_dump(value):
    return cbor2.dumps(value, canonical=True)


def newer_dump(value):
    return plain_dump(with_additions(value))


def with_additions(value):
    if isinstance(value, dict):
        return {key: with_additions(each) for key, each in value.items()} | ADDITIONS
    return [with_additions(each) for each in value] if isinstance(value, list) else value


class Town(writing.Writer):
    """A vault, and what must come back of each of its snapshots."""

    def __init__(self, folder):
        super().__init__(folder / "vault")
        self.base, self.truth, self.stored = folder, [], set()
        self.kit(folder / "kit.txt")
        self.write_agent_key()

    def write_agent_key(self):
        """The key file of the machine, with which a program goes on saving (crates/vault/src/state/agent.rs)."""
        founder = self.owner.public_key().public_bytes_raw()
        fields = [self.vault_id, self.strand, self.agent.private_bytes_raw(), self.id_key, bytes(32), self.index_key,
                  founder, "town-hall"]
        data = b"BFSA\0" + plain_dump(dict(enumerate(fields)))
        (self.base / "agent-key").write_bytes(data + blake3(data).digest())

    def blob(self, kind, plain):
        """Stores a blob once."""
        ident = writing.keyed(self.id_key, bytes([kind]), plain)
        if ident not in self.stored:
            self.stored.add(ident)
            super().blob(kind, plain)
        return ident

    def settle(self, found):
        """Puts all that a snapshot of this will need into packs; returns the record of the last one for an index."""
        self.folder_entry(b"", found)
        return self.pack()

    def file(self, name, pieces, hole=0, **more):
        """Stores a file of some pieces, and a hole behind them; returns its entry and what must come back."""
        content = b"".join(pieces) + bytes(hole)
        pairs = [(self.blob(0, piece), len(piece)) for piece in pieces] + ([(ZERO, hole)] if hole else [])
        fields = {"k11": len(content), "k20": hashlib.sha256(content).digest()}
        if len(pairs) > 64:
            lists = [pairs[at:at + 60] for at in range(0, len(pairs), 60)]
            records = [(self.blob(2, b"\0" + records_of(each)), sum(size for _, size in each)) for each in lists]
            fields["k17"] = [self.blob(2, b"\1" + records_of(records)), 1]
        elif pairs:
            fields["k16"] = [item for pair in pairs for item in pair]
        entry = writing.entry(name, **{key: value for key, value in fields.items() if value}, **more)
        return entry, content

    def folder_entry(self, name, found):
        """Stores a directory of what is in it; returns its entry and all that must come back."""
        entries = [entry for entry, _ in found]
        below = {b"": None}
        for entry, content in found:
            inside = content if isinstance(content, dict) else {b"": content}
            below |= {entry[0] + (b"/" + path if path else b""): (entry if not path else None, each)
                      if not isinstance(each, tuple) else each for path, each in inside.items()}
        files = [each[1] for path, each in below.items() if path and isinstance(each[1], bytes)]
        counted = {"k22": len(below) - 1, "k23": sum(map(len, files))}
        if entries:
            counted["k18"] = self.directory(entries)
        entry = writing.entry(name, 1, **{key: value for key, value in counted.items() if value})
        return entry | {2: 0o750}, below

    def keep(self, found, readable=True, lost=(), manifest=None, **more):
        """Makes a snapshot of a root, and notes what must come back of it but for what is lost."""
        root, below = self.folder_entry(b"", found)
        below[b""] = (root, None)
        figures = {"k7": {0: sum(entry[1] != 1 for entry, _ in below.values()), 1: root.get(23, 0)}}
        record = self.snapshot_of(root, manifest or writing.signed, **figures, **more)
        if readable:
            self.note_truth([(path, *each) for path, each in below.items() if path not in lost], bool(lost))
        return record

    def snapshot_of(self, root, sign, packs=None, indexes=(), top=None, **more):
        """As `Writer.snapshot`, with a whole root entry and another way to sign."""
        record = self.pack() if self.pending else None
        seq = len(self.manifests)
        about = {0: "files", 1: "town-hall", 2: [b"/srv"], 3: MTIME * 10**9, 4: (MTIME + 60 * seq) * 10**9, 5: root,
                 6: "later 1.0"}
        body = {0: self.vault_id, 1: self.strand, 2: seq, 3: self.manifests[-1], 4: sorted(indexes),
                5: sorted(self.packs if packs is None else packs), 6: top, 8: self.source_tag(), 9: self.salt,
                10: writing.age(self.session, self.strand_identity),
                11: writing.box(self.session, self.salt, 3, writing.dump(about))}
        body |= {int(key[1:]): value for key, value in more.items()}
        self.manifests.append(self.write_hashed(f"{self.folder}/snapshots/{seq:010}-", sign(b"BFRM", body, self.agent)))
        return record

    def source_tag(self):
        return writing.keyed(self.id_key, b"beffroi source v0", b"files")[:16]

    def note_truth(self, entries, is_partial):
        self.truth.append(f"snapshot {self.manifests[-1].hex()} {'partial' if is_partial else 'whole'}")
        self.truth += sorted(line(path, entry, content) for path, entry, content in entries)

    def write_truth(self):
        (self.base / "truth.txt").write_text("\n".join(self.truth) + "\n")


def records_of(pairs):
    return b"".join(ident + struct.pack("<Q", size) for ident, size in pairs)


def line(path, entry, content):
    """One line of truth: path, kind, mode, time, links, attributes, SHA-256 or target."""
    kind = {0: "file", 1: "directory", 2: "link", 3: "pipe"}[entry[1]]
    mode = "-" if kind == "link" else f"{entry[2]:04o}"
    time = "-" if kind == "link" else f"{entry[7]}.{entry.get(8, 0):09}"
    group = escaped(entry[99]) if 99 in entry else "-"
    attributes = ",".join(f"{name.decode()}={value.hex()}" for name, value in entry.get(12, [])) or "-"
    what = hashlib.sha256(content).hexdigest() if kind == "file" else escaped(entry[14]) if kind == "link" else "-"
    return " ".join([escaped(path or b"."), kind, mode, time, group, attributes, what])


def escaped(name):
    return "".join(chr(byte) if 0x21 <= byte < 0x7f and byte != 0x5c else f"\\x{byte:02x}" for byte in name)


def usual(town):
    """A folder with something of everything."""
    first, content = town.file(b"first", [b"begin"], k99=b"folder/first")
    linked, _ = town.file(b"linked", [b"begin"], k13=b"folder/first", k99=b"folder/first")
    folder = [(first, content), (linked, content), town.file(b"empty", [])]
    letter = town.file(b"letter.txt", [LETTER], k12=[[b"user.town", b"Vannes\0"]])
    return [(town.folder_entry(b"folder", folder)), letter, town.file(b"caf\xe9\n", [b"open"]),
            town.file(b"many", PIECES, HOLE), (writing.entry(b"pipe", 3), None),
            (writing.entry(b"link", 2, k14=b"folder/first"), None), town.folder_entry(b"void", [])]


def without_notes(dump):
    """Field 99 is ours, to tell which names are one file; no entry is written with it."""
    def strip(value):
        if isinstance(value, dict):
            return {key: strip(each) for key, each in value.items() if key != 99}
        return [strip(each) for each in value] if isinstance(value, list) else value
    return lambda value: dump(strip(value))


def make_newer_fields(folder):
    writing.dump = without_notes(newer_dump)
    town = Town(folder)
    town.keep(usual(town))
    town.change_recipients()
    town.owner_entry([64, "what a later program does", {0: 1}])
    record = town.keep([*usual(town), town.file(b"second", [b"of the second"])])
    index = town.index([record])
    third = [*usual(town), town.file(b"third", [b"of the third"])]
    town.settle(third)
    top = town.list(0, [*((0, pack) for pack in town.packs), (1, index)])
    town.keep(third, packs=[], top=top)
    lease = {0: town.vault_id, 1: town.strand, 2: 3, 3: MTIME, 4: MTIME + 2 * 86400}
    digest = town.write_hashed(f"{town.folder}/leases/{3:010}-", writing.signed(b"BFRE", lease, town.agent))
    expiry = {0: town.vault_id, 1: 0, 2: ZERO, 3: MTIME, 4: [f"{town.folder}/leases/{3:010}-{digest.hex()}"], 5: [],
              6: []}
    town.write_hashed(f"expiry/{0:010}-", writing.signed(b"BFRX", expiry, town.owner))
    town.write_truth()


def signed_later(magic, body, *keys):
    """Signs as `signed` does, an object of format version 1."""
    head, body = magic + b"\1", writing.dump(body)
    pairs = [[k.public_key().public_bytes_raw(), k.sign(b"beffroi signed v0" + head + body)] for k in keys]
    return head + struct.pack("<I", len(body)) + body + writing.dump(pairs)


def later(town, folder, digest):
    """Puts the object once more, as one of format version 1; returns its hash."""
    name = f"{town.folder}/{folder}/"
    place = digest.hex()[:2] + "/" if folder == "packs" else ""
    path = town.path / f"{name}{place}{digest.hex()}"
    data = path.read_bytes()
    path.unlink()
    return town.write_hashed(name, data[:4] + b"\1" + data[5:])


def make_newer_version(folder):
    writing.dump = without_notes(plain_dump)
    town = Town(folder)
    town.keep([town.file(b"first", [b"of the first"])])
    strange = writing.entry(b"strange", 3, k24=b"a critical field")
    town.keep([town.file(b"second", [b"of the second"]), town.folder_entry(b"later", [(strange, None)])],
              lost=[b"later/strange"])
    town.keep([town.file(b"third", [b"of the third"])], readable=False, k12="a critical field")
    lost, known = town.file(b"lost", [b"in a pack of a later version"]), len(town.packs)
    town.pack()
    town.packs[known] = later(town, "packs", town.packs[known])
    town.keep([lost, town.file(b"fourth", [b"of the fourth"])], lost=[b"lost"])
    fifth = [town.file(b"fifth", [b"of the fifth"])]
    index = later(town, "indexes", town.index([town.settle(fifth)]))
    town.keep(fifth, packs=[pack for pack in town.packs if pack != town.packs[known]], indexes=[index])
    sixth = [town.file(b"sixth", [b"of the sixth"])]
    town.settle(sixth)
    town.keep(sixth, packs=[], top=later(town, "lists", town.list(0, [(0, pack) for pack in town.packs])))
    town.keep([town.file(b"seventh", [b"of the seventh"])], readable=False, manifest=signed_later)
    enrol_later_strand(town)
    later_entry(town)
    town.write_truth()


def enrol_later_strand(town):
    """Another machine, whose `strand` object is of a later version."""
    agent = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    strand = blake3(b"beffroi strand v0" + town.vault_id + agent).digest()[:16]
    recipient = str(pyrage.x25519.Identity.generate().to_public())
    data = b"BFRK\1" + writing.dump({0: strand, 1: town.vault_id, 2: agent, 3: recipient, 4: b"sealed in a later way"})
    town.write(f"strands/{strand.hex()}/strand", data)
    town.owner_entry([1, strand, agent, blake3(data).digest()])


def later_entry(town):
    """An owner's entry of a later version, apart: with it no reader of version 0 opens the vault."""
    seq = len(town.log) - 1
    body = {0: town.vault_id, 1: seq, 2: town.log[-1], 3: MTIME, 4: None, 5: [7, "what a later program does"]}
    data = signed_later(b"BFRO", body, town.owner)
    place = town.base / "later-owner-entry"
    place.mkdir()
    (place / f"{seq:010}-{blake3(data).hexdigest()}").write_bytes(data)


def main():
    folder = pathlib.Path(sys.argv[1])
    for name, make in ("v0-newer-fields", make_newer_fields), ("v0-newer-version", make_newer_version):
        (folder / name).mkdir(parents=True)
        make(folder / name)


if __name__ == "__main__":
    main()
