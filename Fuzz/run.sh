#!/usr/bin/env bash
# Builds the fuzz targets with libFuzzer, replays the committed corpora, then
# looks for new inputs.
#
#   Fuzz/run.sh all SECONDS      every target, SECONDS in all
#   Fuzz/run.sh TARGET SECONDS   one target
#   Fuzz/run.sh TARGET FILE      that one input (to see a crash again)
#   Fuzz/run.sh TARGET keep      what was found, as far as it reaches code that
#                                nothing else reaches, into Corpus/TARGET.tar.gz
#
# Inputs found go to .build/fuzz/found/TARGET; what crashes is made smaller and
# left in .build/fuzz/crashes/.
set -euo pipefail
cd "$(dirname "$0")/.."

target="${1:?which target}"
what="${2:?how many seconds, or which file}"
scratch="$PWD/.build/fuzz"
crashes="$scratch/crashes/"
mkdir -p "$crashes"

runtime="$(swiftc -print-target-info | sed -n 's/.*"runtimeResourcePath": *"\(.*\)".*/\1/p')"
archive="$(echo "$runtime"/clang/lib/linux/libclang_rt.fuzzer_no_main-"$(uname -m)".a)"
if [ ! -f "$archive" ]; then
  echo "this Swift toolchain has no libFuzzer: '$archive' is missing" >&2
  exit 2
fi
# `-sanitize=fuzzer` goes to the frontend alone: the driver would also link
# libFuzzer's own main beside the one that SwiftPM expects.
build=(swift build -c release --product fuzz --scratch-path "$scratch"
  -Xswiftc -Xfrontend -Xswiftc -sanitize=fuzzer
  -Xlinker -u -Xlinker LLVMFuzzerRunDriver -Xlinker "$archive" -Xlinker -lstdc++ -Xlinker -lm)
export SLUICE_FUZZ=1
"${build[@]}" 2>&1 | grep -vE '^\[|Write|Compiling' || [ "${PIPESTATUS[0]}" -eq 0 ]
binary="$(swift build -c release --scratch-path "$scratch" --show-bin-path)/fuzz"

# The readers of Arrow and Parquet map files: they are kept in memory, and go at the end.
TMPDIR="$(mktemp -d /dev/shm/sluice-fuzz.XXXXXX)"
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT

# Swift's own report of a crash would stand in the way of libFuzzer's.
export SWIFT_BACKTRACE=enable=no
options=(-artifact_prefix="$crashes" -timeout=10 -rss_limit_mb=4096 -max_len=65536 -print_final_stats=0 -verbosity=1)

# The committed inputs of a target: its corpus, what was once found, and what the tests keep anyway.
inputs() {
  echo "Fuzz/Corpus/$1"
  if [ -f "Fuzz/Corpus/$1.tar.gz" ]; then
    local kept="$scratch/kept/$1"
    rm -rf "$kept" && mkdir -p "$kept" && tar -xzf "Fuzz/Corpus/$1.tar.gz" -C "$kept"
    echo "$kept"
  fi
  case "$1" in
    archive) echo Tests/ArchivesTests/Fixtures ;;
    arrow) echo Tests/ArrowIPCTests/Goldens ;;
    parquet) echo Tests/ParquetTests/Goldens ;;
    pipeline) echo Tests/PipelineLanguageTests/Fixtures ;;
    png | jpeg) echo Tests/ImagesTests/Fixtures ;;
    wave) echo Tests/AudioTests/Fixtures ;;
  esac
}

# one TARGET SECONDS
one() {
  local corpus found="$scratch/found/$1" said="$scratch/$1.log"
  corpus="$(inputs "$1" | tr '\n' ' ')"
  mkdir -p "$found"
  export FUZZ_TARGET="$1"
  # -runs=0 reads every committed input once.
  for step in "-runs=0 $corpus" "-max_total_time=$2 $found $corpus"; do
    # shellcheck disable=SC2086
    if ! "$binary" "${options[@]}" $step >"$said" 2>&1; then
      tail -n 25 "$said"
      local crash
      crash="$(sed -n 's/.*Test unit written to //p' "$said" | tail -n 1)"
      if [ -n "$crash" ]; then
        "$binary" -minimize_crash=1 -max_total_time=20 -exact_artifact_path="$crash.small" "$crash" >/dev/null 2>&1 || true
        echo "fuzz: $1: crash: $crash (smaller, if it can be: $crash.small)"
        echo "again: Fuzz/run.sh $1 $crash"
      fi
      return 1
    fi
  done
  echo "fuzz: $1: $(inputs "$1" | xargs -I{} find {} -type f | wc -l) inputs replayed, $(sed -n 's/^Done \([0-9]*\) runs in \([0-9]*\) second.*/\1 more in \2 s, no crash/p' "$said")"
}

if [ -f "$what" ]; then
  FUZZ_TARGET="$target" "$binary" "${options[@]}" "$what"
  exit
fi
# Small ones alone, so that a clone stays small.
if [ "$what" = keep ]; then
  merged="$(mktemp -d "$scratch/merged.XXXXXX")"
  # shellcheck disable=SC2046
  FUZZ_TARGET="$target" "$binary" "${options[@]}" -merge=1 -max_len=1024 "$merged" $(inputs "$target") \
    "$scratch/found/$target" >"$scratch/$target.log" 2>&1
  find "$merged" -type f -size +2 -delete
  tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$merged" -cf - . |
    gzip -9n >"Fuzz/Corpus/$target.tar.gz"
  echo "fuzz: $target: $(find "$merged" -type f | wc -l) inputs kept, $(stat -c %s "Fuzz/Corpus/$target.tar.gz") bytes"
  rm -rf "$merged"
  exit
fi
if [ "$target" != all ]; then
  one "$target" "$what"
  exit
fi
targets=(Fuzz/Corpus/*/)
status=0
for folder in "${targets[@]}"; do
  # At least one second: none would mean no end.
  one "$(basename "$folder")" $((what / ${#targets[@]} + 1)) || status=1
done
exit $status
