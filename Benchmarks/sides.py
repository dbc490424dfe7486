"""Suites that measure cases in processes, ours and the peers' in turn, each told what to do (told.py)."""

import argparse
import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import concluding
import judging
import machine
import measuring
import memory
import table_data
from told import Told
from turns import in_turn

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
#: Seconds of one slice: what takes less is done again.
SLICE = 0.05
#: Seconds of a case, and its rounds at least and at most.
SPAN, LEAST, MOST = 5, 9, 25
#: Rounds of sides that nothing is judged by.
SHOWN = 3


@dataclass
class Sample:
    wall: float | None = None
    cpu: float | None = None
    #: MiB above what was before.
    peak: float | None = None
    anonymous: float | None = None


@dataclass(frozen=True)
class Case:
    #: Without threads.
    name: str
    #: The side ours is held against.
    peer: str
    #: Others, with as many threads.
    shown: tuple[str, ...] = ()
    #: Ours has as many, and so has the peer.
    threads: int = 1
    #: Whether its memory is measured too.
    memory: bool = False
    #: Why there may be no such case of ours.
    missing: str = "not there yet"

    @property
    def full(self) -> str:
        return self.name if self.threads == 1 else f"{self.name} {self.threads} threads"

    @staticmethod
    def on_one_and_two(name: str, peer: str, *shown: str, memory: bool = False) -> list["Case"]:
        return [Case(name, peer, shown, 1, memory), Case(name, peer, shown, 2)]


@dataclass(frozen=True)
class Suite:
    name: str
    about: str
    #: The product of ours that does what it is told, and the peers' script.
    binary: str
    peers: str
    cases: list[Case]
    #: Of the whole program: experiments by their names, and how one is told.
    programs: Callable[[Path, Path, Path, bool], dict[str, Callable[[], dict | str]]]
    tell: Callable[[str, dict], None]
    #: Makes what cases whose names hold a text need besides the usual files.
    inputs: dict[str, Callable[[Path], None]]


