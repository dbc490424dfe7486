"""Runs a command and says what it cost: wall, CPU time of all its processes, peak memory."""

import ctypes
import json
import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
#: Seconds a command's own children may outlive it.
GRACE = 10


class CommandFailed(Exception):
    pass


@dataclass
class Sample:
    wall: float
    cpu: float
    #: MiB of the largest process; only where asked for.
    peak: float | None = None
    #: GB/s; only for experiments over a known number of bytes.
    rate: float | None = None


def prepare(cores: list[int]) -> None:
    """Pins this process, and so all it starts, to `cores`; adopts orphans, so
    that a helper process that outlives its parent is counted too."""
    os.sched_setaffinity(0, cores)
    if ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError("prctl(PR_SET_CHILD_SUBREAPER) failed")


def run(command: list[str], folder: Path, peak: bool = False) -> Sample:
    """Wall is until the command itself ends, CPU time that of every process it
    left to be waited for.

    Peak memory needs GNU time: a process starts with the peak of the one that
    forked it, and a Python is larger than what is measured.
    """
    with tempfile.TemporaryFile() as said, tempfile.NamedTemporaryFile("r") as noted:
        if peak:
            command = ["/usr/bin/time", "-f", "%M", "-o", noted.name, *command]
        start = time.perf_counter()
        child = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT)
        status, cpu, wall = None, 0.0, 0.0
        while status is None:
            pid, code, usage = os.wait4(-1, 0)
            cpu += usage.ru_utime + usage.ru_stime
            if pid == child.pid:
                wall = time.perf_counter() - start
                status = child.returncode = os.waitstatus_to_exitcode(code)
        cpu += _leftovers(command)
        if status != 0:
            said.seek(0)
            text = said.read().decode(errors="replace")[-2000:]
            raise CommandFailed(f"'{' '.join(command)}' in {folder} ended with {status}:\n{text}")
        return Sample(wall, cpu, int(noted.read().split()[-1]) / 1024 if peak else None)


def check_hits(sluice: Path, folder: Path, n: int) -> None:
    """All `n` stages of a run of sluice are hits: what was measured did nothing else."""
    said = folder / "summary.jsonl"
    run(["/bin/sh", "-c", f"{sluice} run pipeline.yaml --json > {said.name}"], folder)
    summary = json.loads(said.read_text().splitlines()[-1])
    said.unlink()
    if (summary["hits"], summary["ran"]) != (n, 0):
        raise CommandFailed(f"{folder}: expected {n} hits; the run's summary is {summary}")


def _leftovers(command: list[str]) -> float:
    """Waits for adopted processes; their CPU time in seconds."""
    cpu = 0.0
    deadline = time.monotonic() + GRACE
    while True:
        try:
            pid, _, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return cpu
        if pid:
            cpu += usage.ru_utime + usage.ru_stime
        elif time.monotonic() > deadline:
            raise CommandFailed(f"'{' '.join(command)}' left a process behind for {GRACE} s")
        else:
            time.sleep(0.001)
