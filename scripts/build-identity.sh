#!/usr/bin/env bash
# Writes the id of a build from sources that are not as committed; removes it
# where they are (docs/decisions/0004-which-builds-share-keys.md).
set -euo pipefail
file=$1
cd "$(dirname "$0")/.."

built_from=(Sources Package.swift)
if [ -z "$(git status --porcelain -- "${built_from[@]}" 2>/dev/null)" ]; then
  rm -f "$file"
  exit 0
fi
difference=$({ git diff HEAD -- "${built_from[@]}"; git ls-files --others --exclude-standard -z -- "${built_from[@]}" | xargs -0 -r cat; } | sha256sum)
echo "$(git describe --always)-${difference:0:12}" > "$file"
