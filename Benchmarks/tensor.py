#!/usr/bin/env python3
"""The suite `tensor`: our kernels beside PyTorch on the CPU.

Run it by `make bench SUITE=tensor`. Exits 0 without a MISS, 1 with one, 2 when
something could not be measured.
"""

import argparse
import datetime
import json
import math
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import yaml

import judging
import machine
import torch_cases

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
ROUNDS = 15
#: Seconds of one slice. Short, since the machine's speed changes within
#: seconds when a neighbour uses the other half of a core.
SLICE = 0.04


@dataclass
class Sample:
    #: Operations a second.
    rate: float


class Sluice:
    """Our side, in a process of its own that is told what to do."""

    def __init__(self, binary: Path):
        self.process = subprocess.Popen([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, line: str) -> str:
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if not answer or answer.startswith("error"):
            raise SystemExit(f"tensor-bench: {answer or 'ended'} at '{line}'")
        return answer

    def cases(self) -> list[str]:
        return self.ask("list").split("\t")

    def rate(self, case: str) -> Sample:
        return Sample(1 / float(self.ask(f"{case}\t{SLICE}")))


def peer_rate(work) -> Sample:
    count, start = 0, time.perf_counter()
    while True:
        work()
        count += 1
        taken = time.perf_counter() - start
        if taken >= SLICE:
            return Sample(count / taken)


def measure(sides: dict) -> dict[str, list[Sample]]:
    """One unjudged round first; then all sides in turn, every other round backwards."""
    samples = {side: [] for side in sides}
    order = list(sides.items())
    for number in range(ROUNDS + 1):
        for side, once in order if number % 2 else reversed(order):
            sample = once()
            if number > 0:
                samples[side].append(sample)
    return samples


def report(name: str, operations: float, unit: str, samples: dict[str, list[Sample]]) -> None:
    print(f"\n{name}: median (most) {unit}, ours beside it")
    ours = [s.rate for s in samples["sluice"]]
    for side, taken in samples.items():
        rates = [s.rate * operations / 1e9 for s in taken]
        beside = median(a / b.rate for a, b in zip(ours, taken))
        note = "" if side == "sluice" else f"  {beside:.2f}x"
        print(f"  {side:<28} {median(rates):8.1f} ({max(rates):.1f}){note}", flush=True)


def fastest(samples: dict[str, list[Sample]]) -> str | None:
    peers = [side for side in samples if side.startswith("torch")]
    return max(peers, key=lambda side: median(s.rate for s in samples[side])) if peers else None


def together(taken: dict[str, dict], names: list[str]) -> dict[str, list[Sample]]:
    """The geometric mean of several experiments' rates, round by round."""
    def mean(side: str, number: int) -> Sample:
        logs = [math.log(taken[name][side][number].rate) for name in names]
        return Sample(math.exp(sum(logs) / len(logs)))

    return {side: [mean(side, number) for number in range(ROUNDS)] for side in ("sluice", "peer")}


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", metavar="TEXT", help="experiments whose name holds this; may be repeated")
    return parser.parse_args()


def main() -> int:
    arguments = parse()
    binary = ROOT / ".build" / "release" / "tensor-bench"
    if not binary.exists():
        print(f"no '{binary}': run it by 'make bench SUITE=tensor'", file=sys.stderr)
        return 2
    cores = sorted(os.sched_getaffinity(0))[:2]
    os.sched_setaffinity(0, cores[:1])
    sluice = Sluice(binary)
    about = machine.describe(cores, HERE)
    # Of one core: 2^30 operations, and 64 MB read and written.
    about["fma_gflops"] = median(sluice.rate("probe fma").rate for _ in range(9)) * 2**30 / 1e9
    about["copy_gb_s"] = median(sluice.rate("probe copy").rate for _ in range(9)) * 2**27 / 1e9
    result = {"machine": about, "versions": torch_cases.versions(), "samples": {}, "verdicts": []}
    print(json.dumps({"machine": about, "versions": result["versions"]}, indent=2))

    taken: dict[str, dict] = {}
    wanted = arguments.only or [""]
    for case in torch_cases.cases():
        if not any(text in case.name for text in wanted):
            continue
        sides = {"sluice": lambda name=case.name: sluice.rate(name)}
        for variant, work in case.make().items():
            sides[f"torch {variant}"] = lambda work=work: peer_rate(work)
        if case.bound:
            sides[case.bound] = lambda name=case.bound: sluice.rate(name)
        samples = measure(sides)
        if case.bound:
            # As many of this case's operations as the machine could do.
            scale = case.bound_operations / case.operations
            samples["bound"] = [Sample(s.rate * scale) for s in samples.pop(case.bound)]
        report(case.name, case.operations, case.unit, samples)
        samples["peer"] = samples[fastest(samples)]
        taken[case.name] = samples
    about["load_after"] = os.getloadavg()[0]

    words = []
    print()
    for target in yaml.safe_load((HERE / "targets.yaml").read_text())["tensor"]:
        names = target.get("experiments") or [target["experiment"]]
        if any(name not in taken for name in names):
            continue
        samples = together(taken, names) if "experiments" in target else taken[names[0]]
        verdict = judging.judge(target, samples, about, ROOT)
        words.append(verdict.word)
        interval = "" if verdict.interval is None else " [{:.4g}, {:.4g}]".format(*verdict.interval)
        print(f"{verdict.word:<5} {target['name']}: {verdict.value:.4g}{interval}, target >= {target['at_least']} {verdict.note}".rstrip())
        result["verdicts"].append({"target": target, "word": verdict.word, "value": verdict.value, "interval": verdict.interval})
    result["samples"] = {
        name: {side: [s.rate for s in rows] for side, rows in sides.items()} for name, sides in taken.items()}
    folder = HERE / "results"
    folder.mkdir(exist_ok=True)
    path = folder / f"tensor-{datetime.datetime.now():%Y-%m-%dT%H%M%S}.json"
    path.write_text(json.dumps(result, indent=1) + "\n")
    print(f"samples: {path.relative_to(ROOT)}")
    print(f"tensor: {judging.count(words)}")
    return 1 if "MISS" in words else 0


if __name__ == "__main__":
    sys.exit(main())
