"""Holds our Arrow files and those of pyarrow and polars to each other.

Usage: check_arrow.py check FILE EXPECTED
       check_arrow.py make FOLDER SEED

EXPECTED has one JSON object a line, {"name", "type", "values"}, with the
values as our side has them: numbers, texts, true and false, null; bytes in
hexadecimal, a date in days, a timestamp in microseconds since the epoch, a
list or structure as JSON.

check: FILE's columns must have those types and values in both readers. make:
writes files made by chance, of every type, in several batches, packed or not,
with EXPECTED beside each. Both print the readers' versions.
"""

import datetime
import decimal
import json
import os
import random
import sys

import polars
import pyarrow
import pyarrow.ipc

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../ParquetTests/peers"))
import check_parquet

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
PYARROW = {
    "bool": "bool", "int64": "int64", "float64": "double", "utf8": "string", "binary": "binary",
    "dictionary": "dictionary<values=string, indices=int32, ordered=0>",
    "date32": "date32[day]", "timestamp": "timestamp[us, tz=UTC]",
}
POLARS = {
    "bool": "Boolean", "int64": "Int64", "float64": "Float64", "utf8": "String", "binary": "Binary",
    "dictionary": "Categorical", "date32": "Date",
    "timestamp": "Datetime(time_unit='us', time_zone='UTC')",
}


def check(reader, column, found_type, expected_type, values):
    if found_type != expected_type:
        sys.exit(f"{reader}: {column['name']}: type {found_type}, expected {expected_type}")
    found = [value.hex() if isinstance(value, bytes) else check_parquet.plain(value) for value in values]
    for row, (a, b) in enumerate(zip(found, column["values"], strict=True)):
        if a != b or type(a) is bool and type(b) is not bool:
            sys.exit(f"{reader}: {column['name']}, row {row}: {a!r}, expected {b!r}")


def check_file(path, expected_path):
    with open(expected_path, encoding="utf-8") as file:
        expected = [json.loads(line) for line in file]
    names = [column["name"] for column in expected]
    for memory_map in (False, True):
        source = pyarrow.memory_map(path) if memory_map else path
        table = pyarrow.ipc.open_file(source).read_all()
        table.validate(full=True)
        if table.column_names != names:
            sys.exit(f"pyarrow: columns {table.column_names}, expected {names}")
        for column, field in zip(expected, table.schema, strict=True):
            check("pyarrow", column, str(field.type), PYARROW[column["type"]],
                  table.column(field.name).to_pylist())
    for frame in (polars.read_ipc(path), polars.scan_ipc(path).collect()):
        if frame.columns != names:
            sys.exit(f"polars: columns {frame.columns}, expected {names}")
        for column in expected:
            series = frame[column["name"]]
            check("polars", column, str(series.dtype), POLARS[column["type"]], series.to_list())


def random_table(rng, rows):
    """Parquet's columns, and what only Arrow has."""
    table, values = check_parquet.random_table(rng, rows)
    words = ["", "a", "汉字", "longer than twelve bytes"]

    def nested(draw, least=0, most=4):
        return lambda: [rng.choice([None, draw()]) for _ in range(rng.randint(least, most))]

    def day():
        return datetime.date(1970, 1, 1) + datetime.timedelta(rng.randint(-9999, 9999))

    columns = {
        "null": (lambda: None, pyarrow.null()),
        "half": (lambda: rng.randint(-99, 99) / 8, pyarrow.float16()),
        "view": (lambda: "".join(rng.choice(words) for _ in range(rng.randint(0, 3))), pyarrow.string_view()),
        "decimal": (lambda: decimal.Decimal(rng.randint(-10 ** 9, 10 ** 9)) / 100, pyarrow.decimal128(12, 2)),
        "levels": (lambda: rng.randint(-3, 3), pyarrow.dictionary(pyarrow.int8(), pyarrow.int64())),
        "large_list": (nested(lambda: rng.random() < 0.5), pyarrow.large_list(pyarrow.bool_())),
        "fixed": (nested(lambda: rng.randint(-9, 9), 3, 3), pyarrow.list_(pyarrow.int16(), 3)),
        "days": (nested(day), pyarrow.list_(pyarrow.date32())),
        "views": (nested(lambda: rng.choice(words)), pyarrow.list_(pyarrow.string_view())),
        "kinds": (nested(lambda: rng.choice(words)), pyarrow.list_(pyarrow.dictionary(pyarrow.int32(), pyarrow.string()))),
        "pairs": (lambda: [(key, rng.choice([None, nested(day)()])) for key in rng.sample(range(9), rng.randint(0, 3))],
                  pyarrow.map_(pyarrow.int64(), pyarrow.list_(pyarrow.date32()))),
    }
    for name, (draw, kind) in columns.items():
        drawn = check_parquet.some(rng, rows, draw)
        table = table.append_column(name, pyarrow.array(drawn, kind))
        values[name] = drawn
    return table, values


def plain(value, is_within=False):
    """As our side has it: dates are days, and within JSON text."""
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, (list, tuple)):
        return [plain(entry, True) for entry in value]
    if isinstance(value, dict):
        return {key: plain(entry, True) for key, entry in value.items()}
    if is_within and isinstance(value, datetime.date):
        return value.isoformat()
    return check_parquet.plain(value)


def make(folder, seed):
    rng = random.Random(int(seed))
    for number in range(16):
        rows = rng.choice([0, 1, 9, 100, 1000])
        table, values = random_table(rng, rows)
        path = os.path.join(folder, f"{number}.arrow")
        if number % 4 == 3:
            # polars has no maps, and no halves in files of its oldest form.
            for name in ["map", "pairs", "half", "kinds"]:
                table = table.drop_columns([name])
                del values[name]
            polars.from_arrow(table).write_ipc(
                path, compression=rng.choice(["zstd", "lz4", "uncompressed"]), record_batch_size=rng.choice([None, 64]),
                compat_level=rng.choice([polars.CompatLevel.newest(), polars.CompatLevel.oldest()]))
        else:
            # A slice has its values behind an offset.
            start = rng.randint(0, rows)
            table = table.slice(start)
            values = {name: column[start:] for name, column in values.items()}
            options = pyarrow.ipc.IpcWriteOptions(
                compression=rng.choice([None, "lz4", "zstd"]),
                metadata_version=rng.choice([pyarrow.ipc.MetadataVersion.V4, pyarrow.ipc.MetadataVersion.V5]))
            with pyarrow.ipc.new_file(path, table.schema, options=options) as writer:
                for batch in table.to_batches(max_chunksize=rng.choice([7, 64, 1 << 20])):
                    writer.write_batch(batch)
        with open(path.replace(".arrow", ".expected"), "w", encoding="utf-8") as file:
            for name, column in values.items():
                found = [plain(value) for value in column]
                print(json.dumps({"name": name, "values": found}, ensure_ascii=False), file=file)


if __name__ == "__main__":
    {"check": check_file, "make": make}[sys.argv[1]](*sys.argv[2:])
    print(f"pyarrow {pyarrow.__version__}, polars {polars.__version__}")
