#!/usr/bin/env python3
"""The suite `tables`: our tables and sources beside polars, pandas, pyarrow and Pillow.

Run it by `make bench SUITE=tables`. Exits 0 without a MISS, 1 with one, 2 when
something could not be measured or the sides do not make the same.
"""

import sys

import table_data
import table_programs
from sides import Case, Suite, run


def cases() -> list[Case]:
    return [
        *Case.on_one_and_two("csv read plain", "polars", "pyarrow", "pandas", memory=True),
        *Case.on_one_and_two("csv read dates", "polars", "pyarrow", "pandas", memory=True),
        *Case.on_one_and_two("csv collect plain", "polars"),
        *Case.on_one_and_two("csv collect dates", "polars", memory=True),
        Case("arrow write", "pyarrow", ("polars",)),
        Case("arrow open", "pyarrow"),
        Case("csv write", "polars", ("pyarrow",)),
        *Case.on_one_and_two("parquet write", "pyarrow", "polars"),
        *Case.on_one_and_two("parquet read", "pyarrow", "polars", memory=True),
        *(Case(f"join {kind} {key}", "polars", memory=(kind, key) == ("left", "scattered"))
          for key in ("close", "scattered", "text", "half") for kind in ("inner", "left")),
        *(Case(f"group {by}", "polars", memory=by == "scattered") for by in ("close", "scattered", "text", "few", "few+close")),
        Case("jsonl read", "polars", ("pyarrow",), memory=True),
        Case("jsonl write", "polars"),
        Case("png folder", "pillow"),
    ]


if __name__ == "__main__":
    sys.exit(run(Suite(
        name="tables", about=__doc__, binary="table-bench", peers="table_peers.py", cases=cases(),
        programs=table_programs.experiments, tell=table_programs.report,
        inputs={"png folder": lambda inputs: table_data.pictures(inputs / "pictures")})))
