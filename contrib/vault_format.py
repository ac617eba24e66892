"""The vault format: objects, keys, seals, the owner log and manifests (docs/format.md §1, §2, §9).

Written from that document alone; the § signs point there. Everything in a vault is hostile until
a hash, a signature or a key says otherwise: the kit's owner key pins the owner log, which names
the agents, who sign manifests, which pin all the rest by hash.
"""

import base64
import io
import os
import re
import stat
import sys
from typing import NamedTuple

import cbor2
import pyrage
from blake3 import blake3
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

OBJECT_BYTES_MAX = 256 << 20
UNTRUSTED_BYTES_MAX = 1 << 20  # what is decoded before its signature is known to be good
ZERO = bytes(32)

# The maps of §2 and §9: key → type; a type with None may be absent.
VAULT = {0: bytes, 1: bytes, 2: list}
SECRETS = {0: bytes, 1: bytes, 2: bytes, 3: bytes, 4: list, 5: str}
STRAND = {0: bytes, 1: bytes, 2: bytes, 3: str, 4: bytes}
KEYS = {0: bytes, 1: bytes, 2: int, 3: str, 4: bytes}
OWNER_ENTRY = {0: bytes, 1: int, 2: bytes, 3: int, 4: int | None, 5: list}
MANIFEST = {0: bytes, 1: bytes, 2: int, 3: bytes | None, 4: list | None, 5: list | None, 6: bytes | None,
            7: dict, 8: bytes, 9: bytes, 10: bytes, 11: bytes}
COUNTS = {key: int | None for key in range(11)}
SEALED = {0: str, 1: str, 2: list, 3: int, 4: int, 5: dict, 6: str, 7: bytes | None}


class Failure(Exception):
    """Stops the program with exit code 1."""


class Damaged(Exception):
    """Bytes that are not what the format promises."""


class Locked(Damaged):
    """Sealed to somebody else, or damaged: age cannot tell."""


class Newer(Exception):
    """Something a later version of the format wrote."""

    def __init__(self, what):
        super().__init__(f"{what} was written by a newer version; a newer program is needed to read it")


class Outdated(Newer):
    """Something that counts, whatever it says."""


class Report:
    """Tells what is wrong, on stderr, and remembers that something was."""

    incomplete = False

    def problem(self, what, why):
        self.incomplete = True
        self.note(what, why)

    def note(self, what, why):
        print(f"{printable(what)}: {printable(why)}", file=sys.stderr)


def printable(text):
    """Returns text that cannot steer a terminal."""
    text = text.decode("utf-8", "backslashreplace") if isinstance(text, bytes) else str(text)
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


# ---- bytes: CBOR, signatures, seals (§1, §2) ----


def cbor(data, what):
    stream = io.BytesIO(data)
    try:
        value = cbor2.CBORDecoder(stream, allow_indefinite=False, allow_duplicate_keys=False).decode()
    except Exception as error:  # whatever hostile bytes make the decoder raise
        raise Damaged(f"{what}: not valid CBOR ({error})") from error
    if stream.tell() != len(data):
        raise Damaged(f"{what}: bytes after the CBOR")
    return value


def fields(value, schema, what):
    """Checks a map against its table; absent keys become None, keys from 64 on are dropped."""
    if not isinstance(value, dict) or not all(type(key) is int and key >= 0 for key in value):
        raise Damaged(f"{what}: not a map with small integers as keys")
    if list(value) != sorted(value):  # the decoder keeps the order of the bytes
        raise Damaged(f"{what}: the keys are not in ascending order")
    if unknown := [key for key in value if key < 64 and key not in schema]:
        raise Newer(f"{what} (it has the unknown field {min(unknown)}, and it)")
    for key, kind in schema.items():
        if not isinstance(value.get(key), kind):
            raise Damaged(f"{what}: field {key} is missing or has a wrong type")
    return {key: value.get(key) for key in schema}


def hashes(values, what):
    if not isinstance(values, list) or not all(isinstance(value, bytes) for value in values):
        raise Damaged(f"{what}: not an array of byte strings")
    return list(values)


def after_head(data, magic, what):
    if data[:4] != magic or len(data) < 5:
        raise Damaged(f"{what}: does not begin with {magic.decode()}")
    if data[4] > 0:
        raise Newer(f"{what} (format version {data[4]})")
    return data[5:]


