"""Holds our Parquet files and those of pyarrow and polars to each other.

Usage: check_parquet.py check FILE EXPECTED
       check_parquet.py make FOLDER SEED

EXPECTED has one JSON object a line, {"name", "type", "values"}, with the
values as our side has them: numbers, texts, true and false, null; a date in
days, a timestamp in microseconds since the epoch, a list or structure as JSON.

check: FILE's columns must have those types and values in both readers, and
pyarrow must find the statistics to be right. make: writes files made by chance
in every encoding, codec and page version, with EXPECTED beside each. Both print
the readers' versions.
"""

import datetime
import json
import os
import random
import sys

import polars
import pyarrow
import pyarrow.compute
import pyarrow.parquet

UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)
PYARROW = {
    "bool": "bool", "int64": "int64", "float64": "double", "utf8": "string",
    "dictionary": "dictionary<values=string, indices=int32, ordered=0>",
    "date32": "date32[day]", "timestamp": "timestamp[us, tz=UTC]",
}
POLARS = {
    "bool": "Boolean", "int64": "Int64", "float64": "Float64", "utf8": "String",
    "dictionary": "Categorical", "date32": "Date",
    "timestamp": "Datetime(time_unit='us', time_zone='UTC')",
}


def plain(value):
    if isinstance(value, datetime.datetime):
        return (value - EPOCH) // datetime.timedelta(microseconds=1)
    if isinstance(value, datetime.date):
        return (value - EPOCH.date()).days
    return value


def compare(reader, column, found_type, expected_type, values):
    if found_type != expected_type:
        sys.exit(f"{reader}: {column['name']}: type {found_type}, expected {expected_type}")
    found = [plain(value) for value in values]
    for row, (a, b) in enumerate(zip(found, column["values"], strict=True)):
        if a != b or type(a) is bool and type(b) is not bool:
            sys.exit(f"{reader}: {column['name']}, row {row}: {a!r}, expected {b!r}")


def check_statistics(path, table):
    file = pyarrow.parquet.ParquetFile(path)
    start = 0
    for group in range(file.num_row_groups):
        metadata = file.metadata.row_group(group)
        part = table.slice(start, metadata.num_rows)
        start += metadata.num_rows
        for index in range(metadata.num_columns):
            statistics = metadata.column(index).statistics
            values = part.column(index)
            if pyarrow.types.is_dictionary(values.type):
                values = values.cast(pyarrow.string())
            if statistics.null_count != values.null_count:
                sys.exit(f"statistics: {index}: {statistics.null_count} nulls, expected {values.null_count}")
            if statistics.has_min_max:
                expected = pyarrow.compute.min_max(values).as_py()
                found = {"min": statistics.min, "max": statistics.max}
                if {key: plain(value) for key, value in found.items()} != {
                        key: plain(value) for key, value in expected.items()}:
                    sys.exit(f"statistics: {index}: {found}, expected {expected}")


def check(path, expected_path):
    with open(expected_path, encoding="utf-8") as file:
        expected = [json.loads(line) for line in file]
    names = [column["name"] for column in expected]
    table = pyarrow.parquet.read_table(path)
    table.validate(full=True)
    if table.column_names != names:
        sys.exit(f"pyarrow: columns {table.column_names}, expected {names}")
    for column, field in zip(expected, table.schema, strict=True):
        compare("pyarrow", column, str(field.type), PYARROW[column["type"]],
                table.column(field.name).to_pylist())
    check_statistics(path, table)
    for frame in (polars.read_parquet(path), polars.scan_parquet(path).collect(),
                  polars.from_arrow(table)):
        if frame.columns != names:
            sys.exit(f"polars: columns {frame.columns}, expected {names}")
        for column in expected:
            series = frame[column["name"]]
            compare("polars", column, str(series.dtype), POLARS[column["type"]], series.to_list())


def some(rng, rows, draw):
    """Values from few to all different, in runs or not, with nulls from none to all."""
    pool = [draw() for _ in range(rng.randint(1, 40))] if rng.random() < 0.5 else None
    longest = rng.choice([1, 1, 5, 40])
    share = rng.choice([0, 0, 0.1, 0.9, 1])
    values = []
    while len(values) < rows:
        values += [rng.choice(pool) if pool else draw()] * rng.randint(1, longest)
    return [None if rng.random() < share else value for value in values[:rows]]


