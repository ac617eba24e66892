#!/bin/sh
# Measures triage: makes the corpus, runs all, writes the tables into docs/triage.md. Needs what make_corpus.py and the jobs need.
#   bench/triage/measure.sh [--quick]
# SEEDS=3 draws each pattern three times; of each file the worst is told. The program is asked once.
# --quick takes a twentieth of the files and every fourth profile, and prints the tables only.
set -eu
seeds=${SEEDS:-1}
place=${PLACE:-/dev/shm/beffroi-bench-triage}
files=0.5 office=0.12 every=1 into="--into docs/triage.md" misses="--misses $place/misses.tsv" skip=documents,save-cycle,pdf-
if [ "${1:-}" = --quick ]; then files=0.05 office=0.02 every=4 into="" misses="" skip=documents,save-cycle,pdf-,gpg; fi
cd "$(dirname "$0")/../.."
cargo build --release -p beffroi -p beffroi-bench-triage
runner=${CARGO_TARGET_DIR:-target}/release/bench-triage
speed=${CARGO_TARGET_DIR:-target}/release/bench-triage-speed
beffroi=${CARGO_TARGET_DIR:-target}/release/beffroi
mkdir -p "$place"
[ -d "$place/files" ] || bench/triage/make_corpus.py --to "$place/files" --scale $files
[ -d "$place/office" ] || bench/triage/make_corpus.py --to "$place/office" --scale $office --flat
"$runner" "$place/files" --out "$place/attacks.jsonl" --what states,attacks --seeds "$seeds" --every "$every"
"$runner" "$place/files" --out "$place/work.jsonl" --what work --skip "$skip"
# Documents are slow to open: a part of them is worked on.
"$runner" "$place/office" --out "$place/program.jsonl" --what program --beffroi "$beffroi" --seeds 1 --every "$every"
if [ -n "$into" ]; then
    "$runner" "$place/office" --out "$place/office.jsonl" --what work --only documents
    "$runner" "$place/office" --out "$place/pdf.jsonl" --what work --only pdf-
fi
# How fast, on one core: needs pngcheck, libdeflate-tools, libjpeg-turbo-progs and the programs of the jobs.
if [ -n "$into" ]; then
    "$speed" "$place/files" --floors > "$place/speed.md"
    sed -i -e '/<!-- speed: begin -->/,/<!-- speed: end -->/{//!d;}' -e "/<!-- speed: begin -->/r $place/speed.md" docs/triage.md
fi
# shellcheck disable=SC2086
exec bench/triage/tables.py "$place/files" "$place"/*.jsonl $into $misses
