#!/usr/bin/env bash
# Writes THIRD-PARTY-NOTICES, and the same text as what `sluice licenses`
# prints, from the licence files of the resolved packages (run `make build`
# first) and of what the binary links besides. A test keeps both fresh.
set -euo pipefail
cd "$(dirname "$0")/.."

rule=$(printf '=%.0s' {1..78})
{
  echo "Sluice is licensed under the Apache License 2.0 (see LICENSE). Its binary contains the following."
  for folder in .build/checkouts/*/; do
    name="$(basename "$folder") $(git -C "$folder" describe --tags --exact-match)"
    for file in "$folder"LICENSE.txt "$folder"LICENSE "$folder"NOTICE.txt "$folder"NOTICE; do
      [ -f "$file" ] || continue
      printf '\n%s\n%s: %s\n%s\n\n' "$rule" "$name" "$(basename "$file")" "$rule"
      cat "$file"
    done
  done
  printf '\n%s\nSwift runtime and standard libraries\n%s\n\n' "$rule" "$rule"
  echo "Copyright Apple Inc. and the Swift project authors. Apache License 2.0 with Runtime Library Exception."
  printf '\n%s\nlibyaml (linked from the system)\n%s\n\n' "$rule" "$rule"
  sed -n '1,200p' /usr/share/doc/libyaml-0-2/copyright
  printf '\n%s\nUnicode Character Database (tables made by scripts/unicode_tables.py)\n%s\n\n' "$rule" "$rule"
  cat scripts/unicode-license.txt
  printf '\n%s\nNot in the binary: used by tests alone\n%s\n\n' "$rule" "$rule"
  echo "Handwritten digits (E. Alpaydin, C. Kaynak; UCI): CC BY 4.0, Tests/NeuralNetworksTests/Digits/LICENSE.md."
} > THIRD-PARTY-NOTICES

{
  echo '// Written by scripts/third-party-notices.sh; edit nothing here.'
  echo '// swift-format-ignore-file'
  echo
  echo '/// The text of THIRD-PARTY-NOTICES.'
  echo 'let thirdPartyNotices = #"""'
  cat THIRD-PARTY-NOTICES
  echo
  echo '"""#'
} > Sources/sluice/ThirdPartyNotices.swift
