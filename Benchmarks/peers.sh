#!/usr/bin/env bash
# peers.sh SUITE: installs what a suite measures us beside, into a venv outside
# the tree, printing each command before it runs. Prints nothing and does nothing
# when all is there. Needs python3 with venv; about 250 MB for `runner`, 1.1 GB
# for `tensor` (PyTorch's build for the CPU, since the one PyPI gives without
# asking for it brings gigabytes for graphics cards; ONNX Runtime and what
# exports to it), 500 MB for `tables` and for `prepare`.
set -euo pipefail

peers="${SLUICE_PEERS:-$HOME/.cache/sluice-peers}"
# Exact versions, so that two runs of the suite compare the same peers.
case "${1:?the suite}" in
  runner) packages=(dvc==3.67.1 ninja==1.13.0 PyYAML==6.0.3) ;;
  tensor) packages=(torch==2.13.0+cpu onnxruntime==1.32.0 onnx==1.23.2 onnxscript==0.7.2 numpy==2.4.6 PyYAML==6.0.3) ;;
  tables) packages=(polars==2.1.0 pandas==3.1.1 pyarrow==26.0.1 Pillow==13.0.0 numpy==2.4.6 PyYAML==6.0.3) ;;
  prepare) packages=(scikit-learn==1.9.1 polars==2.1.0 pandas==3.1.1 pyarrow==26.0.1 numpy==2.4.6 PyYAML==6.0.3) ;;
  *)
    echo "no suite '$1'; there are: runner, tensor, tables, prepare" >&2
    exit 2
    ;;
esac

show() {
  echo "+ $*"
  "$@"
}

# apt NAME...: installs Debian packages, or prints the line to run and exits 2.
apt() {
  if [ "$(id -u)" -eq 0 ]; then
    sudo=()
  elif sudo -n true 2>/dev/null; then
    sudo=(sudo)
  else
    echo "Missing: $*. Run this line, then try again:" >&2
    echo "  sudo apt-get update && sudo apt-get install -y $*" >&2
    exit 2
  fi
  export DEBIAN_FRONTEND=noninteractive
  show "${sudo[@]}" apt-get update -qq
  show "${sudo[@]}" apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"
}

missing=()
command -v make >/dev/null || missing+=(make)
command -v taskset >/dev/null || missing+=(util-linux)
[ -x /usr/bin/time ] || missing+=(time)
python3 -c 'import venv, ensurepip' 2>/dev/null || missing+=(python3-venv)
[ ${#missing[@]} -eq 0 ] || apt "${missing[@]}"

wanted="${packages[*]}"
if [ "$(cat "$peers/installed-$1" 2>/dev/null)" = "$wanted" ]; then
  exit 0
fi
show python3 -m venv "$peers"
show "$peers/bin/pip" install --quiet --disable-pip-version-check "${packages[@]}"
echo "$wanted" >"$peers/installed-$1"