def signed_body(data, magic, what, any_version=False):
    """Returns the body of a signed object (not yet trusted) and a function that counts signers."""
    rest = after_head(data[:4] + b"\0" + data[5:] if any_version else data, magic, what)
    length = int.from_bytes(rest[:4], "little")
    if len(rest) < 4 + length:
        raise Damaged(f"{what}: cut short")
    body, message = rest[4:4 + length], b"beffroi signed v0" + data[:5] + rest[4:4 + length]
    signatures = cbor(rest[4 + length:][:UNTRUSTED_BYTES_MAX], what)

    def signers(allowed):
        pairs = signatures if isinstance(signatures, list) else []
        return {pair[0] for pair in pairs
                if isinstance(pair, list) and len(pair) == 2 and pair[0] in allowed and signed(*pair, message)}

    return body, signers


def signed(public_key, signature, message):
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
        return True
    except (InvalidSignature, ValueError, TypeError):
        return False


def keyed(key, *parts):
    if len(key) != 32:
        raise Damaged("a key that is not 32 bytes long")
    return blake3(b"".join(parts), key=key).digest()


def open_gcm(key, sealed, what):
    try:
        return AESGCM(key).decrypt(bytes(12), sealed, None)
    except (InvalidTag, ValueError) as error:
        raise Damaged(f"{what}: the seal is broken") from error


def open_box(secret, salt, kind, box, what):
    """§2.1."""
    digest, kind = box[:32], bytes([kind])
    plain = open_gcm(keyed(secret, b"beffroi box key v0", kind, salt, digest), box[32:], what)
    if keyed(secret, b"beffroi box digest v0", kind, plain) != digest:
        raise Damaged(f"{what}: the digest differs")
    return plain


def unseal(sealed, identities, what):
    try:
        return pyrage.decrypt(sealed, identities)
    except Exception as error:  # pyrage raises several kinds
        raise Locked(f"{what}: no identity opens it ({error})") from error


def feed(hasher, pieces):
    for piece in pieces:
        hasher.update(piece)


# ---- the vault: objects, owner log, strands, manifests (§1, §2, §9) ----


class Kit:
    """The recovery kit (§2)."""

    def __init__(self, path):
        try:
            with open(path, encoding="utf-8") as file:
                text = file.read(1 << 20)
            self.identities = [pyrage.x25519.Identity.from_str(line.strip())
                               for line in text.splitlines() if line.startswith("AGE-SECRET-KEY-1")]
            seed = re.search(r"^# owner-key:\s*([A-Z2-7]{52})\s*$", text, re.MULTILINE)
            vault = re.search(r"^# vault:\s*([0-9a-f]{32})\s*$", text, re.MULTILINE)
            if not (self.identities and seed and vault):
                raise Failure(f"{path}: a recovery kit has lines `# vault:`, `# owner-key:` and an age identity")
            key = Ed25519PrivateKey.from_private_bytes(base64.b32decode(seed[1] + "===="))
        except (OSError, ValueError, pyrage.IdentityError) as error:
            raise Failure(f"{path}: {error}") from None
        self.owner, self.vault_id = key.public_key().public_bytes_raw(), bytes.fromhex(vault[1])


class Strand(NamedTuple):
    id: bytes
    agent: bytes
    id_key: bytes
    index_key: bytes
    identities: list


class Manifest(NamedTuple):
    hash: str
    fields: dict
    counts: dict
    sealed: dict


