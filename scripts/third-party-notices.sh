#!/usr/bin/env bash
# Writes THIRD-PARTY-NOTICES from the licence files of the resolved packages
# (run `make build` first) and of what the binary links besides.
set -euo pipefail
cd "$(dirname "$0")/.."

{
  echo "Sluice is licensed under the Apache License 2.0 (see LICENSE). Its binary contains the following."
  for folder in .build/checkouts/*/; do
    name=$(basename "$folder")
    for file in "$folder"LICENSE.txt "$folder"LICENSE "$folder"NOTICE.txt "$folder"NOTICE; do
      [ -f "$file" ] || continue
      printf '\n%s\n%s: %s\n%s\n\n' "$(printf '=%.0s' {1..78})" "$name" "$(basename "$file")" "$(printf '=%.0s' {1..78})"
      cat "$file"
    done
  done
  printf '\n%s\nSwift runtime and standard libraries\n%s\n\n' "$(printf '=%.0s' {1..78})" "$(printf '=%.0s' {1..78})"
  echo "Copyright Apple Inc. and the Swift project authors. Apache License 2.0 with Runtime Library Exception."
  printf '\n%s\nlibyaml (linked from the system)\n%s\n\n' "$(printf '=%.0s' {1..78})" "$(printf '=%.0s' {1..78})"
  sed -n '1,200p' /usr/share/doc/libyaml-0-2/copyright
} > THIRD-PARTY-NOTICES
