"""A side in a process of its own, which does what it is told on its standard input."""

import os
import subprocess


class Told:
    """On the first so many cores of a list. What it is told: BenchLoop.swift, table_peers.py."""

    def __init__(self, command: list, cores: list[int], count: int, environment: dict[str, str] | None = None):
        self.command, self.cores, self.count = command, cores, count
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, cores[:count])
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | (environment or {}))
        os.sched_setaffinity(0, before)

    def ask(self, line: str) -> str:
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().rstrip("\n")
        if not answer or answer.startswith("error"):
            raise SystemExit(f"{self.command[0]}: {answer or 'ended'} at '{line}'")
        return answer

    def cases(self) -> list[str]:
        return self.ask("list").split("\t")

    def seconds(self, case: str, span: float) -> tuple[float, float]:
        """Wall and CPU time of one go, of as many as fit into a span, one at least."""
        self.pin()
        wall, cpu = self.ask(f"{case}\t{span}").split("\t")
        return float(wall), float(cpu)

    def pin(self) -> None:
        """To the first cores as the list is now, all its threads, those that are there already among them."""
        for thread in os.listdir(f"/proc/{self.process.pid}/task"):
            try:
                os.sched_setaffinity(int(thread), self.cores[:self.count])
            except ProcessLookupError:
                pass

    def end(self) -> None:
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
