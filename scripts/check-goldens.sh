#!/usr/bin/env bash
# Goldens only grow. A line says which bytes a version of a stage kind gives, or
# which key an action has; whoever changes what is behind it adds a line for a
# new version, and old lines go on being true of the old one. So every line that
# ever stood in one on this branch must stand there still.
set -euo pipefail
cd "$(dirname "$0")/.."

files=(':(glob)Tests/*/Goldens/*.tsv')
named='{ file = FILENAME; sub(".*/", "", file); print file "\t" $0 }'
now="$(git ls-files -z -- "${files[@]}" | xargs -0 awk "$named" | sort -u)"
ever="$(git log --first-parent -m -p --no-renames --no-color --format= HEAD -- "${files[@]}" | awk '
  /^\+\+\+ /{ file = $2; sub(".*/", "", file); next }
  /^\+/{ print file "\t" substr($0, 2) }' | sort -u)"
if [ -z "$ever" ]; then
  echo "goldens: none were found; is the pattern in scripts/check-goldens.sh still right?" >&2
  exit 1
fi
gone="$(comm -23 <(echo "$ever") <(echo "$now"))"
if [ -n "$gone" ]; then
  echo "goldens: lines are gone or changed; scripts/check-goldens.sh says why they must not be:" >&2
  echo "$gone" >&2
  exit 1
fi
echo "goldens: all $(echo "$ever" | wc -l) lines there ever were stand"
