"""Writes the numbers of PyTorch that our modules are held to: one safetensors file a case, and schedules.json.

    python make.py           all of them; README.md says what is in them and which versions it needs
    python make.py --check   writes nothing; fails where a case comes out otherwise by more than rounding
"""

import sys
import tempfile
from pathlib import Path

import recording
from blocks import blocks
from layers import layers
from recording import begin
from training import training


def make() -> None:
    for name, run in {**layers(), **blocks(), **training()}.items():
        begin()
        run(name)


def differences(old: Path, new: Path) -> list[str]:
    from safetensors.torch import load_file

    found = []
    names = {p.name for p in [*old.glob("*.safetensors"), *new.glob("*.safetensors")]}
    for name in sorted(names):
        if not (old / name).exists() or not (new / name).exists():
            found.append(f"{name}: in one place only")
            continue
        a, b = load_file(old / name), load_file(new / name)
        if a.keys() != b.keys():
            found.append(f"{name}: other tensors")
            continue
        for key in a:
            # Of float64 to float32 at most one unit in the last place can come out otherwise.
            if a[key].shape != b[key].shape or not a[key].allclose(b[key], rtol=2.5e-7, atol=1e-12):
                found.append(f"{name}: {key}")
    if (old / "schedules.json").read_text() != (new / "schedules.json").read_text():
        found.append("schedules.json")
    return found


def main() -> None:
    if "--check" not in sys.argv:
        return make()
    import training as module

    here = recording.HERE
    with tempfile.TemporaryDirectory() as folder:
        recording.HERE = module.HERE = Path(folder)
        make()
        found = differences(here, Path(folder))
    print("\n".join(found) or "all as before")
    sys.exit(1 if found else 0)


main()
