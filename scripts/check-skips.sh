#!/usr/bin/env bash
# Fails when a test was skipped that Tests/allowed-skips.txt does not list, or
# when that file lists one that was not.
#
#   check-skips.sh OUTPUT_OF_SWIFT_TEST [ALLOWED]
set -euo pipefail

output="$1"
allowed="${2:-$(dirname "$0")/../Tests/allowed-skips.txt}"

if ! grep -Eq 'Test run with [1-9][0-9]* tests?' "$output"; then
  echo "no test ran, by $output" >&2
  exit 1
fi

# `➜ Test name() skipped: "reason"`, the mark and the quotes as they may be.
skipped="$(sed -nE 's/^[^[:alnum:]]*(Test|Suite) (.*) skipped(: .*|\.)?$/\2/p' "$output" | tr -d '"' | sort -u)"
listed="$(sed -nE 's/^([^#]*[^# ]) +# .+/\1/p' "$allowed" | sort -u)"

status=0
while IFS= read -r name; do
  [ -n "$name" ] || continue
  echo "skipped, and not in Tests/allowed-skips.txt: $name" >&2
  status=1
done < <(comm -23 <(echo "$skipped") <(echo "$listed"))
while IFS= read -r name; do
  [ -n "$name" ] || continue
  echo "in Tests/allowed-skips.txt, and not skipped: $name" >&2
  status=1
done < <(comm -13 <(echo "$skipped") <(echo "$listed"))
exit $status
