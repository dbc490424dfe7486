"""Writes the small Arrow files of other writers that GoldenTests read.

Usage: make.py [FOLDER]   (default: the folder of this script)
The versions used and each SHA-256 go to DIGESTS beside them. Deltas
come from pyarrow with emit_dictionary_deltas.
"""

import datetime
import hashlib
import pathlib
import sys

import polars
import pyarrow as pa
import pyarrow.feather
import pyarrow.ipc

FOLDER = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent
DAYS = [datetime.date(1969, 12, 31), None, datetime.date(2024, 2, 29)]
TIMES = [datetime.datetime(1969, 12, 31, 23, 59, 59, 999000), None, datetime.datetime(2024, 2, 29, 12, 30)]
WORDS = ["a", None, "汉字 longer than twelve bytes"]


def arrow(name, table, rows=None, **options):
    with pa.ipc.new_file(FOLDER / name, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table, max_chunksize=rows)


def integers():
    columns = {}
    for bits in (8, 16, 32, 64):
        columns[f"int{bits}"] = pa.array([-(2 ** (bits - 1)), None, 2 ** (bits - 1) - 1], f"int{bits}")
        top = 2**bits - 1 if bits < 64 else 2**63 - 1
        columns[f"uint{bits}"] = pa.array([0, None, top], f"uint{bits}")
    return pa.table(columns)


def floats():
    values = [0.5, None, -0.0, float("inf"), 65504.0, 2.0**-24]
    import numpy
    half = pa.array([None if v is None else numpy.float16(v) for v in values], pa.float16())
    return pa.table({"half": half, "single": pa.array(values, pa.float32()), "double": pa.array(values)})


def times():
    columns = {"date32": pa.array(DAYS, pa.date32()), "date64": pa.array(DAYS, pa.date64())}
    for unit in ("s", "ms", "us", "ns"):
        whole = [t and t.replace(microsecond=0) if unit == "s" else t for t in TIMES]
        columns[unit] = pa.array(whole, pa.timestamp(unit))
        columns[unit + "_zone"] = pa.array(whole, pa.timestamp(unit, "Europe/Zurich"))
    return pa.table(columns)


def texts():
    columns = {"bool": pa.array([True, None, False]), "null": pa.nulls(3)}
    for name, type_ in (("utf8", pa.string()), ("large", pa.large_string()), ("view", pa.string_view())):
        columns[name] = pa.array(WORDS, type_)
    return pa.table(columns)


def dictionaries():
    columns = {}
    for index in ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"):
        columns[index] = pa.DictionaryArray.from_arrays(pa.array([1, None, 0], index), pa.array(["x", "y"]))
    columns["large"] = pa.DictionaryArray.from_arrays(
        pa.array([1, None, 0], "int32"), pa.array(["x", "y"], pa.large_string()))
    columns["holes"] = pa.DictionaryArray.from_arrays(
        pa.array([0, 1, 2], "int32"), pa.array(["x", None, "x"]))
    return pa.table(columns)


def deltas():
    schema = pa.schema({"d": pa.dictionary(pa.int32(), pa.string())})
    options = pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True)
    with pa.ipc.new_file(FOLDER / "pyarrow_deltas.arrow", schema, options=options) as writer:
        for levels in (["x"], ["x", "y"], ["x", "y", "z"]):
            column = pa.DictionaryArray.from_arrays(
                pa.array([len(levels) - 1, None, 0], "int32"), pa.array(levels))
            writer.write_batch(pa.record_batch([column], schema=schema))


def others():
    for codec in ("lz4", "zstd"):
        arrow(f"pyarrow_{codec}.arrow", pa.table({"a": pa.array([1])}), compression=codec)
    arrow("pyarrow_list.arrow", pa.table({"a": pa.array([[1]])}))
    arrow("pyarrow_levels.arrow", pa.table({"a": pa.array([5]).dictionary_encode()}))


def refused():
    one = pa.table({"a": pa.array([1])})
    arrow("refused_uint64.arrow", pa.table({"a": pa.array([1, None, 2**63], "uint64")}))
    arrow("refused_binary.arrow", pa.table({"a": pa.array([b"x"])}))
    arrow("refused_binary_within.arrow", pa.table({"a": pa.array([{"b": [b"x"]}])}))
    arrow("refused_binary_levels.arrow", pa.table({"a": pa.array([b"x"]).dictionary_encode()}))
    arrow("refused_decimal.arrow", pa.table({"a": pa.array([1]).cast(pa.decimal128(21, 2))}))
    arrow("refused_nanoseconds.arrow", pa.table({"a": pa.array([1001], pa.timestamp("ns"))}))
    with pa.ipc.new_stream(FOLDER / "refused_stream.arrow", one.schema) as writer:
        writer.write_table(one)


def polars_files():
    frame = polars.DataFrame({
        "bool": [True, None, False], "int8": polars.Series([1, None, -1], dtype=polars.Int8),
        "uint32": polars.Series([1, None, 2**32 - 1], dtype=polars.UInt32), "int64": [1, None, -1],
        "float32": polars.Series([0.5, None, -1], dtype=polars.Float32), "float64": [0.1, None, -1.0],
        "text": WORDS, "category": polars.Series(["y", None, "x"], dtype=polars.Categorical),
        "enum": polars.Series(["x", None, "y"], dtype=polars.Enum(["y", "x"])),
        "date": DAYS, "time": TIMES, "null": [None, None, None],
    })
    frame = frame.with_columns(zone=polars.col("time").dt.replace_time_zone("UTC"))
    frame.write_ipc(FOLDER / "polars.arrow", compression="uncompressed")
    frame.write_ipc(FOLDER / "polars_oldest.arrow", compression="uncompressed",
                    compat_level=polars.CompatLevel.oldest())


def main():
    arrow("pyarrow_integers.arrow", integers())
    arrow("pyarrow_floats.arrow", floats())
    arrow("pyarrow_times.arrow", times())
    arrow("pyarrow_texts.arrow", texts())
    arrow("pyarrow_batches.arrow", texts(), rows=1)
    arrow("pyarrow_v4.arrow", texts(), metadata_version=pa.ipc.MetadataVersion.V4)
    arrow("pyarrow_dictionaries.arrow", dictionaries())
    arrow("pyarrow_empty.arrow", texts().slice(0, 0))
    deltas()
    others()
    refused()
    polars_files()
    lines = [f"pyarrow {pa.__version__}, polars {polars.__version__}"]
    for path in sorted(FOLDER.glob("*.arrow")):
        lines.append(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}")
    (FOLDER / "DIGESTS").write_text("\n".join(lines) + "\n")


main()
