#!/usr/bin/env python3
"""The suite `runner`: sluice beside ninja, make and dvc on graphs of trivial stages.

Run it by `make bench`. Exits 0 without a MISS, 1 with one, 2 when something
could not be measured.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from statistics import median

import concluding
import judging
import machine
import measuring
from experiments import Bench
from turns import in_turn

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent


def experiments(bench: Bench, with_sluice: bool) -> dict:
    """Name to what makes it ready. dvc stands where it ends within seconds."""
    def tools(*names: str) -> list[str]:
        return [name for name in names if with_sluice or name != "sluice"]

    return {
        "version": lambda: bench.version(25),
        "no-op 100": lambda: bench.no_op(100, 9, tools("sluice", "ninja", "make", "dvc")),
        "no-op 1000": lambda: bench.no_op(1000, 20, tools("sluice", "ninja", "make"), peak=True),
        "first run 1000": lambda: bench.first_run(1000, 9, tools("sluice", "ninja", "make")),
        "restore 100": lambda: bench.restore(100, 9, tools("sluice", "dvc")),
        "restore 1000": lambda: bench.restore(1000, 9, tools("sluice", "dvc")),
        "edit 1000": lambda: bench.edit(1000, 9, tools("sluice", "ninja")),
        "no-op 10000": lambda: bench.no_op(
            10_000, 20, tools("sluice", "ninja", "make"), peak=True, beside=1000),
        "touched 1 GiB": lambda: bench.touched(9),
    }


def report(name: str, samples: dict[str, list]) -> None:
    print(f"\n{name}, {len(next(iter(samples.values())))} rounds: median (minimum)")
    for side, taken in samples.items():
        parts = []
        for quantity, unit in (("wall", "s"), ("cpu", "s CPU"), ("peak", "MiB"), ("rate", "GB/s")):
            values = [getattr(s, quantity) for s in taken]
            if None not in values:
                parts.append(f"{median(values):.4g} ({min(values):.4g}) {unit}")
        print(f"  {side:<12} {', '.join(parts)}", flush=True)


def versions(bench: Bench) -> dict[str, str]:
    def first_line(*command: str) -> str:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]

    found = {
        "ninja": first_line(bench.commands["ninja"][0], "--version"),
        "make": first_line("make", "--version"),
        "dvc": first_line(bench.dvc, "--version"),
    }
    if bench.sluice_binary:
        found["sluice"] = first_line(str(bench.sluice_binary), "--version")
        commit = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty"], capture_output=True, text=True)
        found["commit"] = commit.stdout.strip() or "unknown"
    return found


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sluice", type=Path, default=ROOT / "bin" / "sluice", help="the binary (default: bin/sluice)")
    parser.add_argument("--peers", type=Path, default=Path(sys.prefix) / "bin", help="the folder of ninja and dvc")
    parser.add_argument("--peers-only", action="store_true", help="measure the others alone; nothing is judged")
    parser.add_argument("--only", action="append", metavar="EXPERIMENT", help="these experiments only; may be repeated")
    return parser.parse_args()


def main() -> int:
    arguments = parse()
    sluice = None if arguments.peers_only else arguments.sluice.resolve()
    if sluice and not sluice.exists():
        print(f"no '{sluice}': run 'make build' first", file=sys.stderr)
        return 2
    os.environ.pop("SLUICE_STORE", None)
    # Pinned even where nothing else runs, so that both sides see the same cores.
    cores = sorted(os.sched_getaffinity(0))[:2]
    measuring.prepare(cores)

    with tempfile.TemporaryDirectory(prefix="sluice-bench-", dir=os.environ.get("TMPDIR", "/var/tmp")) as scratch:
        bench = Bench(Path(scratch), sluice, arguments.peers, len(cores))
        about = machine.describe(cores, Path(scratch))
        about |= {"read_gb_s": machine.read_rate(bench.big_file())}
        result = {"machine": about, "versions": versions(bench), "samples": {}, "verdicts": []}
        print(json.dumps({"machine": about, "versions": result["versions"]}, indent=2))
        known = experiments(bench, sluice is not None)
        unknown = set(arguments.only or []) - set(known)
        if unknown:
            print(f"no experiment {sorted(unknown)}; there are {list(known)}", file=sys.stderr)
            return 2
        taken: dict[str, dict] = {}
        for name in arguments.only or known:
            experiment = known[name]()
            if experiment.sides:
                taken[name] = in_turn(experiment.sides, experiment.rounds)
                report(name, taken[name])
        about["load_after"] = os.getloadavg()[0]

    words = concluding.judge("runner", lambda target: taken.get(target["experiment"]), result) if sluice else []
    result["samples"] = {
        name: {side: [asdict(s) for s in rows] for side, rows in sides.items()} for name, sides in taken.items()}
    concluding.keep("runner" if sluice else "runner-peers", result)
    print(f"runner: {judging.count(words)}" if sluice else "runner: nothing judged (--peers-only)")
    return 1 if "MISS" in words else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except measuring.CommandFailed as failure:
        print(failure, file=sys.stderr)
        sys.exit(2)
