#!/usr/bin/env bash
# Installs the system libraries that the build and the program need; with `demo` also the Python
# that scripts of the shipped pipelines run in; with `test-all` also what the
# full test starts: a browser, database servers, and the venv that peers of the formats live in.
# Prints each command before it runs. Uses sudo only when not root. Where it can
# do neither, it prints the line to run and exits 2.
set -euo pipefail

packages=(libpng-dev libyaml-dev make pkg-config)
# Opened when a picture, a file of XML, Arrow, Parquet or SQLite, or a server, first needs them; of them only
# libpng, whose headers libpng-dev brings, is built against.
packages+=(libcurl4 liblz4-1 libmariadb3 libpng16-16 libpq5 libsnappy1v5 libsqlite3-0 libturbojpeg0 libxml2 libzstd1 zlib1g)
case "${1-}" in
  "") ;;
  # Whichever python3 there is will do.
  demo) command -v python3 >/dev/null || packages+=(python3) ;;
  test-all) packages+=(chromium mariadb-server openssl postgresql python3 python3-venv) ;;
  *)
    echo "usage: $0 [demo | test-all]; got '$1'" >&2
    exit 2
    ;;
esac

if [ "$(uname -s)" = Darwin ]; then
  echo "Sluice is built and tested on Linux x86-64 only. To try it on macOS:"
  echo "  brew install libpng libyaml pkg-config python3"
  exit 2
fi

if ! command -v swift >/dev/null; then
  echo "Swift 6.2 or newer is needed: https://www.swift.org/install/linux" >&2
  exit 2
fi

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  run=(apt-get)
  if [ "$(id -u)" -ne 0 ]; then
    if ! sudo -n true 2>/dev/null; then
      echo "Missing: ${missing[*]}. Run this line, then try again:" >&2
      echo "  sudo apt-get update && sudo apt-get install -y ${missing[*]}" >&2
      exit 2
    fi
    run=(sudo apt-get)
  fi
  export DEBIAN_FRONTEND=noninteractive
  echo "+ ${run[*]} update"
  "${run[@]}" update -qq
  echo "+ ${run[*]} install -y --no-install-recommends ${missing[*]}"
  "${run[@]}" -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "${missing[@]}"
fi
[ "${1-}" = test-all ] || exit 0

# The peers: exact versions, installed again when the list changes.
peers="${SLUICE_PEERS_TEST:-$HOME/.cache/sluice-peers-test}"
wanted="$(dirname "$0")/../Tests/peers/requirements.txt"
cmp -s "$wanted" "$peers/installed" && exit 0
echo "+ python3 -m venv $peers"
python3 -m venv "$peers"
echo "+ $peers/bin/pip install -r Tests/peers/requirements.txt"
"$peers/bin/pip" install --quiet --disable-pip-version-check -r "$wanted"
cp "$wanted" "$peers/installed"
