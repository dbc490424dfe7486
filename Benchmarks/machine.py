"""What this machine is and what it can do at most."""

import hashlib
import os
import platform
import time
from pathlib import Path
from statistics import median


def describe(cores: list[int], scratch: Path) -> dict:
    model = next(
        (line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
         if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": model,
        "cores": cores,
        "memory_gib": round(memory / 2**30, 1),
        "kernel": platform.release(),
        "file_system": file_system(scratch),
        "load_before": os.getloadavg()[0],
    }


def file_system(path: Path) -> str:
    """The type of the file system that `path` is on: the longest mount point above it."""
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    real = str(path.resolve()) + "/"
    above = [m for m in mounts if real.startswith(m[1].rstrip("/") + "/")]
    return max(above, key=lambda m: len(m[1]))[2]


def sha256_seconds(size: int) -> float:
    """What one core takes for SHA-256 (OpenSSL's, through hashlib) of `size` bytes, in pieces that stay in its caches."""
    piece = bytes(1 << 18)
    start = time.perf_counter()
    digest = hashlib.sha256()
    for _ in range(size // len(piece)):
        digest.update(piece)
    return time.perf_counter() - start


def read_rate(path: Path, rounds: int = 9) -> float:
    """GB/s of reading a file from the page cache into one buffer, one core."""
    buffer = bytearray(1 << 20)

    def read() -> None:
        with path.open("rb", buffering=0) as file:
            while file.readinto(buffer):
                pass

    return _rate(read, path.stat().st_size, rounds)


def _rate(work, size: int, rounds: int) -> float:
    work()
    rates = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        rates.append(size / (time.perf_counter() - start) / 1e9)
    return median(rates)
