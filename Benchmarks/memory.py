#!/usr/bin/env python3
"""What memory is needed. Of a step of training: the most bytes resident while it is done five times, above what the
process had before the model was made; ours is asked of tensor-bench, of PyTorch this file is the process:
`memory.py CASE WAY`. Of a case of tables: `PeakOf` the process that does it.
"""

import ctypes
import gc
import subprocess
import sys
import threading
import time
from pathlib import Path


def keep_memory() -> None:
    """Lets malloc keep what it has had: else large results come from new pages in every call, and what is measured is
    the kernel that clears them (man mallopt)."""
    allocator = ctypes.CDLL(None)
    trim_threshold, top_pad, mmap_max = -1, -2, -4
    for parameter, value in ((mmap_max, 0), (trim_threshold, -1), (top_pad, 64 << 20)):
        if allocator.mallopt(parameter, value) != 1:
            raise OSError(f"mallopt({parameter}, {value}) failed")


def of_ours(binary: Path, case: str) -> int:
    return int(_said([binary], f"{case}\tpeak\n"))


def of_peer(case: str, way: str) -> int:
    """Of a process whose malloc gives memory back as it does by itself."""
    return int(_said([sys.executable, __file__, case, way]))


class PeakOf:
    """The most memory that a process has from here on, above what it has now."""

    #: Seconds between two looks at what the kernel keeps no peak of.
    PERIOD = 0.001

    def __init__(self, pid: int):
        self.pid = pid
        self.before = {key: status(key, pid) for key in ("VmRSS", "RssAnon")}
        # The peak is counted anew (man 5 proc_pid_clear_refs).
        Path(f"/proc/{pid}/clear_refs").write_text("5")
        self.anonymous, self.is_over = 0, False
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()

    def _watch(self) -> None:
        while not self.is_over:
            self.anonymous = max(self.anonymous, status("RssAnon", self.pid))
            time.sleep(self.PERIOD)

    def end(self) -> tuple[int, int]:
        """Bytes that were resident, and of them those that are of no file."""
        self.is_over = True
        self.thread.join()
        return status("VmHWM", self.pid) - self.before["VmRSS"], self.anonymous - self.before["RssAnon"]


def _said(command: list, told: str = "") -> str:
    """The last line of what a command says."""
    return subprocess.run(command, input=told, capture_output=True, text=True, check=True).stdout.splitlines()[-1]


def status(key: str, pid: int | str = "self") -> int:
    """Bytes, of a line of /proc/PID/status such as "VmHWM:     1234 kB"."""
    lines = (line.split() for line in Path(f"/proc/{pid}/status").read_text().splitlines())
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