class Vault:
    """A directory of objects, the owner log verified unless asked to do without."""

    def __init__(self, path, kit, report, without_owner_log=False):
        self.path, self.kit, self.report = path, kit, report
        self.enrolled, self.keys, self.retired = {}, {}, {}
        if not os.path.isdir(path):
            raise Failure(f"{path}: not a directory")
        vault, digest = {0: kit.vault_id, 1: kit.owner}, None
        try:  # if it is damaged, the kit and the owner log say all that it says
            data = self.object("vault", UNTRUSTED_BYTES_MAX)
            digest = blake3(data).digest()
            vault = fields(cbor(after_head(data, b"BFRV", "vault"), "vault"), VAULT, "vault")
        except Damaged as error:
            report.problem("damaged", error)
        try:
            if without_owner_log:
                self.believe_strands()
            else:
                self.read_owner_log(digest)
        except Damaged as error:
            if vault[0] != kit.vault_id or vault[1] != kit.owner:
                raise Failure(f"the kit is not that of the first owner of vault {vault[0].hex()}") from error
            raise

    def object(self, name, bytes_max=OBJECT_BYTES_MAX):
        """Reads one object, and checks its hash if its name carries one."""
        with self.open(name) as file:
            data = file.read(bytes_max + 1)
        expected = re.search(r"[0-9a-f]{64}$", name)
        if len(data) > bytes_max or expected and blake3(data).hexdigest() != expected[0]:
            raise Damaged(f"{name}: the bytes do not have the hash in its name")
        return data

    def open(self, name):
        path = os.path.join(self.path, re.sub(r"packs/(..)", r"packs/\1/\1", name))
        try:
            fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            file = os.fdopen(fd, "rb")
        except OSError as error:
            raise Damaged(f"{name}: {error.strerror}") from error
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            file.close()
            raise Damaged(f"{name}: not a regular file")
        return file

    def listing(self, folder):
        """Returns (seq, hash) of the objects of a folder, by seq."""
        try:
            names = os.listdir(os.path.join(self.path, folder))
        except FileNotFoundError:
            return []
        found = [re.fullmatch(r"([0-9]{10})-([0-9a-f]{64})", name) for name in names]
        return sorted((int(name[1]), name[2]) for name in found if name)

    def read_owner_log(self, vault_hash):
        """Follows the log from the kit's owner key; a fork counts on both sides, and is told."""
        states = {ZERO: (-1, [self.kit.owner], 1)}
        last, last_body = -1, None
        for seq, digest in self.listing("owner"):
            name = f"owner/{seq:010}-{digest}"
            try:
                data = self.object(name, UNTRUSTED_BYTES_MAX)
                body, signers = signed_body(data, b"BFRO", name, any_version=True)
                if data[4:5] > b"\0":
                    self.stop_at_newer(seq, signers, states, name)
                entry = cbor(body, name)
                follows = entry.get(2) if isinstance(entry, dict) else None
                before = states.get(follows) if isinstance(follows, bytes) else None
                if not before or not seq == entry.get(1) == before[0] + 1 or entry.get(0) != self.kit.vault_id:
                    raise Damaged(f"{name}: does not follow an entry signed by the owners")
                if len(signers(before[1])) < max(1, before[2]):
                    raise Damaged(f"{name}: not signed by the owners (is the kit of the first owner?)")
            except Outdated:
                raise
            except (Damaged, Newer) as error:  # anybody may have put it here: it does not count
                self.report.problem("ignored", error)
                continue
            if seq == last and body != last_body:  # one body that others signed too is one entry
                self.report.problem(name, "the owners signed two entries of this number")
            last_body = body
            act = fields(entry, OWNER_ENTRY, name)[5]
            states[bytes.fromhex(digest)] = (seq, *self.act(act, before, vault_hash, name))
            last = seq
        if last < 0:
            raise Damaged("no entry of the owner log is signed by the kit's owner key")

    def stop_at_newer(self, seq, signers, states, name):
        """Stops at an entry of a later format that the owners signed; another's does not count."""
        if any(before[0] == seq - 1 and len(signers(before[1])) >= max(1, before[2]) for before in states.values()):
            raise Outdated(f"{name} (signed by the owners)")
        raise Damaged(f"{name}: of a later format, and not signed by the owners")

    def believe_strands(self):
        """Takes the strands as they say they are: nobody vouches that an owner enrolled them."""
        self.report.problem("owner log", "not read; whoever could write to the vault may have made up what follows")
        for folder in sorted(os.listdir(os.path.join(self.path, "strands"))):
            name = f"strands/{folder}/strand"
            try:
                data = self.object(name, UNTRUSTED_BYTES_MAX)
                strand = fields(cbor(after_head(data, b"BFRK", name), name), STRAND, name)
            except (Damaged, Newer) as error:
                self.report.problem("ignored", error)
                continue
            if strand[0].hex() == folder:
                self.enrolled[strand[0]] = (strand[2], blake3(data).digest())
                self.keys[strand[0]] = [digest for _, digest in self.listing(f"strands/{folder}/keys")]

    def act(self, act, before, vault_hash, name):
        """Returns the owners and how many must sign after an act."""
        if not act or type(act[0]) is not int:
            raise Damaged(f"{name}: no act")
        match act:
            case [0, bytes() as vault, list() as owners, int() as quorum, list()] if before[0] == -1:
                if vault_hash not in (None, vault):
                    self.report.problem("damaged", "vault: not the bytes that the owner log signs")
                return hashes(owners, name), quorum
            case _ if before[0] == -1:
                raise Damaged(f"{name}: the first act is not the foundation")
            case [1, bytes() as strand, bytes() as agent, bytes() as digest]:
                self.enrolled[strand] = (agent, digest)
            case [2, bytes() as strand, str(), int() as seq, list() as kept]:
                self.retired[strand] = (seq, hashes(kept, name))
            case [3, list(), list() as resealed]:
                for each in resealed:
                    strand, digest, *_ = hashes(each[:2], name)
                    self.keys.setdefault(strand, []).append(digest.hex())
            case [4, list() as owners, int() as quorum]:
                return hashes(owners, name), quorum
            case [5 | 6, *_]:
                pass
            case [number, *_] if 6 < number < 64:
                raise Newer(f"{name} (act {number})")
            case [number, *_] if number < 64:
                raise Damaged(f"{name}: act {number} is malformed or out of place")
        return before[1], before[2]

    def strand(self, strand_id):
        """Opens an enrolled strand with the newest secrets that the kit can open."""
        agent, digest = self.enrolled[strand_id]
        if blake3(b"beffroi strand v0" + self.kit.vault_id + agent).digest()[:16] != strand_id:
            raise Damaged(f"strand {strand_id.hex()}: its id does not come from its agent's key")
        folder, sealed, errors, secrets = f"strands/{strand_id.hex()}", [], [], []
        try:
            data = self.object(f"{folder}/strand")
            if blake3(data).digest() != digest:
                raise Damaged(f"{folder}/strand: not the bytes that the owner log signs")
            strand = fields(cbor(after_head(data, b"BFRK", folder), folder), STRAND, f"{folder}/strand")
            sealed.append((0, strand[4]))
        except (Damaged, Newer) as error:
            errors.append(error)
        for seq, key_hash in self.listing(f"{folder}/keys"):
            if key_hash in self.keys.get(strand_id, []):
                name = f"{folder}/keys/{seq:010}-{key_hash}"
                try:
                    keys = fields(cbor(after_head(self.object(name), b"BFRY", name), name), KEYS, name)
                    sealed.append((keys[2] + 1, keys[4]))
                except (Damaged, Newer) as error:
                    errors.append(error)
        for _, age_file in sorted(sealed, reverse=True):
            try:
                plain = unseal(age_file, self.kit.identities, f"{folder}: strand secrets")
                secrets.append(fields(cbor(plain, folder), SECRETS, f"{folder}: strand secrets"))
            except (Damaged, Newer) as error:
                errors.append(error)
        if not secrets:
            raise errors[0]
        for error in errors:
            self.report.note("older or damaged secrets skipped", error)
        if secrets[0][0] != strand_id or len(secrets[0][1]) != 32 or len(secrets[0][3]) != 32:
            raise Damaged(f"{folder}: strand secrets of another strand")
        try:
            identities = [pyrage.x25519.Identity.from_str(text) for each in secrets for text in each[4]]
        except (TypeError, pyrage.IdentityError) as error:
            raise Damaged(f"{folder}: strand identities ({error})") from None
        return Strand(strand_id, agent, secrets[0][1], secrets[0][3], identities)

    def manifest(self, strand, seq, digest):
        name = f"strands/{strand.id.hex()}/snapshots/{seq:010}-{digest}"
        body, signers = signed_body(self.object(name), b"BFRM", name)
        if not signers([strand.agent]):
            raise Damaged(f"{name}: not signed by the strand's agent")
        manifest = fields(cbor(body, name), MANIFEST, name)
        if manifest[0] != self.kit.vault_id or manifest[1] != strand.id or manifest[2] != seq:
            raise Damaged(f"{name}: of another vault, strand or number")
        end, kept = self.retired.get(strand.id, (seq + 1, []))
        if seq >= end and bytes.fromhex(digest) not in kept:
            raise Damaged(f"{name}: made after the strand was retired, by whoever has its key")
        if (manifest[3] is None) != (seq == 1):
            raise Damaged(f"{name}: only the first manifest has none before it")
        session = unseal(manifest[10], strand.identities, name)
        sealed = fields(cbor(open_box(session, manifest[9], 3, manifest[11], name), name), SEALED, name)
        return Manifest(digest, manifest, fields(manifest[7], COUNTS, f"{name}: counts"), sealed)

    def manifests(self, strand):
        """Yields the manifests of a strand, by seq; tells where they are not one chain."""
        last = 0
        for seq, digest in self.listing(f"strands/{strand.id.hex()}/snapshots"):
            try:
                manifest = self.manifest(strand, seq, digest)
            except (Damaged, Newer) as error:
                self.report.problem("ignored", error)
                continue
            if seq == last:
                self.report.problem(digest, f"a second snapshot {seq} is signed: was the agent copied or set back?")
            last = seq
            self.tell_broken_chain(strand, manifest)
            yield manifest

    def tell_broken_chain(self, strand, manifest):
        """Looks for the manifest before, which this one pins by its hash, at the number before."""
        seq, before = manifest.fields[2], manifest.fields[3]
        seqs = {digest: seq for seq, digest in self.listing(f"strands/{strand.id.hex()}/snapshots")}
        if seq > 1 and before.hex() not in seqs:
            self.report.note(manifest.hash, f"snapshot {seq - 1}, which it follows, is not here: expired or taken away")
        elif seq > 1 and seqs[before.hex()] != seq - 1:
            self.report.problem(manifest.hash, "does not follow the snapshot of the number before")
