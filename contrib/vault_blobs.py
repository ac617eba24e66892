"""The vault format: packs, indexes, lists, trees and content (docs/format.md §3 to §8).

Blobs are held one at a time; what grows with a snapshot is the table of where its blobs lie.
"""

import os
import re
import struct
from typing import NamedTuple

import zstandard
from blake3 import blake3

from vault_format import ZERO, Damaged, Newer, after_head, cbor, feed, fields, hashes, keyed, open_box, open_gcm, unseal

DIRECTORY_BYTES_MAX = 64 << 20
BLOB_BYTES_MAX = 16 << 20
# §11
NODE_LEVEL_MAX, LIST_LEVEL_MAX = 16, 8
NODE_ITEMS_MAX, LIST_RECORDS_MAX, CHUNK_LIST_RECORDS_MAX, PAIRS_MAX = 512, 1024, 512, 64
SEALED_BYTES_MIN = 17

# The maps of §7.
NODE = {0: int, 1: list}
ENTRY = {0: bytes, 1: int} | {key: int | None for key in (2, 3, 4, 7, 8, 9, 10, 11, 21, 22, 23)}
ENTRY |= {key: bytes | None for key in (5, 6, 13, 14, 18, 19, 20)} | {key: list | None for key in (12, 15, 16, 17)}


def entry_fields(item, what="entry"):
    """Returns the fields of an entry that tells its content once, and its attributes in order (§7)."""
    entry = fields(item, ENTRY, what)
    if entry[16] is not None and entry[17] is not None:
        raise Damaged(f"{what}: tells its content twice")
    attributes = entry[12] or []
    if not all(isinstance(pair, list) and [type(part) for part in pair] == [bytes, bytes] for pair in attributes):
        raise Damaged(f"{what}: malformed attributes")
    names = [name for name, _ in attributes]
    if any(name >= after for name, after in zip(names, names[1:])):
        raise Damaged(f"{what}: attributes are not in order")
    return entry


class Place(NamedTuple):
    """Where a blob lies."""
    pack: bytes
    offset: int
    sealed_bytes: int
    plain_bytes: int
    codec: int
    level: int
    kind: int


