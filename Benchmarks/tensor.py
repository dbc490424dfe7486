#!/usr/bin/env python3
"""The suite `tensor`: our kernels beside PyTorch on the CPU.

Run it by `make bench SUITE=tensor`. Exits 0 without a MISS, 1 with one, 2 when
something could not be measured.
"""

import argparse
import json
import math
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import concluding
import judging
import machine
import memory
import torch_cases
import torch_inference
import torch_steps
from told import Told
from turns import in_turn

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
#: Seconds of one slice. Short, since the machine's speed changes within
#: tenths of a second when a neighbour uses the other half of a core.
SLICE = 0.02
#: Seconds of a case: with many rounds what a neighbour does to one side it does to all.
SPAN = 8
#: Rounds are enough then.
MOST = 99
#: Seconds within which PyTorch's second thread has ceased to spin for more work (10 ms at most were seen).
SETTLING = 0.02


@dataclass
class Sample:
    #: Operations a second.
    rate: float | None = None
    #: MiB; only for experiments on memory.
    peak: float | None = None

    @property
    def value(self) -> float:
        return self.rate if self.peak is None else self.peak


def our_rate(ours: Told, case: str) -> Sample:
    return Sample(1 / ours.seconds(case, SLICE)[0])


def peer_rate(work, threads: int, cores: list[int]) -> Sample:
    os.sched_setaffinity(0, cores[:threads])
    torch_cases.use(threads)
    count, start = 0, time.perf_counter()
    while True:
        work()
        count += 1
        taken = time.perf_counter() - start
        if taken >= SLICE:
            break
    if threads > 1:
        time.sleep(SETTLING)
    return Sample(count / taken)


def measure(sides: dict, least: int, cores: list[int]) -> dict[str, list[Sample]]:
    return in_turn({side: lambda _, once=once: once() for side, once in sides.items()}, least, MOST, SPAN, cores)


def peers(case: torch_cases.Case, cores: list[int]) -> dict:
    """The other sides. Making them may compile, which is not measured and has all cores."""
    sides = {}
    torch_cases.forget_compiled()
    os.sched_setaffinity(0, cores)
    for threads in sorted({1, case.threads}):
        torch_cases.use(threads)
        for way, work in case.make().items():
            side = way if way.startswith(case.peer) else f"torch {way}"
            side += of_threads(threads) if threads > 1 else ""
            if isinstance(work, str):
                print(f"left out: {case.name}: {side}: {work}", flush=True)
            else:
                sides[side] = lambda work=work, threads=threads: peer_rate(work, threads, cores)
    return sides


def of_threads(threads: int) -> str:
    return f", {threads} threads"


def report(case: torch_cases.Case, samples: dict[str, list[Sample]]) -> None:
    of_time = {"ms": 1e3, "µs": 1e6}.get(case.unit)
    word = "median (least)" if of_time else "median (most)"
    count = len(next(iter(samples.values())))
    print(f"\n{case.name}, {count} rounds: {word} {case.unit}" + (", ours beside it" if "sluice" in samples else ""))
    for side, taken in samples.items():
        rates = [s.rate for s in taken]
        told = [of_time / r if of_time else r * case.operations / 1e9 for r in (median(rates), max(rates))]
        note = ""
        if "sluice" in samples and side != "sluice":
            note = f"  {median(a.rate / b.rate for a, b in zip(samples['sluice'], taken)):.2f}x"
        print(f"  {side:<40} {told[0]:8.4g} ({told[1]:.4g}){note}", flush=True)


def fastest(samples: dict[str, list[Sample]], peer: str, threads: int | None = None) -> str:
    """Of all sides of the peer, or of those with so many threads."""
    def is_meant(side: str) -> bool:
        of_one = not side.endswith(" threads")
        return threads is None or (of_one if threads == 1 else side.endswith(of_threads(threads)))

    sides = [side for side in samples if side.startswith(peer) and is_meant(side)]
    return max(sides, key=lambda side: median(s.rate for s in samples[side]))


def experiment(case: torch_cases.Case, ours: dict[int, Told], cores: list[int]) -> dict[str, list[Sample]]:
    """A case measured, with the sides that targets name: `peer` is the fastest of the
    peer's, `bound` what the machine can do, `loop` what the inner loop can do by itself; of two threads one stands beside them."""
    sluice = ours[case.threads]
    sides = {"sluice": lambda: our_rate(sluice, case.name), **peers(case, cores)}
    if case.threads > 1:
        sides["sluice, 1 thread"] = lambda: our_rate(ours[1], case.alone)
    probes = (*case.bounds, case.loop) if case.loop else case.bounds
    sides |= {probe: lambda probe=probe: our_rate(sluice, probe) for probe in probes}
    samples = measure(sides, case.rounds, cores)
    if case.bounds:
        # As many of this case's operations as the machine could do, in the faster way.
        scale = case.bound_operations / case.operations
        probes = zip(*(samples.pop(probe) for probe in case.bounds), strict=True)
        samples["bound"] = [Sample(max(s.rate for s in round) * scale) for round in probes]
    if case.loop:
        scale = case.loop_operations / case.operations
        samples["loop"] = [Sample(s.rate * scale) for s in samples.pop(case.loop)]
    report(case, samples)
    samples["peer"] = samples[fastest(samples, case.peer)]
    if case.threads > 1:
        samples["peer, 1 thread"] = samples[fastest(samples, case.peer, 1)]
        samples[f"peer{of_threads(case.threads)}"] = samples[fastest(samples, case.peer, case.threads)]
    return samples


