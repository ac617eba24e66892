#!/bin/sh
# Measures a repair in place beside full restores, and beside restic.
#
#   repair.sh [--gigabytes N] [--percent N] [--rounds N] [--place DIR] [--peers DIR]
#
# Makes a tree of office-like sizes (half-compressible text, from a seed), keeps it with beffroi and with restic, writes noise over a
# few percent of its files, keeps it again, plans, and repairs in turn. After every repair and restore all files are compared with what
# they were. `beffroi` is taken from the PATH; restic from DIR/bin of get-peers.sh (default /opt/peers/bin). The place (default
# /tmp/beffroi-repair) is made, needs about four times the size, and is removed at the end. Needs python3 and strace.
set -eu

gigabytes=20
percent=5
rounds=3
place=/tmp/beffroi-repair
peers=/opt/peers/bin
program=beffroi

main() {
    while [ $# -gt 0 ]; do
        [ $# -ge 2 ] || stop "$1 needs a value"
        case $1 in
        --gigabytes) gigabytes=$2 ;;
        --percent) percent=$2 ;;
        --rounds) rounds=$2 ;;
        --place) place=$2 ;;
        --peers) peers=$2 ;;
        *) stop "unknown argument: $1" ;;
        esac
        shift 2
    done
    for needed in "$program" python3 strace; do
        command -v "$needed" >/dev/null || stop "$needed is not there"
    done
    [ -x "$peers/restic" ] || stop "restic is not in $peers: bench/get-peers.sh restic"
    [ ! -e "$place" ] || stop "$place is there already"
    mkdir -p "$place"
    trap 'rm -rf "$place"' EXIT
    cd "$place"
    export BEFFROI_VAULT="$place/vault" BEFFROI_STATE="$place/state" BEFFROI_IDENTITY="$place/kit" BEFFROI_NOTIFY=/dev/null
    export RESTIC_REPOSITORY="$place/restic" RESTIC_PASSWORD=bench RESTIC_CACHE_DIR="$place/restic-cache"
    prepare
    count_bytes
    round=1
    while [ "$round" -le "$rounds" ]; do
        measure "$round"
        round=$((round + 1))
    done
    python3 - times <<'PYTHON'
import collections, statistics, sys
times = collections.defaultdict(list)
for line in open(sys.argv[1]):
    name, seconds = line.rsplit(" ", 1)
    times[name].append(float(seconds))
middle = {name: statistics.median(all) for name, all in times.items()}
repair = middle["beffroi, repair in place"]
for name, seconds in middle.items():
    print(f"| {name} | {seconds:.1f} | {seconds / repair:.2f} |")
PYTHON
}

prepare() {
    python3 - "$gigabytes" "$percent" <<'PYTHON'
import math, os, random, sys
gigabytes, percent = float(sys.argv[1]), float(sys.argv[2])
# Letters, blanks and line ends about as often as in French: four bits of a byte are left to chance.
often = b"eeeeeeeeaaaaasssssiiiitttnnnnrrrruuuullloooddcmpvqfbghjxyz       \n"
table = bytes(often[i % len(often)] for i in range(256))
dice, left, number, hurt = random.Random(1), int(gigabytes * 1e9), 0, []
while left > 0:
    size = min(int(math.exp(dice.gauss(11, 1.8))), 64 << 20, left)
    folder = f"tree/service {number // 97 % 61}/{number // 9 % 11}"
    os.makedirs(folder, exist_ok=True)
    path = f"{folder}/acte {number}.txt"
    with open(path, "wb") as file:
        file.write(dice.randbytes(size).translate(table))
    if dice.random() * 100 < percent:
        hurt.append((path, size))
    left, number = left - size, number + 1
with open("hurt", "w") as listed:
    listed.writelines(f"{path}\n" for path, _ in hurt)
print(f"{number} files; {len(hurt)} are hurt, with {sum(size for _, size in hurt)} bytes")
PYTHON
    find tree -type f -print0 | sort -z | xargs -0 sha256sum >sums
    "$program" init vault --recovery-out kit >/dev/null 2>&1
    "$program" backup tree >/dev/null 2>&1
    "$peers/restic" init -q
    "$peers/restic" backup -q tree
    python3 - hurt <<'PYTHON'
import os, random, sys
dice = random.Random(2)
for path in open(sys.argv[1]).read().splitlines():
    size = os.path.getsize(path)
    wreck = f"wrecks/{path}"
    os.makedirs(os.path.dirname(wreck), exist_ok=True)
    with open(wreck, "wb") as file:
        file.write(dice.randbytes(size))
PYTHON
    harm
    "$program" backup tree >/dev/null 2>&1 || [ $? -eq 4 ]
    "$peers/restic" backup -q tree
    "$program" clean --plan plan >/dev/null 2>&1
}

# Writes noise over the files that are to be hurt.
harm() {
    cp -r wrecks/tree/. tree/
}

# Counts, file by file, what a repair reads of the vault and of the tree.
count_bytes() {
    strace -ff -y -qq -e trace=read,pread64,readv,preadv,preadv2 -e signal=none -o reads \
        "$program" restore --plan plan --to tree --overwrite if-damaged >/dev/null 2>&1
    sha256sum --quiet -c sums
    python3 - "$place" <<'PYTHON'
import os, re, sys
place, read, wanted = sys.argv[1], {"vault": 0, "tree": 0}, re.compile(r"<([^>]*)>.* = (\d+)$")
for name in filter(lambda name: name.startswith("reads."), os.listdir()):
    for line in open(name, errors="replace"):
        found = wanted.search(line)
        for part in read:
            if found and found[1].startswith(f"{place}/{part}/"):
                read[part] += int(found[2])
hurt = sum(os.path.getsize(path) for path in open("hurt").read().splitlines())
tree = sum(os.path.getsize(os.path.join(at, name)) for at, _, names in os.walk("tree") for name in names)
print(f"damaged: {hurt} bytes; tree: {tree} bytes")
print(f"read from the vault: {read['vault']} bytes, {read['vault'] / hurt:.2f} of what is damaged")
print(f"read from the tree: {read['tree']} bytes, {read['tree'] / tree:.2f} of it")
PYTHON
    rm reads.*
}

measure() {
    say "round $1: load $(cut -d ' ' -f 1 /proc/loadavg)"
    harm
    timed "beffroi, repair in place" "$program" restore --plan plan --to tree --overwrite if-damaged
    sha256sum --quiet -c sums
    harm
    timed "restic restore --overwrite if-changed" "$peers/restic" restore -q "$(oldest):/tree" --target tree --overwrite if-changed
    sha256sum --quiet -c sums
    timed "beffroi, full restore" "$program" restore --plan plan --to "$place/back/tree"
    (cd back && sha256sum --quiet -c ../sums)
    rm -rf back
    timed "restic, full restore" "$peers/restic" restore -q "$(oldest):/tree" --target back/tree
    (cd back && sha256sum --quiet -c ../sums)
    rm -rf back
}

oldest() {
    "$peers/restic" snapshots --json | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["short_id"])'
}

timed() {
    name=$1
    shift
    sync
    begin=$(date +%s.%N)
    "$@" >/dev/null 2>&1
    end=$(date +%s.%N)
    echo "$name $(python3 -c "print(round($end - $begin, 2))")" | tee -a times >&2
}

say() {
    echo "repair.sh: $*" >&2
}

stop() {
    say "$*"
    exit 1
}

main "$@"
