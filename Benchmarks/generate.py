#!/usr/bin/env python3
"""Writes a layered graph of N trivial command stages for one tool.

Stage `c` of a layer reads outputs `c` and `c + 1` of the layer before it (the
first layer reads source files), and every tool runs the same text over them:
`cat A B | sha256sum > OUT`. So equal N gives equal files `out/*.txt`, whatever
the tool, and a run of one can be checked against a run of another.

    generate.py N DIR --tool sluice|ninja|make|dvc
"""

import argparse
import math
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Stage(NamedTuple):
    name: str
    #: Where each of the two inputs comes from: a stage's name, or a source's path.
    inputs: tuple[str, str]
    reads_sources: bool

    @property
    def paths(self) -> tuple[str, str]:
        return self.inputs if self.reads_sources else tuple(map(output, self.inputs))

    @property
    def command(self) -> str:
        return "cat {} {} | sha256sum > {}".format(*self.paths, output(self.name))


def output(name: str) -> str:
    return f"out/{name}.txt"


def width(n: int) -> int:
    """Stages of a layer: about as many as there are layers."""
    return max(2, math.isqrt(n))


def source(index: int) -> str:
    return f"src/x{index:05}.txt"


def stages(n: int) -> Iterator[Stage]:
    w = width(n)
    for index in range(n):
        layer, column = divmod(index, w)
        pair = (column, (column + 1) % w)
        if layer == 0:
            inputs = (source(pair[0]), source(pair[1]))
        else:
            inputs = (f"s{(layer - 1) * w + pair[0]:05}", f"s{(layer - 1) * w + pair[1]:05}")
        yield Stage(f"s{index:05}", inputs, layer == 0)


def sluice(n: int) -> dict[str, str]:
    """`shell: bash`, because `sh` hides the failure of a pipe's left side and
    `sluice check` warns of it. The peers keep their own `sh`, which starts faster."""
    text = [f"name: layers-{n}", "stages:"]
    for stage in stages(n):
        a, b = (f"{{ file: {i} }}" if stage.reads_sources else f"{i}.o" for i in stage.inputs)
        text += [
            f"  {stage.name}:",
            "    run: cat ${in.a} ${in.b} | sha256sum > ${out.o}",
            "    shell: bash",
            f"    in: {{ a: {a}, b: {b} }}",
            "    out: { o: o.txt }",
            f"    publish: {{ o: //{output(stage.name)} }}",
        ]
    return {"pipeline.yaml": "\n".join(text) + "\n", "sluice.yaml": ""}


def ninja(n: int) -> dict[str, str]:
    text = ["rule digest", "  command = cat $in | sha256sum > $out", ""]
    text += [f"build {output(s.name)}: digest {' '.join(s.paths)}" for s in stages(n)]
    return {"build.ninja": "\n".join(text) + "\n"}


def make(n: int) -> dict[str, str]:
    every = list(stages(n))
    text = ["all: " + " ".join(output(s.name) for s in every), ".PHONY: all"]
    for stage in every:
        text += [f"{output(stage.name)}: {' '.join(stage.paths)}", "\tcat $^ | sha256sum > $@"]
    return {"Makefile": "\n".join(text) + "\n"}


def dvc(n: int) -> dict[str, str]:
    text = ["stages:"]
    for stage in stages(n):
        text += [
            f"  {stage.name}:",
            f"    cmd: {stage.command}",
            f"    deps: [{', '.join(stage.paths)}]",
            f"    outs: [{output(stage.name)}]",
        ]
    return {"dvc.yaml": "\n".join(text) + "\n"}


TOOLS = {"sluice": sluice, "ninja": ninja, "make": make, "dvc": dvc}


def generate(n: int, folder: Path, tool: str) -> None:
    (folder / "src").mkdir(parents=True)
    # None of the tools is charged for making the folder of its outputs.
    (folder / "out").mkdir()
    for index in range(width(n)):
        (folder / source(index)).write_text(f"source {index}\n")
    for name, text in TOOLS[tool](n).items():
        (folder / name).write_text(text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("n", metavar="N", type=int, help="stages, at least 2")
    parser.add_argument("folder", metavar="DIR", type=Path, help="must not hold an earlier graph")
    parser.add_argument("--tool", choices=TOOLS, required=True)
    arguments = parser.parse_args()
    if arguments.n < 2:
        parser.error(f"N must be at least 2; got {arguments.n}")
    generate(arguments.n, arguments.folder, arguments.tool)


if __name__ == "__main__":
    main()
