#!/usr/bin/env python3
"""Makes the samples of disks, programs and databases: see ORIGIN.md. Run it in an empty folder, as root (PostgreSQL wants another user).

What no program of Debian writes is written here by hand, after the public descriptions that the validators name: such a sample proves
that the validator reads what the description says, and nothing about the files of the world.
"""

import os
import random
import shutil
import struct
import subprocess
import tempfile
import zlib

LINES = "".join(f"{number};Administré n°{number};{number} rue de la Mairie\n" for number in range(1, 400))


def disks():
    with open("disk.raw", "wb") as out:
        out.write(LINES.encode()[:8000].ljust(65536, b"\0"))
    run("qemu-img", "convert", "-O", "vmdk", "disk.raw", "disk.vmdk")
    run("qemu-img", "convert", "-O", "qcow2", "-o", "cluster_size=512", "disk.raw", "disk.qcow2")
    run("qemu-img", "convert", "-O", "vhdx", "-o", "block_size=1M", "disk.raw", "disk.vhdx")
    run("zstd", "-q", "-19", "--rm", "disk.vhdx")
    os.remove("disk.raw")


def programs():
    with open("tool.c", "w", encoding="ascii") as out:
        out.write("int numbers[400] = {1, 2, 3};\nint _start(void) { return numbers[1]; }\n")
    run("gcc", "-Os", "-nostdlib", "-static", "-Wl,--build-id=none", "tool.c", "-o", "tool.elf")
    run("gcc", "-Os", "-fpic", "-ffreestanding", "-c", "tool.c", "-o", "tool.o")
    run("ld", "-shared", "-Bsymbolic", "tool.o", "-o", "tool.so")
    run("objcopy", "-j", ".text", "-j", ".data", "-j", ".dynamic", "-j", ".dynsym", "-j", ".rela*", "--target=efi-app-x86_64", "tool.so", "tool.exe")
    for name in ("tool.c", "tool.o", "tool.so"):
        os.remove(name)


def packed():
    with open("letter", "w", encoding="utf-8") as out:
        out.write(LINES)
    run("lzma", "letter")


def pages():
    """A table of PostgreSQL of which rows were changed and deleted."""
    with tempfile.TemporaryDirectory() as home:
        shutil.chown(home, "postgres")
        bin = "/usr/lib/postgresql/15/bin"
        start = f"{bin}/pg_ctl -D {home}/data -w -o '-k {home} -c listen_addresses='"
        sql = """create table agents(number int primary key, service text, place text);
            insert into agents select n, (array['état civil','urbanisme','voirie'])[1 + n % 3], n || ' rue de la Mairie' from generate_series(1, 240) n;
            delete from agents where number % 5 = 0; update agents set service = upper(service) where number % 6 = 0; checkpoint;"""
        as_postgres(f"{bin}/initdb -D {home}/data && {start} start")
        subprocess.run(["su", "postgres", "-c", f"psql -q -h {home}"], input=sql, text=True, check=True)
        place = subprocess.run(["su", "postgres", "-c", f"psql -tA -h {home} -c \"select pg_relation_filepath('agents')\""], check=True, capture_output=True, text=True)
        as_postgres(f"{start} stop")
        shutil.copyfile(f"{home}/data/{place.stdout.strip()}", "agents-heap")


def access():
    """A database of Access: a head, pages of tables, rows and an index, and one that nobody wrote."""
    head = bytearray(4096)
    head[:24] = b"\0\1\0\0Standard Jet DB\0\1\0\0\0"
    plain = bytearray(128)
    plain[0x24:0x26] = struct.pack("<H", 1252)
    head[0x18:0x98] = rc4(bytes.fromhex("c7da396b"), bytes(plain))
    book = [bytes(head), rows_page(0x1C, b"\0" * 69), table_page(), *(rows_page(2, *rows) for rows in groups()), index_page(), bytes(4096)]
    write("base.mdb", b"".join(book))


def groups():
    rows = [line.encode("cp1252") for line in LINES.splitlines()]
    return [rows[at : at + 60] for at in range(0, 240, 60)]


def rows_page(owner, *rows):
    ends = b"".join(reversed(rows))
    table, at = b"", 4096
    for row in rows:
        at -= len(row)
        table += struct.pack("<H", at)
    free = 4096 - len(ends) - 14 - len(table)
    return struct.pack("<BBHIIH", 1, 1, free, owner if owner < 3 else 0, 0, len(rows)) + table + bytes(free) + ends


def table_page():
    return (b"\2\1" + struct.pack("<HIII", 3000, 0, 0x41A, 0x659) + "number service place".encode("utf-16-le")).ljust(4096, b"\0")


def index_page():
    return (b"\4\1" + struct.pack("<HI", 3000, 2) + bytes(19) + random.Random(3).randbytes(900)).ljust(4096, b"\0")


def rc4(key, data):
    states, other = list(range(256)), 0
    for at in range(256):
        other = (other + states[at] + key[at % len(key)]) & 255
        states[at], states[other] = states[other], states[at]
    at, other, out = 0, 0, bytearray()
    for byte in data:
        at = (at + 1) & 255
        other = (other + states[at]) & 255
        states[at], states[other] = states[other], states[at]
        out.append(byte ^ states[(states[at] + states[other]) & 255])
    return bytes(out)