def random_table(rng, rows):
    words = ["", "a", "汉字", "longer than twelve bytes", "naïve", "😀"]

    def text():
        return "".join(rng.choice(words) for _ in range(rng.randint(0, 6)))

    def time():
        return EPOCH + datetime.timedelta(microseconds=rng.randint(-10 ** 15, 10 ** 15))

    def nested(draw):
        return lambda: [rng.choice([None, draw()]) for _ in range(rng.randint(0, 4))]

    def structure():
        return {"a": rng.choice([None, rng.randint(-9, 9)]), "b": rng.choice([None, nested(text)()])}

    int64, string = pyarrow.int64(), pyarrow.string()
    columns = {
        "flag": (lambda: rng.random() < 0.5, pyarrow.bool_()),
        "int8": (lambda: rng.randint(-128, 127), pyarrow.int8()),
        "uint32": (lambda: rng.randint(0, 2 ** 32 - 1), pyarrow.uint32()),
        "int64": (lambda: rng.choice([rng.randint(-2 ** 63, 2 ** 63 - 1), rng.randint(-9, 9)]), int64),
        "float": (lambda: rng.randint(-999, 999) / 8, pyarrow.float32()),
        "double": (lambda: rng.uniform(-1e9, 1e9), pyarrow.float64()),
        "text": (text, string),
        "large": (text, pyarrow.large_string()),
        "category": (lambda: rng.choice(words), pyarrow.dictionary(pyarrow.int32(), string)),
        "day": (lambda: EPOCH.date() + datetime.timedelta(rng.randint(-9999, 9999)), pyarrow.date32()),
        "us": (time, pyarrow.timestamp("us", tz="UTC")),
        "ms": (lambda: time().replace(microsecond=rng.randint(0, 999) * 1000), pyarrow.timestamp("ms", tz="UTC")),
        "ns": (time, pyarrow.timestamp("ns", tz="UTC")),
        "list": (nested(lambda: rng.randint(-99, 99)), pyarrow.list_(int64)),
        "lists": (nested(nested(text)), pyarrow.list_(pyarrow.list_(string))),
        "struct": (structure, pyarrow.struct({"a": int64, "b": pyarrow.list_(string)})),
        "structs": (nested(structure), pyarrow.list_(pyarrow.struct({"a": int64, "b": pyarrow.list_(string)}))),
        "map": (lambda: sorted({text(): rng.randint(0, 9) for _ in range(rng.randint(0, 3))}.items()),
                pyarrow.map_(string, int64)),
    }
    values = {name: some(rng, rows, draw) for name, (draw, _) in columns.items()}
    table = pyarrow.table({name: pyarrow.array(values[name], columns[name][1]) for name in columns})
    values["map"] = [None if pairs is None else dict(pairs) for pairs in values["map"]]
    return table, values


def encodings(rng, table):
    """Without dictionaries, each column in one of the encodings its type has."""
    chosen = {}
    for field in table.schema:
        kind = field.type
        if pyarrow.types.is_boolean(kind):
            choice = ["PLAIN", "RLE"]
        elif pyarrow.types.is_floating(kind):
            choice = ["PLAIN", "BYTE_STREAM_SPLIT"]
        elif pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind):
            choice = ["PLAIN", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"]
        elif pyarrow.types.is_nested(kind) or pyarrow.types.is_dictionary(kind):
            continue
        else:
            choice = ["PLAIN", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"]
        chosen[field.name] = rng.choice(choice)
    return chosen


def make(folder, seed):
    rng = random.Random(int(seed))
    for number in range(12):
        rows = rng.choice([0, 1, 9, 100, 1000])
        table, values = random_table(rng, rows)
        path = os.path.join(folder, f"{number}.parquet")
        if number % 4 == 3:
            # polars has no maps.
            table = table.drop_columns(["map"])
            del values["map"]
            polars.from_arrow(table).write_parquet(
                path, compression=rng.choice(["zstd", "snappy", "gzip", "uncompressed"]),
                row_group_size=rng.choice([None, 64]), data_page_size=rng.choice([None, 256]))
        else:
            options = {} if rng.random() < 0.5 else {
                "use_dictionary": False, "column_encoding": encodings(rng, table)}
            pyarrow.parquet.write_table(
                table, path, compression=rng.choice(["zstd", "snappy", "gzip", "none"]),
                data_page_version=rng.choice(["1.0", "2.0"]), row_group_size=rng.choice([64, 1 << 20]),
                data_page_size=rng.choice([128, 1 << 20]), write_batch_size=8, **options)
        with open(path.replace(".parquet", ".expected"), "w", encoding="utf-8") as file:
            for name, column in values.items():
                found = [plain(value) for value in column]
                print(json.dumps({"name": name, "values": found}, ensure_ascii=False), file=file)


if __name__ == "__main__":
    {"check": check, "make": make}[sys.argv[1]](*sys.argv[2:])
    print(f"pyarrow {pyarrow.__version__}, polars {polars.__version__}: {sys.argv[1]} done")
