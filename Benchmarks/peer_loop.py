"""A peer's side of a suite, in a process of its own for each number of threads: does what BenchLoop.swift says that a side
is told. Its cases are ours with a peer before: `polars csv read plain`. To be imported before the peers, which look once
how many threads there are:

    SCRIPT INPUTS OUTPUTS THREADS
"""

import gc
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

THREADS = int(sys.argv[3]) if len(sys.argv) > 3 else 1
os.environ["POLARS_MAX_THREADS"] = os.environ["OMP_NUM_THREADS"] = str(THREADS)

import numpy as np
import polars as pl
import pyarrow as pa

import memory

pa.set_cpu_count(THREADS)
pa.set_io_thread_count(THREADS)


class Case:
    """`make` gives what is measured; what that gives, or the file it writes, is checked. A file is written where none
    is: what would be replaced goes first."""

    def __init__(self, name: str, make: Callable, file: str | None = None, checked: Callable | None = None,
                 is_rounded: bool = False):
        self.name, self.file, self.checked, self.is_rounded = name, file, checked, is_rounded
        self.make = (lambda: self.to_new_file(make())) if file else make

    def to_new_file(self, write: Callable) -> Callable:
        def work() -> object:
            Path(self.file).unlink(missing_ok=True)
            return write()

        return work

    def check(self, result: object) -> str:
        if self.file:
            return f"file {self.file}"
        return summary(self.checked(result) if self.checked else as_table(result), self.is_rounded)


def as_table(result: object) -> pa.Table:
    return result.to_arrow(compat_level=pl.CompatLevel.oldest()) if isinstance(result, pl.DataFrame) else result


def summary(table: pa.Table, is_rounded: bool = False) -> str:
    """As Summary.swift."""
    return "; ".join(column_summary(name, table[name].combine_chunks(), is_rounded) for name in sorted(table.column_names))


def column_summary(name: str, column: pa.Array, is_rounded: bool) -> str:
    if isinstance(column, pa.ChunkedArray):
        column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    kind, words, more = words_of(column, is_rounded)
    with np.errstate(over="ignore"):
        places = np.arange(1, len(column) + 1, dtype=np.uint64)
        if column.null_count:
            words = np.where(column.is_valid().to_numpy(zero_copy_only=False), words, np.uint64(0))
        total = (int(np.sum(words * places, dtype=np.uint64)) + more) % 2**64
    return f"{name} {kind} {len(column)} {column.null_count} {total}"


def words_of(column: pa.Array, is_rounded: bool) -> tuple[str, np.ndarray, int]:
    """The kind, a word for each row, and what comes to the sum besides."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return words_of(column.dictionary_decode(), is_rounded)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        column = column.cast(pa.large_string()).fill_null("")
        lengths = pa.compute.binary_length(column).to_numpy(zero_copy_only=False).astype(np.uint64)
        offsets = np.frombuffer(column.buffers()[1], np.int64)[column.offset:column.offset + len(column) + 1]
        data = np.frombuffer(column.buffers()[2] or b"", np.uint8)[offsets[0]:offsets[-1]]
        return "text", lengths, int(data.sum(dtype=np.uint64)) << 32
    if pa.types.is_floating(kind):
        values = column.fill_null(0).to_numpy(zero_copy_only=False).astype(np.float64)
        words = np.floor(values * 1e6 + 0.9876543).astype(np.int64) if is_rounded else values
        return "number", words.view(np.uint64), 0
    names = {pa.types.is_boolean: "boolean", pa.types.is_integer: "integer", pa.types.is_date: "date", pa.types.is_timestamp: "timestamp"}
    name = next(name for test, name in names.items() if test(kind))
    if name == "boolean":
        column = column.cast(pa.int8())
    elif name == "date":
        column = column.cast(pa.date32()).cast(pa.int32())
    elif name == "timestamp":
        column = column.cast(pa.timestamp("us", kind.tz)).cast(pa.int64())
    return name, column.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64).view(np.uint64), 0


def timed(work: Callable, seconds: float) -> str:
    count, start, cpu = 0, time.perf_counter(), time.process_time()
    while True:
        work()
        count += 1
        wall = time.perf_counter() - start
        if wall >= seconds:
            return f"{wall / count}\t{(time.process_time() - cpu) / count}"


def answer_all(cases: list[Case], versions: dict[str, str], summary_of_file: Callable[[str], str]) -> None:
    known = {case.name: case for case in cases}
    made = {}
    # A collection of garbage in the middle of a case would be no part of it.
    gc.disable()
    for line in sys.stdin:
        words = line.rstrip("\n").split("\t")
        match words:
            case ["list"]:
                answer = "\t".join(known)
            case ["versions"]:
                answer = "\t".join(f"{name} {version}" for name, version in versions.items())
            case ["keep"]:
                memory.keep_memory()
                answer = "kept"
            case ["summary", path]:
                answer = summary_of_file(path)
            case [name, what] if name in known:
                if name not in made:
                    made[name] = known[name].make()
                if what == "ready":
                    answer = "ready"
                elif what == "check":
                    answer = known[name].check(made[name]())
                else:
                    answer = timed(made[name], float(what))
            case _:
                answer = f"error: no case '{line.strip()}'"
        gc.collect()
        print(answer, flush=True)
