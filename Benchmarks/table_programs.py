"""What the suite `tables` asks of the whole program: very many files, and a table larger than its memory."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from statistics import median

import measuring
import table_data
from measuring import Sample

#: Times that the rows of events.csv stand in the large file.
TIMES = 23

MANY = """\
name: many
stages:
  texts:
    uses: collect.text
    with: { path: files/**/*.txt, rows: file }
"""

LARGE = """\
name: large
seed: 1
stages:
  events:
    uses: collect.csv
    resources: { memory: 512MiB }
    with: { path: large.csv, schema: schema.yaml }
  kept:
    uses: table.select
    resources: { memory: 512MiB }
    in: events
    with: { where: "quantity < 150 and flag" }
  by_city:
    uses: table.aggregate
    resources: { memory: 512MiB }
    in: kept
    with: { by: [city, kind], metrics: { rows: count(), mean_amount: mean(amount) } }
  parts:
    uses: split.rows
    resources: { memory: 512MiB }
    in: kept
    with: { test: 0.2, stratify: kind }
"""

TYPES = {
    "integer": "id account quantity visits", "number": "amount balance rate score", "boolean": "flag", "date": "day",
    "datetime": "at", "string": "city kind note code"}


def experiments(sluice: Path, inputs: Path, outputs: Path, with_large: bool) -> dict[str, Callable[[], dict | str]]:
    """Name to what gives its samples, or why there are none."""
    return {
        "small files": lambda: many(sluice, outputs / "many"),
        "4 GB of CSV": lambda: large(sluice, inputs) if with_large else "not asked for: BENCH=--large",
    }


def report(name: str, samples: dict[str, list[Sample]]) -> None:
    print(f"\n{name}, {len(next(iter(samples.values())))} rounds: median (least)")
    for side, taken in samples.items():
        walls, cpus = [s.wall for s in taken], [s.cpu for s in taken]
        peak = f", {median(s.peak for s in taken):.4g} MiB" if taken[0].peak else ""
        print(f"  {side:<10} {median(walls):.4g} ({min(walls):.4g}) s, CPU {median(cpus):.4g} s{peak}", flush=True)


def many(sluice: Path, folder: Path) -> dict[str, list[Sample]]:
    """A hundred thousand files collected by a project that has never run; run again, when what was found is noted; and
    then as often as one likes, when nothing has changed."""
    table_data.small_files(folder / "files")
    (folder / "sluice.yaml").touch()
    (folder / "pipeline.yaml").write_text(MANY)
    command = [str(sluice), "run", "pipeline.yaml", "-q"]
    samples = {"first run": [], "second run": [], "no-op": []}
    for number in range(10):
        shutil.rmtree(folder / ".sluice", ignore_errors=True)
        (folder / "pipeline.lock").unlink(missing_ok=True)
        for taken in samples.values():
            sample = measuring.run(command, folder)
            if number > 0:
                taken.append(sample)
    measuring.check_hits(sluice, folder, 1)
    return samples


def large(sluice: Path, inputs: Path) -> dict[str, list[Sample]]:
    """4 GB of CSV collected, filtered, aggregated and split, once; the memory is that of the largest process."""
    folder = inputs / "large"
    folder.mkdir(exist_ok=True)
    path = folder / "large.csv"
    rows = inputs / "events.csv"
    if not path.exists():
        print(f"making {path}", flush=True)
        draft = path.with_suffix(".new")
        with draft.open("wb") as file, rows.open("rb") as source:
            file.write(source.readline())
            start = source.tell()
            for _ in range(TIMES):
                source.seek(start)
                shutil.copyfileobj(source, file, 1 << 20)
        draft.rename(path)
    fields = [{"name": name, "type": next(t for t, names in TYPES.items() if name in names.split())} for name in table_data.COLUMNS]
    (folder / "schema.yaml").write_text(json.dumps({"fields": fields}))
    (folder / "sluice.yaml").touch()
    (folder / "pipeline.yaml").write_text(LARGE)
    shutil.rmtree(folder / ".sluice", ignore_errors=True)
    sample = measuring.run([str(sluice), "run", "pipeline.yaml", "-q"], folder, peak=True)
    shutil.rmtree(folder / ".sluice")
    return {"sluice": [sample]}
