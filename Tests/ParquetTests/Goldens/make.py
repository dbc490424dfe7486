"""Makes the Parquet files of other writers that GoldenTests reads.

Usage: make.py FOLDER (pyarrow 26.0.1, polars 2.1.0; numpy is not needed).
Each file of `everything` has the same 300 rows in another form, so that a test
reads them all against one expectation.
"""

import datetime
import decimal
import os
import sys
import uuid

import polars
import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 300


def none(values):
    """Every seventh is a null."""
    return [None if row % 7 == 3 else value for row, value in enumerate(values)]


def everything():
    words = ["", "a", "汉字", "longer than twelve bytes", "naïve"]
    day = datetime.date(1969, 12, 30)
    time = datetime.datetime(1969, 12, 31, 23, 59, 59, tzinfo=datetime.timezone.utc)
    return pa.table({
        "flag": pa.array(none([row % 3 == 0 for row in range(ROWS)])),
        "small": pa.array(none([row - 150 for row in range(ROWS)]), pa.int32()),
        "whole": pa.array(none([row * -7_000_000_001 for row in range(ROWS)]), pa.int64()),
        "single": pa.array(none([row / 4 for row in range(ROWS)]), pa.float32()),
        "real": pa.array(none([row / 3 for row in range(ROWS)]), pa.float64()),
        "text": pa.array(none([words[row % 5] for row in range(ROWS)])),
        "front": pa.array(none([f"prefix/{row // 10}/{row}" for row in range(ROWS)])),
        "day": pa.array(none([day + datetime.timedelta(row) for row in range(ROWS)])),
        "time": pa.array(none([time + datetime.timedelta(milliseconds=row) for row in range(ROWS)]),
                         pa.timestamp("us", tz="UTC")),
    })


def main(folder):
    def write(name, table, **options):
        pq.write_table(table, os.path.join(folder, name + ".parquet"), **options)

    table = everything()
    for codec in ["none", "snappy", "gzip", "zstd"]:
        for version in ["1.0", "2.0"]:
            write(f"all_{codec}_{version[0]}", table, compression=codec, data_page_version=version,
                  row_group_size=128, data_page_size=256, write_batch_size=16)
    fixed = ["small", "whole", "single", "real"]
    plain = {name: "PLAIN" for name in table.column_names}
    write("all_plain", table, use_dictionary=False, column_encoding=plain)
    write("all_delta", table, use_dictionary=False, column_encoding=plain | {
        "small": "DELTA_BINARY_PACKED", "whole": "DELTA_BINARY_PACKED", "time": "DELTA_BINARY_PACKED",
        "day": "DELTA_BINARY_PACKED", "text": "DELTA_LENGTH_BYTE_ARRAY", "front": "DELTA_BYTE_ARRAY",
        "flag": "RLE"})
    write("all_split", table, use_dictionary=False,
          column_encoding=plain | {name: "BYTE_STREAM_SPLIT" for name in fixed})
    polars.from_arrow(table).write_parquet(os.path.join(folder, "all_polars.parquet"), row_group_size=128)

    write("integers", pa.table({
        f"{kind}{bits}": pa.array([0 if kind == "uint" else -(2 ** (bits - 1)), None,
                                   2 ** (bits - (kind == "int")) - 1 if (kind, bits) != ("uint", 64) else 2 ** 63 - 1],
                                  getattr(pa, f"{kind}{bits}")())
        for bits in [8, 16, 32, 64] for kind in ["int", "uint"]}))
    moment = [datetime.datetime(1969, 12, 31, 23, 59, 59, 999000), None, datetime.datetime(2024, 2, 29, 12, 30)]
    write("times", pa.table({
        "ms": pa.array(moment, pa.timestamp("ms")), "us": pa.array(moment, pa.timestamp("us")),
        "ns": pa.array(moment, pa.timestamp("ns")), "zone": pa.array(moment, pa.timestamp("us", tz="Asia/Tokyo"))}))
    write("int96", pa.table({"t": pa.array(moment, pa.timestamp("us"))}), use_deprecated_int96_timestamps=True)
    for width, name in [(7, "32"), (15, "64"), (18, "fixed")]:
        write(f"decimal_{name}", pa.table({"d": pa.array(
            [decimal.Decimal("-1.25"), None, decimal.Decimal("9999.99")], pa.decimal128(width, 2))}),
            store_decimal_as_integer=name != "fixed")
    write("others", pa.table({
        "half": pa.array([0.5, None, -65504.0], pa.float16()),
        "null": pa.nulls(3),
        "uuid": pa.array([uuid.UUID(int=1).bytes, None, uuid.UUID(int=2 ** 127).bytes], pa.uuid()),
        "fixed": pa.array([b"ab", None, b"cd"], pa.binary(2)),
        "bytes": pa.array([b"ab", None, "汉".encode()], pa.binary()),
        "large": pa.array(["x", None, "y"], pa.large_string()),
        "category": pa.array(["b", None, "a"]).dictionary_encode(),
        "numbers": pa.array([7, None, 9]).dictionary_encode(),
    }))
    write("empty", everything().slice(0, 0))
    nested = pa.table({
        "list": pa.array([[1, 2], None, [], [None, 3]], pa.list_(pa.int64())),
        "lists": pa.array([[["a"], []], [None, ["b", None]], None, []], pa.list_(pa.list_(pa.string()))),
        "struct": pa.array([{"y": 1.5, "x": True}, {"y": None, "x": None}, None, {"y": 2.0, "x": False}],
                           pa.struct({"y": pa.float64(), "x": pa.bool_()})),
        "map": pa.array([[("k", 1), ("a", None)], None, [], [("z", 3)]], pa.map_(pa.string(), pa.int64())),
        "pairs": pa.array([[(1, "x")], [], None, [(2, None)]], pa.map_(pa.int64(), pa.string())),
        "deep": pa.array([[{"n": [{"d": datetime.date(2024, 2, 29)}]}], [{"n": []}, {"n": None}], [None], None],
                         pa.list_(pa.struct({"n": pa.list_(pa.struct({"d": pa.date32()}))}))),
        "after": pa.array([1, 2, 3, 4]),
    })
    for version in ["1.0", "2.0"]:
        write(f"nested_{version[0]}", nested, data_page_version=version, row_group_size=3)
    polars.from_arrow(nested.select(["list", "lists", "struct", "after"])).write_parquet(
        os.path.join(folder, "nested_polars.parquet"))
    write("refused_lz4", table.select(["small"]), compression="lz4")
    write("refused_nanoseconds", pa.table({"a": pa.array([None, 1001], pa.timestamp("ns"))}))
    write("refused_uint64", pa.table({"a": pa.array([None, 1, 2 ** 63], pa.uint64())}), use_dictionary=False)
    write("refused_uint64_dictionary", pa.table({"a": pa.array([None, 1, 2 ** 63], pa.uint64())}))
    write("refused_bytes", pa.table({"a": pa.array([b"ok", None, b"\xff"], pa.binary())}))
    write("refused_time", pa.table({"a": pa.array([datetime.time(1)], pa.time64("us"))}))
    write("refused_decimal", pa.table({"a": pa.array([decimal.Decimal(1)], pa.decimal128(38, 2))}))
    write("refused_digits", pa.table({"a": pa.array([decimal.Decimal("9007199254740993")], pa.decimal128(18, 0))}))


if __name__ == "__main__":
    main(*sys.argv[1:])