def peaks(case: torch_cases.Case, way: str, binary: Path, cores: list[int]) -> dict[str, list[Sample]]:
    """The memory of a step, ours beside that of the peer's way; in a new process each time."""
    os.sched_setaffinity(0, cores[:1])
    sides = {"sluice": lambda: memory.of_ours(binary, case.name), "peer": lambda: memory.of_peer(case.name, way)}
    samples = {side: [Sample(peak=once() / 2**20) for _ in range(5)] for side, once in sides.items()}
    told = ", ".join(f"{side} {median(s.peak for s in taken):.4g}" for side, taken in samples.items())
    print(f"  peak memory, MiB: {told} ({way})", flush=True)
    return samples


def together(taken: dict[str, dict], names: list[str]) -> dict[str, list[Sample]]:
    """The geometric mean of several experiments' rates, round by round."""
    def mean(side: str, number: int) -> Sample:
        logs = [math.log(taken[name][side][number].rate) for name in names]
        return Sample(math.exp(sum(logs) / len(logs)))

    rounds = range(min(len(taken[name]["sluice"]) for name in names))
    return {side: [mean(side, number) for number in rounds] for side in ("sluice", "peer")}


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", metavar="TEXT", help="experiments whose name holds this; may be repeated")
    parser.add_argument("--peers-only", action="store_true", help="the peers' figures without ours; nothing is judged or kept")
    return parser.parse_args()


def main() -> int:
    arguments = parse()
    binary = ROOT / ".build" / "release" / "tensor-bench"
    if not binary.exists() and not arguments.peers_only:
        print(f"no '{binary}': run it by 'make bench SUITE=tensor'", file=sys.stderr)
        return 2
    memory.keep_memory()
    cores = sorted(os.sched_getaffinity(0))[:2]
    about = machine.describe(cores, HERE)
    versions = {**torch_cases.versions(), **torch_inference.versions()}
    cases = [case for part in (torch_cases, torch_steps, torch_inference) for case in part.cases()]
    cases = [case for case in cases if any(text in case.name for text in arguments.only or [""])]
    if arguments.peers_only:
        print(json.dumps({"machine": about, "versions": versions}, indent=2))
        for case in cases:
            report(case, measure(peers(case, cores), case.rounds, cores))
        return 0

    # One with as many cores as threads, so that two threads are no matter of the first one's process.
    ours = {count: Told([binary], cores, count) for count in (1, 2)}
    os.sched_setaffinity(0, cores[:1])
    # Of one core: 2^30 operations, and 64 MB read and written.
    about["fma_gflops"] = median(our_rate(ours[1], "probe fma").rate for _ in range(9)) * 2**30 / 1e9
    about["copy_gb_s"] = median(our_rate(ours[1], "probe copy").rate for _ in range(9)) * 2**27 / 1e9
    result = {"machine": about, "versions": versions, "samples": {}, "verdicts": []}
    print(json.dumps({"machine": about, "versions": versions}, indent=2))

    there = ours[1].cases()
    taken: dict[str, dict] = {}
    for case in (case for case in cases if case.name in there):
        taken[case.name] = experiment(case, ours, cores)
        if case.make_one and case.threads == 1:
            way = fastest(taken[case.name], case.peer).removeprefix("torch ")
            taken[f"{case.name}, memory"] = peaks(case, way, binary, cores)
    about["load_after"] = os.getloadavg()[0]

    def samples_of(target: dict) -> dict[str, list[Sample]] | None:
        names = target.get("experiments") or [target["experiment"]]
        if any(name not in taken for name in names):
            return None
        return together(taken, names) if "experiments" in target else taken[names[0]]

    words = concluding.judge("tensor", samples_of, result)
    result["samples"] = {
        name: {side: [float(f"{s.value:.5g}") for s in rows] for side, rows in sides.items()} for name, sides in taken.items()}
    concluding.keep("tensor", result)
    missing = [case.name for case in cases if case.name not in there]
    for name in missing:
        print(f"not there yet: {name}")
    print(f"tensor: {judging.count(words)}")
    return 2 if missing else 1 if "MISS" in words else 0


if __name__ == "__main__":
    sys.exit(main())