class Sides:
    """Both sides, for each number of threads a process of each, whose memory malloc keeps from go to go."""

    def __init__(self, binary: Path, script: str, inputs: Path, outputs: Path, cores: list[int]):
        self.binary, self.script, self.inputs, self.outputs, self.cores = binary, script, inputs, outputs, cores
        self.ours = {threads: self.of_ours(threads) for threads in (1, 2)}
        self.peers = {threads: self.of_peers(threads) for threads in (1, 2)}
        for side in (*self.ours.values(), *self.peers.values()):
            side.ask("keep")
        self.there = set(self.ours[1].cases())

    def of_ours(self, threads: int) -> Told:
        return Told([self.binary, self.inputs, self.outputs], self.cores, threads)

    def of_peers(self, threads: int) -> Told:
        # Polars looks once, when it is imported.
        environment = {"POLARS_MAX_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
        command = [sys.executable, HERE / self.script, self.inputs, self.outputs, str(threads)]
        return Told(command, self.cores, threads, environment)

    def end(self) -> None:
        for side in (*self.ours.values(), *self.peers.values()):
            side.end()

    def check(self, case: Case) -> str | None:
        """What is wrong if the sides do not make the same."""
        made = {
            "sluice": self.ours[case.threads].ask(f"{case.full}\tcheck"),
            **{peer: self.peers[case.threads].ask(f"{peer} {case.name}\tcheck") for peer in (case.peer, *case.shown)}}
        for side, said in made.items():
            if said.startswith("file "):
                made[side] = self.peers[1].ask(f"summary\t{said.removeprefix('file ')}")
        others = [f"{case.full}: {side} makes another table than {case.peer}:\n{difference(made[case.peer], said)}"
                  for side, said in made.items() if said != made[case.peer]]
        return "\n".join(others) or None

    def measure(self, case: Case) -> dict[str, list[Sample]]:
        def side(told: Told, name: str):
            return lambda _: Sample(*told.seconds(name, SLICE))

        peers = self.peers[case.threads]
        samples = in_turn(
            {"sluice": side(self.ours[case.threads], case.full), "peer": side(peers, f"{case.peer} {case.name}")},
            LEAST, MOST, SPAN, self.cores)
        shown = in_turn({name: side(peers, f"{name} {case.name}") for name in case.shown}, SHOWN, cores=self.cores)
        return samples | shown

    def peaks(self, case: Case) -> dict[str, list[Sample]]:
        """The memory of one go, each in a new process; malloc as it comes."""
        def once(make, name: str) -> Sample:
            told = make(case.threads)
            told.ask(f"{name}\tready")
            peak = memory.PeakOf(told.process.pid)
            told.ask(f"{name}\t0")
            resident, anonymous = peak.end()
            told.end()
            return Sample(peak=resident / 2**20, anonymous=anonymous / 2**20)

        sides = {"sluice": lambda _: once(self.of_ours, case.full), "peer": lambda _: once(self.of_peers, f"{case.peer} {case.name}")}
        return in_turn(sides, SHOWN)


def difference(one: str, other: str) -> str:
    """Of two summaries the columns that differ."""
    pairs = [(a, b) for a, b in zip(one.split("; "), other.split("; ")) if a != b]
    return "\n".join(f"  {a} | {b}" for a, b in pairs) or f"  {one}\n  {other}"


def report(case: Case, samples: dict[str, list[Sample]]) -> None:
    print(f"\n{case.full}, {len(samples['sluice'])} rounds: median (least) ms, of CPU, ours beside it")
    for side, taken in samples.items():
        walls, cpus = [s.wall for s in taken], [s.cpu for s in taken]
        note = ""
        if side != "sluice":
            note = f"  {median(b.wall / a.wall for a, b in zip(samples['sluice'], taken)):.2f}x"
        name = case.peer if side == "peer" else side
        print(f"  {name:<10} {1e3 * median(walls):9.4g} ({1e3 * min(walls):.4g}), CPU {1e3 * median(cpus):.4g}{note}", flush=True)


def report_peaks(case: Case, samples: dict[str, list[Sample]]) -> None:
    told = ", ".join(
        f"{case.peer if side == 'peer' else side} {median(s.peak for s in taken):.4g} ({median(s.anonymous for s in taken):.4g} anonymous)"
        for side, taken in samples.items())
    print(f"  memory of one go, MiB: {told}", flush=True)


def parse(suite: Suite) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=suite.about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", metavar="TEXT", help="cases whose name holds this; may be repeated")
    parser.add_argument("--large", action="store_true", help="4 GB of CSV under 512 MiB too (two minutes, 9 GB of disk)")
    parser.add_argument("--check", action="store_true", help="only see that both sides make the same")
    parser.add_argument("--sluice", type=Path, default=ROOT / "bin" / "sluice", help="the binary (default: bin/sluice)")
    return parser.parse_args()


def run(suite: Suite) -> int:
    """0 without a MISS, 1 with one, 2 when something could not be measured or the sides do not make the same."""
    try:
        return measured(suite)
    except measuring.CommandFailed as failure:
        print(failure, file=sys.stderr)
        return 2


def measured(suite: Suite) -> int:
    arguments = parse(suite)
    binary = ROOT / ".build" / "release" / suite.binary
    for needed in (binary, arguments.sluice):
        if not needed.exists():
            print(f"no '{needed}': run it by 'make bench SUITE={suite.name}'", file=sys.stderr)
            return 2

    def is_asked(name: str) -> bool:
        return any(text in name for text in arguments.only or [""])

    inputs = Path(os.environ.get("SLUICE_BENCH_DATA", Path.home() / ".cache" / "sluice-bench")) / "tables"
    table_data.make(inputs)
    # In memory where there is a file system for it: what is measured is the making of bytes, not a disk.
    shared = Path("/dev/shm")
    outputs = Path(tempfile.mkdtemp(prefix="sluice-bench-", dir=shared if shared.is_mount() else None))
    atexit.register(shutil.rmtree, outputs, ignore_errors=True)
    cores = sorted(os.sched_getaffinity(0))[:2]
    about = machine.describe(cores, outputs)
    asked = [case for case in suite.cases if is_asked(case.full)]
    for text, make in suite.inputs.items():
        if any(text in case.name for case in asked):
            make(inputs)
    sides = Sides(binary, suite.peers, inputs, outputs, cores) if asked else None
    versions = dict(pair.split(" ") for pair in sides.peers[1].ask("versions").split("\t")) if sides else {}
    commit = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty"], capture_output=True, text=True)
    versions["commit"] = commit.stdout.strip() or "unknown"
    if sides:
        about["copy_gb_s"] = median(2**27 / sides.ours[1].seconds("probe copy", SLICE)[0] for _ in range(9)) / 1e9
        about["read_gb_s"] = machine.read_rate(inputs / "events.csv")
    print(json.dumps({"machine": about, "versions": versions}, indent=2), flush=True)

    wrong = []
    for case in asked:
        if case.full in sides.there and (problem := sides.check(case)):
            wrong.append(problem)
            print(problem, flush=True)
    if asked:
        print(f"the sides make {'the same' if not wrong else 'other things'} in {sum(c.full in sides.there for c in asked)} cases")
    if arguments.check:
        return 2 if wrong else 0

    result = {"machine": about, "versions": versions, "samples": {}, "verdicts": []}
    taken: dict[str, dict | str] = {}
    for case in asked:
        if case.full not in sides.there:
            taken[case.full] = case.missing
            continue
        taken[case.full] = sides.measure(case)
        report(case, taken[case.full])
        if case.memory:
            taken[f"{case.full}, memory"] = sides.peaks(case)
            report_peaks(case, taken[f"{case.full}, memory"])
    # Whoever measures a program waits for all that it leaves behind.
    if sides:
        sides.end()
    os.sched_setaffinity(0, cores)
    for name, run in suite.programs(arguments.sluice.resolve(), inputs, outputs, arguments.large).items():
        if is_asked(name):
            taken[name] = run()
            if not isinstance(taken[name], str):
                suite.tell(name, taken[name])
    about["load_after"] = os.getloadavg()[0]

    words = concluding.judge(suite.name, lambda target: taken.get(target["experiment"]), result)
    result["samples"] = {
        name: {side: [rounded(s) for s in rows] for side, rows in sides.items()}
        for name, sides in taken.items() if not isinstance(sides, str)}
    concluding.keep(suite.name, result)
    print(f"{suite.name}: {judging.count(words)}")
    return 2 if wrong else 1 if "MISS" in words else 0


def rounded(sample: object) -> list[float]:
    """What was measured of it: wall and CPU time, or memory."""
    return [float(f"{value:.4g}") for value in asdict(sample).values() if value is not None]
