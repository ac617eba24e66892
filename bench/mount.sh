#!/bin/sh
# Measures a mounted vault beside restic and borg: makes a tree, keeps it with all three, mounts each, and reads the same.
#
#   mount.sh [--place DIR] [--rounds N] [--peers DIR] [--only NAME,NAME] [--json FILE]
#
# For root, with beffroi on the PATH, and as Debian packages fuse3, python3-pyfuse3 (borg cannot mount without), attr. The place
# (default /dev/shm/mount-bench) takes about 2.5 GB; the tree and the vaults stay there for the next time. What is measured, and how:
# bench/README.md, "A mounted vault".
set -eu

place=/dev/shm/mount-bench
if [ "${1:-}" = --place ]; then
    [ $# -ge 2 ] || { echo "mount.sh: --place needs a folder" >&2; exit 2; }
    place=$2
    shift 2
fi
here=$(dirname "$(readlink -f "$0")")

# Documentation, libraries up to 120 MB, a film that nothing can compress, and a file that is nearly all holes.
make_tree() {
    mkdir -p "$1/lib"
    cp -a /usr/share/doc "$1/doc"
    find /usr/lib/x86_64-linux-gnu -maxdepth 1 -type f -size -20M -printf '%s %p\n' | LC_ALL=C sort -k2 |
        awk '{ sum += $1; if (sum < 120000000) print $2 }' | xargs cp -a -t "$1/lib"
    python3 - "$1" <<'PY'
import os, random, sys
noise = random.Random(1)
with open(f"{sys.argv[1]}/film.mp4", "wb") as film:
    for _ in range(200):
        film.write(noise.randbytes(1 << 20))
with open(f"{sys.argv[1]}/disk.img", "wb") as disk:
    disk.truncate(256 << 20)
    for place in (0, 100 << 20, 255 << 20):
        disk.seek(place)
        disk.write(noise.randbytes(1 << 20))
PY
}

if [ ! -e "$place/tree.whole" ]; then
    rm -rf "$place"
    mkdir -p "$place"
    make_tree "$place/tree"
    touch "$place/tree.whole"
fi
# Debian's pyfuse3 lies where a borg of its own environment does not look.
export PYTHONPATH="/usr/lib/python3/dist-packages${PYTHONPATH:+:$PYTHONPATH}"
exec python3 "$here/mounts.py" "$place" "$@"
