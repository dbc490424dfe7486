#!/usr/bin/env python3
"""The memory of a step of training: the most bytes resident while it is done five times,
above what the process had before the model was made.

Ours is asked of tensor-bench. Of PyTorch this file is the process: `memory.py CASE WAY`.
"""

import ctypes
import gc
import subprocess
import sys
from pathlib import Path


def of_ours(binary: Path, case: str) -> int:
    return int(_said([binary], f"{case}\tpeak\n"))


def of_peer(case: str, way: str) -> int:
    """Of a process whose malloc gives memory back as it does by itself."""
    return int(_said([sys.executable, __file__, case, way]))


def _said(command: list, told: str = "") -> str:
    """The last line of what a command says."""
    return subprocess.run(command, input=told, capture_output=True, text=True, check=True).stdout.splitlines()[-1]


def status(key: str) -> int:
    """Bytes, of a line of /proc/self/status such as "VmHWM:     1234 kB"."""
    lines = (line.split() for line in Path("/proc/self/status").read_text().splitlines())
    return next(int(words[1]) for words in lines if words[0] == f"{key}:") * 1024


def main(name: str, way: str) -> None:
    import torch
    import torch_steps

    case = next(case for case in torch_steps.cases() if case.name == name)
    # Once for nothing: code that is read in or compiled, and threads, are no step's.
    case.make_one(way)()
    torch._dynamo.reset()
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)

    before = status("VmRSS")
    # Which does it twice.
    work = case.make_one(way)
    # From here on the peak is counted anew (man 5 proc_pid_clear_refs).
    Path("/proc/self/clear_refs").write_text("5")
    for _ in range(5):
        work()
    print(status("VmHWM") - before)


if __name__ == "__main__":
    main(*sys.argv[1:])