class Blobs:
    """The blobs that a manifest pins."""

    def __init__(self, vault, strand, manifest):
        self.vault, self.strand, self.report = vault, strand, vault.report
        self.folder, self.places, self.sessions, self.lists = f"strands/{strand.id.hex()}", {}, {}, set()
        packs, indexes = (hashes(manifest.fields[key] or [], "manifest") for key in (5, 4))
        try:
            if manifest.fields[6]:
                self.read_list(manifest.fields[6], None, packs, indexes)
            for digest in indexes:
                self.read_index(digest)
        except (Damaged, Newer) as error:  # packs alone say all that indexes say
            self.report.problem("damaged; reading all packs instead", error)
            packs += self.all_packs()
        for digest in packs:
            try:
                self.read_tail(digest)
            except (Damaged, Newer) as error:
                self.report.problem("damaged", error)

    def all_packs(self):
        folder = os.path.join(self.vault.path, self.folder, "packs")
        names = [name for _, _, files in os.walk(folder) for name in files]
        return [bytes.fromhex(name) for name in sorted(names) if re.fullmatch("[0-9a-f]{64}", name)]

    def read_list(self, digest, level, packs, indexes):
        """§6."""
        if digest in self.lists:
            return
        self.lists.add(digest)
        name = f"{self.folder}/lists/{digest.hex()}"
        data = after_head(self.vault.object(name), b"BFRL", name)
        if len(data) < 5 or len(data) != 5 + 33 * int.from_bytes(data[1:5], "little"):
            raise Damaged(f"{name}: cut short")
        if data[0] > LIST_LEVEL_MAX or level not in (None, data[0]):
            raise Damaged(f"{name}: wrong level")
        if len(data) > 5 + 33 * LIST_RECORDS_MAX:
            raise Damaged(f"{name}: too many records")
        for at in range(5, len(data), 33):
            kind, digest = data[at], data[at + 1:at + 33]
            if kind > 2 or (kind == 2) != (data[0] > 0):
                raise Damaged(f"{name}: a record of type {kind} at level {data[0]}")
            if kind == 2:
                self.read_list(digest, data[0] - 1, packs, indexes)
            else:
                (packs, indexes)[kind].append(digest)

    def read_index(self, digest):
        """§5."""
        name = f"{self.folder}/indexes/{digest.hex()}"
        data = after_head(self.vault.object(name), b"BFRI", name)
        coded = open_box(self.strand.index_key, data[:32], 2, data[32:], name)
        plain = decompress(coded, min(DIRECTORY_BYTES_MAX, (64 << 10) + 8 * len(coded)), name)
        at = 0
        while at < len(plain):
            if len(plain) < at + 46:
                raise Damaged(f"{name}: cut short")
            pack, _, head, length = struct.unpack_from("<32sQHI", plain, at)
            self.read_directory(pack, head, plain[at + 46:at + 46 + length], name)
            at += 46 + length

    def read_tail(self, digest):
        """§4: the directory at the end of a pack."""
        name = f"{self.folder}/packs/{digest.hex()}"
        with self.vault.open(name) as file:
            head = file.read(44)
            after_head(head, b"BFRP", name)
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 8))
            tail = file.read(8)
            begin = size - 8 - int.from_bytes(tail[:4], "little")
            blobs_begin = 44 + int.from_bytes(head[6:8], "little")
            if tail[4:] != b"PRFB" or begin < blobs_begin:
                raise Damaged(f"{name}: its end is not that of a pack")
            file.seek(begin)
            box = file.read(min(size - 8 - begin, DIRECTORY_BYTES_MAX))
        # As many blobs as fit, however small the directory is before it inflates.
        bytes_max = min(DIRECTORY_BYTES_MAX, 4 + 43 * ((begin - blobs_begin) // SEALED_BYTES_MIN))
        plain = decompress(open_box(self.strand.index_key, head[12:44], 1, box, name), bytes_max, name)
        if self.read_directory(digest, blobs_begin - 44, plain, name) != begin:
            raise Damaged(f"{name}: the blobs do not end where the directory begins")

    def read_directory(self, pack, head_length, plain, name):
        """Notes the places of a pack's blobs; returns the offset where they end."""
        count = int.from_bytes(plain[:4], "little")
        if len(plain) < 4 or len(plain) != 4 + 43 * count:
            raise Damaged(f"{name}: a directory of wrong length")
        columns = struct.unpack(f"<{count}I{count}I{count}B{count}b{count}B", plain[4 + 32 * count:])
        offset = 44 + head_length
        for i in range(count):
            sealed, *rest = columns[i::count]
            self.places.setdefault(plain[4 + 32 * i:36 + 32 * i], []).append(Place(pack, offset, sealed, *rest))
            offset += sealed
        return offset

    def session(self, pack, name):
        """Returns the session key, salt and library version of a pack."""
        if pack not in self.sessions:
            try:
                self.sessions[pack] = self.read_session(pack, name)
            except (Damaged, Newer) as error:
                self.sessions[pack] = error
        if isinstance(self.sessions[pack], Exception):
            raise self.sessions[pack]
        return self.sessions[pack]

    def read_session(self, pack, name):
        """§4: the head of a pack; checks the hash, which a pack whose blobs are whole may survive."""
        with self.vault.open(name) as file:
            hasher = blake3()
            feed(hasher, iter(lambda: file.read(1 << 20), b""))
            if hasher.digest() != pack:
                self.report.problem("damaged", f"{name}: the bytes do not have the hash in its name")
            file.seek(0)
            head = file.read(44)
            after_head(head, b"BFRP", name)
            sealed = file.read(int.from_bytes(head[6:8], "little"))
        return unseal(sealed, self.strand.identities, name), head[12:44], head[8:12]

    def plain(self, ident, kind):
        """Returns a blob's plain bytes, verified, from the first place where it is whole."""
        hashes([ident], "reference to a blob")
        error = Damaged(f"blob {ident.hex()} is in no pack of this snapshot")
        for place in self.places.get(ident, []):
            try:
                return self.plain_at(ident, kind, place)
            except (Damaged, Newer) as problem:
                error = problem
        raise error

    def plain_at(self, ident, kind, place):
        name, what = f"{self.folder}/packs/{place.pack.hex()}", f"blob {ident.hex()} in pack {place.pack.hex()}"
        session, salt, zstd_version = self.session(place.pack, name)
        if place.plain_bytes > BLOB_BYTES_MAX or place.sealed_bytes > 2 * BLOB_BYTES_MAX:
            raise Damaged(f"{what}: too large")
        with self.vault.open(name) as file:
            file.seek(place.offset)
            sealed = file.read(place.sealed_bytes)
        how = struct.pack("<Bb", place.codec, place.level)
        coded = open_gcm(keyed(session, b"beffroi blob key v0", zstd_version, salt, ident, how), sealed, what)
        if place.codec > 1:
            raise Newer(f"{what} (codec {place.codec})")
        plain = decompress(coded, place.plain_bytes, what) if place.codec else coded
        if len(plain) != place.plain_bytes or keyed(self.strand.id_key, bytes([kind]), plain) != ident:
            raise Damaged(f"{what}: the content does not have this id")
        return plain

    def entries(self, node_id, level=None):
        """Yields the entries of a directory's node; in place of what cannot be read, an error."""
        try:
            what = f"node {node_id.hex()}"
            node = fields(cbor(self.plain(node_id, 1), what), NODE, what)
            if not 0 <= node[0] <= NODE_LEVEL_MAX or level not in (None, node[0]):
                raise Damaged(f"{what}: wrong level")
            if len(node[1]) > NODE_ITEMS_MAX:
                raise Damaged(f"{what}: too many items")
            if node[0] and not all(isinstance(c, list) and len(c) == 3 and isinstance(c[1], bytes) for c in node[1]):
                raise Damaged(f"{what}: malformed children")
        except (Damaged, Newer) as error:
            yield error
            return
        for item in node[1]:
            if node[0]:
                yield from self.entries(item[1], node[0] - 1)
            else:
                yield item

    def content(self, entry):
        """Yields (offset, length, bytes, None for zeros, or an error) of a file's content (§8)."""
        pairs, offset, size = entry[16] or [], 0, entry[11] or 0
        runs = [(ident, length, None) for ident, length in zip(pairs[::2], pairs[1::2], strict=True)]
        if len(runs) > PAIRS_MAX:
            raise Damaged("too many pairs of content")
        if entry[17] is not None:
            runs = [(entry[17][0], size, entry[17][1])]
        for ident, length, level in runs:
            for ident, length, error in self.runs(ident, length, level):
                if length < 0 or offset + length > size:
                    raise Damaged("the content is longer than the size")
                yield offset, length, error or self.chunk(ident, length)
                offset += length
        if offset != size:
            raise Damaged("the content is shorter than the size")

    def runs(self, ident, length, level):
        """Yields (id, length, error) of a chunk, or of those below a chunk list."""
        if level is None:
            yield ident, length, None
            return
        try:
            data = self.plain(ident, 2)
            if not 0 <= level <= LIST_LEVEL_MAX or data[0] != level or len(data) % 40 != 1:
                raise Damaged(f"chunk list {ident.hex()}: malformed")
            if len(data) > 1 + 40 * CHUNK_LIST_RECORDS_MAX:
                raise Damaged(f"chunk list {ident.hex()}: too many records")
            records = list(struct.iter_unpack("<32sQ", data[1:]))
            if sum(below for _, below in records) != length:
                raise Damaged(f"chunk list {ident.hex()}: wrong length")
        except (Damaged, Newer) as error:
            yield ident, length, error
            return
        for below, below_length in records:
            yield from self.runs(below, below_length, level - 1 if level else None)

    def chunk(self, ident, length):
        if ident == ZERO:
            return None
        try:
            plain = self.plain(ident, 0)
            return plain if len(plain) == length else Damaged(f"blob {ident.hex()}: wrong length")
        except (Damaged, Newer) as error:
            return error


def decompress(frame, bytes_max, what):
    try:
        with zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(frame) as reader:
            plain = reader.read(bytes_max + 1)
    except (zstandard.ZstdError, MemoryError) as error:
        raise Damaged(f"{what}: {error}") from error
    if len(plain) > bytes_max:
        raise Damaged(f"{what}: larger than {bytes_max} bytes")
    return plain
