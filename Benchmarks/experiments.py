"""What is measured: each experiment prepares its sides once, then runs all of them in turn in every round."""

import atexit
import filecmp
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import generate
import machine
import measuring
from measuring import CommandFailed, Sample

GIBIBYTE = 1 << 30


@dataclass
class Experiment:
    rounds: int
    #: Side to what one round of it does. A side of sluice's begins with "sluice".
    sides: dict[str, Callable[[int], Sample]] = field(default_factory=dict)


class Bench:
    """The graphs under one scratch folder, made when first asked for and brought up to date."""

    def __init__(self, scratch: Path, sluice: Path | None, peers: Path, jobs: int):
        self.scratch, self.jobs = scratch, jobs
        shared = Path("/dev/shm")
        self.memory = shared / scratch.name if shared.is_mount() else scratch
        if self.memory != scratch:
            self.memory.mkdir()
            atexit.register(shutil.rmtree, self.memory, ignore_errors=True)
        self.sluice_binary = sluice
        self.commands = {
            "ninja": [str(peers / "ninja"), f"-j{jobs}"],
            "make": ["make", "-s", f"-j{jobs}"],
            "dvc": [str(peers / "dvc"), "repro", "-q"],
            "dvc checkout": [str(peers / "dvc"), "checkout", "-q"],
        }
        if sluice:
            self.commands["sluice"] = [str(sluice), "run", "pipeline.yaml", "-q", "-j", str(jobs)]
        self.dvc = str(peers / "dvc")
        self.ready: set[Path] = set()

    # Folders

    def folder(self, tool: str, n: int, use: str = "", in_memory: bool = False) -> Path:
        """The graph of `n` stages for `tool`, not yet run."""
        path = (self.memory if in_memory else self.scratch) / f"{tool}-{n}{use}"
        if not path.exists():
            generate.generate(n, path, tool)
            if tool == "dvc":
                # Only what is measured: no telemetry, no look for updates.
                for words in ("init -q --no-scm", "config core.analytics false", "config core.check_update false"):
                    measuring.run([self.dvc, *words.split()], path)
        return path

    def built(self, tool: str, n: int) -> Path:
        """The same, up to date, its outputs equal to ninja's."""
        path = self.folder(tool, n)
        if path not in self.ready:
            if tool == "dvc" and n > 100:
                # `dvc repro` of 1000 stages takes minutes; committing equal
                # outputs leaves the same cache and the same dvc.lock.
                shutil.rmtree(path / "out")
                shutil.copytree(self.built("ninja", n) / "out", path / "out")
                measuring.run([self.dvc, "commit", "-q", "-f"], path)
            else:
                measuring.run(self.commands[tool], path)
            if tool != "ninja":
                self.check(path, n)
            self.ready.add(path)
        return path

    def check(self, path: Path, n: int) -> None:
        """Every output is there and has the bytes that ninja's run gave."""
        reference = self.built("ninja", n) / "out"
        names = [Path(generate.output(stage.name)).name for stage in generate.stages(n)]
        _, wrong, absent = filecmp.cmpfiles(reference, path / "out", names, shallow=False)
        if wrong or absent:
            raise CommandFailed(f"{path}: {len(wrong)} outputs differ from ninja's, {len(absent)} are missing")

    # Experiments

    def no_op(self, n: int, rounds: int, tools: list[str], peak: bool = False, beside: int | None = None) -> Experiment:
        """Nothing changed. `beside`: the same again with that many stages."""
        experiment = Experiment(rounds)
        for size in filter(None, (n, beside)):
            # Made in one go, so that no output copied from ninja's is older than a source.
            for tool in tools:
                self.folder(tool, size)
            for tool in tools:
                path = self.built(tool, size)
                if tool == "sluice":
                    measuring.check_hits(self.sluice_binary, path, size)

                def once(_: int, tool=tool, path=path) -> Sample:
                    sample = measuring.run(self.commands[tool], path)
                    if peak:
                        sample.peak = measuring.run(self.commands[tool], path, peak=True).peak
                    return sample

                experiment.sides[tool if size == n else f"{tool} {size}"] = once
        return experiment

    def first_run(self, n: int, rounds: int, tools: list[str]) -> Experiment:
        """Nothing has ever run. In memory where there is a file system for it: ext4 gives out
        no inode again for a minute after its removal and searches past all such (recently_deleted
        in fs/ext4/ialloc.c), so wiping for one round would be charged to the next."""
        experiment = Experiment(rounds)
        self.built("ninja", n)
        for tool in tools:
            path = self.folder(tool, n, "-first", in_memory=True)

            def once(number: int, tool=tool, path=path) -> Sample:
                for name in (".sluice", "out"):
                    shutil.rmtree(path / name, ignore_errors=True)
                for name in (".ninja_log", ".ninja_deps", "pipeline.lock"):
                    (path / name).unlink(missing_ok=True)
                (path / "out").mkdir()
                sample = measuring.run(self.commands[tool], path)
                if number == 0:
                    self.check(path, n)
                return sample

            experiment.sides[tool] = once
        return experiment

    def restore(self, n: int, rounds: int, tools: list[str]) -> Experiment:
        """The published files are gone; caches are whole."""
        experiment = Experiment(rounds)
        for tool in tools:
            path = self.built(tool, n)

            def once(_: int, tool=tool, path=path) -> Sample:
                shutil.rmtree(path / "out")
                (path / "out").mkdir()
                sample = measuring.run(self.commands["dvc checkout" if tool == "dvc" else tool], path)
                self.check(path, n)
                return sample

            experiment.sides[tool] = once
        return experiment

    def edit(self, n: int, rounds: int, tools: list[str]) -> Experiment:
        """The command of one stage of the last layer is edited, so one stage
        runs. (make does not notice; it is no side.)"""
        experiment = Experiment(rounds)
        last = list(generate.stages(n))[-1].name
        edits = {
            "sluice": ("pipeline.yaml", rf"(  {last}:\n    run: [^\n]*?)( && true \d+)?\n", r"\g<1> && true {}\n"),
            "ninja": (
                "build.ninja", rf"(?:rule edit\n  command = [^\n]*\n)?(build out/{last}.txt: )\w+",
                r"rule edit\n  command = cat $in | sha256sum > $out && true {}\n\g<1>edit"),
        }
        for tool in tools:
            path = self.built(tool, n)
            name, pattern, replacement = edits[tool]

            def once(number: int, tool=tool, file=path / name, pattern=pattern, replacement=replacement) -> Sample:
                text, count = re.subn(pattern, replacement.replace("{}", str(number)), file.read_text())
                if count != 1:
                    raise CommandFailed(f"{file}: the stage to edit was found {count} times")
                file.write_text(text)
                return measuring.run(self.commands[tool], file.parent)

            experiment.sides[tool] = once
        return experiment

    def touched(self, rounds: int) -> Experiment:
        """A source of 1 GiB has a new time and its old bytes; they are in the page cache."""
        if not self.sluice_binary:
            return Experiment(rounds)
        path = self.scratch / "touched"
        path.mkdir()
        big = self.big_file()
        (path / "sluice.yaml").touch()
        (path / "pipeline.yaml").write_text(
            "stages:\n  first:\n    run: head -c 8 ${in.big} > ${out.o}\n"
            "    in: { big: { file: big.bin } }\n    out: { o: o.bin }\n")
        os.link(big, path / "big.bin")
        measuring.run(self.commands["sluice"], path)
        measuring.check_hits(self.sluice_binary, path, 1)

        def once(_: int) -> Sample:
            os.utime(path / "big.bin")
            sample = measuring.run(self.commands["sluice"], path)
            sample.rate = GIBIBYTE / sample.wall / 1e9
            return sample

        def bound(_: int) -> Sample:
            """The digest alone, of as many bytes that lie in memory."""
            seconds = machine.sha256_seconds(GIBIBYTE)
            return Sample(wall=seconds, cpu=seconds, rate=GIBIBYTE / seconds / 1e9)

        return Experiment(rounds, {"sluice": once, "bound": bound})

    def big_file(self) -> Path:
        """1 GiB, no two of its 1 MiB blocks equal."""
        path = self.scratch / "big.bin"
        if not path.exists():
            block = os.urandom(1 << 20)
            with path.open("wb") as file:
                for number in range(GIBIBYTE >> 20):
                    file.write(number.to_bytes(8, "little") + block[8:])
        return path

    def version(self, rounds: int) -> Experiment:
        commands = {"ninja": [self.commands["ninja"][0], "--version"], "make": ["make", "--version"]}
        if self.sluice_binary:
            commands = {"sluice": [str(self.sluice_binary), "--version"], **commands}
        return Experiment(
            rounds, {tool: lambda _, c=command: measuring.run(c, self.scratch) for tool, command in commands.items()})