def drawing():
    """A drawing of AutoCAD 2018: a head under a mask, four pages of data and a gap, and the map of them."""
    out, table = bytearray(0x100), b""
    out[:0x80] = b"AC1032".ljust(0x80, b"\0")
    data = [random.Random(number).randbytes(700 + 100 * number) for number in range(4)]
    for number, part in enumerate(data, 1):
        at, size = len(out), (len(part) + 32 + 31) // 32 * 32
        part_sum = adler(0, part)
        fields = [0x4163043B, number, len(part), size, 0, 0, 0, part_sum]
        fields[6] = adler(part_sum, struct.pack("<8I", *fields))
        mask = 0x4164536B ^ at
        out += struct.pack("<8I", *(field ^ mask for field in fields)) + part.ljust(size - 32, b"\0")
        table += struct.pack("<iI", number, size)
        if number == 2:
            out += bytes(64)
            table += struct.pack("<iI16x", -1, 64)
    map_at = len(out)
    table += struct.pack("<iI", 5, 0x80)
    # Letters only: the shortest packing that there is.
    packed = letters(table) + b"\x11"
    page = struct.pack("<5I", 0x41630E3B, len(table), len(packed), 2, 0)
    page = page[:16] + struct.pack("<I", adler(adler(0, page), packed)) + packed
    out += page.ljust(0x80, b"\0")
    header = bytearray(0x6C)
    header[:12] = b"AcFssFcAJMB\0"
    struct.pack_into("<Q", header, 0x54, map_at - 0x100)
    struct.pack_into("<I", header, 0x68, zlib.crc32(header))
    seed = 1
    for at in range(0x6C):
        seed = (seed * 0x343FD + 0x269EC3) & 0xFFFFFFFF
        header[at] ^= seed >> 16 & 255
    out[0x80:0xEC] = header
    write("plan.dwg", bytes(out))


def letters(data):
    assert 18 + 255 > len(data) > 18
    return bytes([0, len(data) - 18]) + data


def adler(seed, data):
    low, high = seed & 0xFFFF, seed >> 16
    for byte in data:
        low += byte
        high += low
    return (high % 0xFFF1) << 16 | low % 0xFFF1


def mailbox():
    """A mail box of Outlook: two trees of two levels, and the blocks that one of them names."""
    blocks = [random.Random(number).randbytes(900 + 311 * number) for number in range(12)]
    out, entries = bytearray(0x400), []
    for number, block in enumerate(blocks, 1):
        at, size = len(out), (len(block) + 16 + 63) // 64 * 64
        out += block.ljust(size - 16, b"\0") + struct.pack("<HHIQ", len(block), 0, crc(block), 4 * number)
        entries.append(struct.pack("<QQHHI", 4 * number, at, len(block), 2, 0))
    tops = []
    for kind, leaves in ((0x81, [bytes([number]) * 32 for number in range(8)]), (0x80, entries)):
        pages = []
        for part in (leaves[: len(leaves) // 2], leaves[len(leaves) // 2 :]):
            pages.append(tree_page(out, kind, part, 0))
        tops.append(tree_page(out, kind, [struct.pack("<QQQ", number, number, at) for number, at in enumerate(pages)], 1))
    root = struct.pack("<IQQQQ", 0, len(out), 0x400, 0, 0) + struct.pack("<QQQQ", 1, tops[0], 2, tops[1]) + struct.pack("<BBHI", 2, 0, 0, 0)
    header = bytearray(564)
    header[8:16] = struct.pack("<2sHHBB", b"SM", 23, 19, 1, 1)
    header[0xB4 : 0xB4 + len(root)] = root
    header[512] = 0x80
    struct.pack_into("<I", header, 0x20C, crc(bytes(header[8 : 8 + 516])))
    struct.pack_into("<4sI", header, 0, b"!BDN", crc(bytes(header[8 : 8 + 471])))
    out[:564] = header
    write("courrier.pst", bytes(out))


def tree_page(out, kind, entries, level):
    size = len(entries[0])
    body = b"".join(entries).ljust(488, b"\0") + struct.pack("<BBBBI", len(entries), 488 // size, size, level, 0)
    at = len(out)
    out += body + struct.pack("<BBHIQ", kind, kind, 0, crc(body), at)
    return at


def crc(data):
    return zlib.crc32(data, 0xFFFFFFFF) ^ 0xFFFFFFFF


def old_word():
    """A text of Word 2 as its head tells it: no program of today writes one."""
    text = LINES.replace("\n", "\r\n").encode("cp1252")
    end = 0x180 + len(text) + 0x200
    head = struct.pack("<HHHHHHH", 0xA5DB, 45, 0x4031, 0x40C, 0, 0, 45).ljust(24, b"\0") + struct.pack("<III", 0x180, 0x180 + len(text), end)
    write("vieux-word2.doc", head.ljust(0x180, b"\0") + text + bytes(0x200))


def drawn_page():
    page = b"%!PS-Adobe-3.0 EPSF-3.0\r\n%%BoundingBox: 0 0 200 200\r\n" + b"72 72 moveto (Mairie) show\r\n" * 60 + b"%%EOF\r\n"
    picture = b"II*\0\x08\0\0\0" + bytes(400)
    head = struct.pack("<IIIIIIIH", 0xC6D3D0C5, 30, len(page), 0, 0, 30 + len(page), len(picture), 0xFFFF)
    write("affiche.eps", head + page + picture)


def as_postgres(command):
    subprocess.run(["su", "postgres", "-c", command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def run(*words):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def write(name, content):
    with open(name, "wb") as out:
        out.write(content)


disks()
programs()
packed()
pages()
access()
drawing()
mailbox()
old_word()
drawn_page()
