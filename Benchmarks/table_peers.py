#!/usr/bin/env python3
"""The others' side of the suite `tables`: polars, pandas, pyarrow and Pillow (peer_loop.py).

    table_peers.py INPUTS OUTPUTS THREADS
"""

import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

from peer_loop import THREADS, Case, answer_all, as_table, summary

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet as pq
from PIL import Image

#: As our writers make them.
BATCH_ROWS, GROUP_ROWS = 65_536, 262_144

PLAIN = {
    "id": pa.int64(), "account": pa.int64(), "amount": pa.float64(), "balance": pa.float64(), "rate": pa.float64(),
    "score": pa.float64(), "quantity": pa.int64(), "flag": pa.bool_(), "city": pa.string(), "kind": pa.string(),
    "day": pa.string(), "at": pa.string(), "note": pa.string(), "code": pa.string(), "visits": pa.int64()}
DATES = PLAIN | {"day": pa.date32(), "at": pa.timestamp("us")}


class Inputs:
    def __init__(self, inputs: str, outputs: str):
        self.inputs, self.outputs = Path(inputs), Path(outputs)

    def path(self, name: str) -> str:
        return str(self.inputs / name)

    def output(self, name: str) -> str:
        return str(self.outputs / f"peer-{THREADS}-{name}")

    @cache
    def events(self) -> pl.DataFrame:
        return pl.read_csv(self.path("events.csv"), try_parse_dates=True)

    @cache
    def events_table(self) -> pa.Table:
        return self.events().to_arrow(compat_level=pl.CompatLevel.oldest()).cast(pa.schema(list(DATES.items())))

    def write_events(self, path: str) -> None:
        """By pyarrow, in batches as large as ours."""
        table = self.events_table()
        with pa.OSFile(path, "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table, max_chunksize=BATCH_ROWS)

    @cache
    def lines(self) -> pl.DataFrame:
        return pl.read_ndjson(self.path("events.jsonl"), schema=pl.from_arrow(pa.schema(list(PLAIN.items())).empty_table()).schema)

    @cache
    def left(self) -> pl.DataFrame:
        return pl.read_csv(self.path("left.csv"))

    @cache
    def right(self) -> pl.DataFrame:
        return pl.read_csv(self.path("right.csv"))


def cases(inputs: Inputs) -> list[Case]:
    return [
        *csv_reads(inputs), *arrow(inputs), *csv_write(inputs), *parquet(inputs), *json_lines(inputs), *joins(inputs),
        *groups(inputs), png_folder(inputs)]


def csv_reads(inputs: Inputs) -> list[Case]:
    path = inputs.path("events.csv")

    def polars(dates: bool) -> pl.DataFrame:
        return pl.read_csv(path, try_parse_dates=dates)

    def pyarrow(dates: bool) -> pa.Table:
        # The same texts mean null: the empty one alone, and not in texts.
        convert = pa.csv.ConvertOptions(column_types=DATES if dates else PLAIN, null_values=[""], true_values=["true"], false_values=["false"])
        return pa.csv.read_csv(path, read_options=pa.csv.ReadOptions(use_threads=THREADS > 1), convert_options=convert)

    def pandas(dates: bool) -> pd.DataFrame:
        return pd.read_csv(path, parse_dates=["day", "at"] if dates else None)

    def checked(result: pd.DataFrame, dates: bool) -> pa.Table:
        return pa.Table.from_pandas(result, pa.schema(list((DATES if dates else PLAIN).items())), preserve_index=False)

    def collect(dates: bool) -> None:
        polars(dates).write_ipc(inputs.output("collected.arrow"), compression="uncompressed")

    every = []
    for dates in (False, True):
        form = "dates" if dates else "plain"
        every += [
            Case(f"polars csv read {form}", lambda d=dates: lambda: polars(d)),
            Case(f"pyarrow csv read {form}", lambda d=dates: lambda: pyarrow(d)),
            Case(f"pandas csv read {form}", lambda d=dates: lambda: pandas(d), checked=lambda r, d=dates: checked(r, d)),
            Case(f"polars csv collect {form}", lambda d=dates: lambda: collect(d), inputs.output("collected.arrow")),
        ]
    return every


def arrow(inputs: Inputs) -> list[Case]:
    path = inputs.output("events.arrow")

    def opened() -> Callable:
        inputs.write_events(path)

        def ten() -> pa.Table:
            with pa.memory_map(path) as file, pa.ipc.open_file(file) as reader:
                return pa.Table.from_batches([reader.get_batch(0).slice(0, 10)])

        return ten

    def polars() -> Callable:
        frame = inputs.events()
        return lambda: frame.write_ipc(inputs.output("polars.arrow"), compression="uncompressed")

    return [
        Case("pyarrow arrow write", lambda: (inputs.events_table(), lambda: inputs.write_events(inputs.output("written.arrow")))[1], inputs.output("written.arrow")),
        Case("polars arrow write", polars, inputs.output("polars.arrow")),
        Case("pyarrow arrow open", opened),
    ]


def csv_write(inputs: Inputs) -> list[Case]:
    """From an Arrow file to a CSV file; each reads what it has written itself, texts as it likes them best."""
    path, pyarrow_path = inputs.output("events.csv"), inputs.output("pyarrow.csv")

    def polars() -> Callable:
        arrow_file = inputs.output("polars-events.arrow")
        inputs.events().write_ipc(arrow_file, compression="uncompressed")
        return lambda: pl.read_ipc(arrow_file).write_csv(path, datetime_format="%Y-%m-%dT%H:%M:%SZ")

    def pyarrow() -> Callable:
        arrow_file = inputs.output("events.arrow")
        inputs.write_events(arrow_file)

        def write() -> None:
            with pa.memory_map(arrow_file) as file:
                pa.csv.write_csv(pa.ipc.open_file(file).read_all(), pyarrow_path)

        return write

    return [Case("polars csv write", polars, path), Case("pyarrow csv write", pyarrow, pyarrow_path)]


def parquet(inputs: Inputs) -> list[Case]:
    path = inputs.output("events.parquet")

    def write_pyarrow() -> None:
        pq.write_table(inputs.events_table(), path, compression="zstd", row_group_size=GROUP_ROWS)

    def write_polars() -> None:
        inputs.events().write_parquet(inputs.output("polars.parquet"), compression="zstd", compression_level=1, row_group_size=GROUP_ROWS)

    def reading(read: Callable) -> Callable:
        def make() -> Callable:
            write_pyarrow()
            return lambda: read(path)

        return make

    return [
        Case("pyarrow parquet write", lambda: (inputs.events_table(), write_pyarrow)[1], path),
        Case("polars parquet write", lambda: (inputs.events(), write_polars)[1], inputs.output("polars.parquet")),
        Case("pyarrow parquet read", reading(lambda path: pq.read_table(path, use_threads=THREADS > 1))),
        Case("polars parquet read", reading(pl.read_parquet)),
    ]


def json_lines(inputs: Inputs) -> list[Case]:
    path = inputs.path("events.jsonl")

    def read_polars() -> Callable:
        schema = inputs.lines().schema
        return lambda: pl.read_ndjson(path, schema=schema)

    def read_pyarrow() -> pa.Table:
        parse = pa.json.ParseOptions(explicit_schema=pa.schema(list(PLAIN.items())))
        return pa.json.read_json(path, read_options=pa.json.ReadOptions(use_threads=THREADS > 1), parse_options=parse)

    def write_polars() -> Callable:
        arrow_file = inputs.output("lines.arrow")
        inputs.lines().write_ipc(arrow_file, compression="uncompressed")
        return lambda: pl.read_ipc(arrow_file).write_ndjson(inputs.output("events.jsonl"))

    return [
        Case("polars jsonl read", read_polars),
        Case("pyarrow jsonl read", lambda: read_pyarrow),
        Case("polars jsonl write", write_polars, inputs.output("events.jsonl")),
    ]


def joins(inputs: Inputs) -> list[Case]:
    def case(key: str, how: str) -> Case:
        other = "scattered" if key == "half" else key

        def make() -> Callable:
            left = inputs.left()
            right = inputs.right().rename({name: f"{name}_right" for name in inputs.right().columns if name != other})
            # Whose rows come in our order too: the others may be faster without.
            return lambda order=None: left.join(right, left_on=key, right_on=other, how=how, maintain_order=order)

        return Case(f"polars join {how} {key}", make, checked=lambda _: as_table(make()("left")))

    return [case(key, how) for key in ("close", "scattered", "text", "half") for how in ("inner", "left")]


def groups(inputs: Inputs) -> list[Case]:
    def case(by: list[str]) -> Case:
        metrics = (pl.col("x").mean().alias("mean_x"), pl.col("x").max().alias("most_x"), pl.len().alias("rows"), pl.col("n").sum().alias("sum_n"))

        def make() -> Callable:
            frame = inputs.left()
            return lambda order=False: frame.group_by(by, maintain_order=order).agg(*metrics)

        return Case(f"polars group {'+'.join(by)}", make, checked=lambda _: as_table(make()(True)), is_rounded=True)

    return [case(by) for by in (["close"], ["scattered"], ["text"], ["few"], ["few", "close"])]


def png_folder(inputs: Inputs) -> Case:
    """Every picture's class and its pixels, as eight bits a channel."""
    def read() -> list[tuple[str, np.ndarray]]:
        return [(path.parent.name, np.asarray(Image.open(path))) for path in sorted((inputs.inputs / "pictures").glob("*/*.png"))]

    def checked(pictures: list[tuple[str, np.ndarray]]) -> pa.Table:
        """The class, the size and the sum of all channels; ours is to say the same."""
        rows = [(label, *pixels.shape, int(pixels.sum(dtype=np.int64))) for label, pixels in pictures]
        return pa.table(dict(zip(("label", "height", "width", "channels", "sum"), map(list, zip(*rows)))))

    return Case("pillow png folder", lambda: read, checked=checked)


def summary_of_file(path: str) -> str:
    match Path(path).suffix:
        case ".arrow":
            with pa.memory_map(path) as file:
                return summary(pa.ipc.open_file(file).read_all())
        case ".parquet":
            return summary(pq.read_table(path))
        case ".jsonl":
            return summary(pa.json.read_json(path, parse_options=pa.json.ParseOptions(explicit_schema=pa.schema(list(PLAIN.items())))))
        case ".csv":
            return summary(as_table(pl.read_csv(path, try_parse_dates=True)))
    raise ValueError(path)


def versions() -> dict[str, str]:
    import PIL

    return {"polars": pl.__version__, "pandas": pd.__version__, "pyarrow": pa.__version__, "pillow": PIL.__version__, "numpy": np.__version__}


if __name__ == "__main__":
    answer_all(cases(Inputs(sys.argv[1], sys.argv[2])), versions(), summary_of_file)
