"""Opens files written by ArrowFile.write in pyarrow and polars.

Usage: check_arrow.py FILE EXPECTED
EXPECTED has one JSON object a line, {"name", "type", "values"}, with the
values as our side has them: numbers, texts, true and false, null; bytes in
hexadecimal, a date in days, a timestamp in microseconds since the epoch. FILE's columns must have
those types and values in both readers. Prints the readers' versions.
"""

import datetime
import json
import sys

import polars
import pyarrow
import pyarrow.ipc

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


def plain(value):
    if isinstance(value, datetime.datetime):
        return (value - EPOCH) // datetime.timedelta(microseconds=1)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime.date):
        return (value - EPOCH.date()).days
    return value


def check(reader, column, found_type, expected_type, values):
    if found_type != expected_type:
        sys.exit(f"{reader}: {column['name']}: type {found_type}, expected {expected_type}")
    found = [plain(value) for value in values]
    for row, (a, b) in enumerate(zip(found, column["values"], strict=True)):
        if a != b or type(a) is bool and type(b) is not bool:
            sys.exit(f"{reader}: {column['name']}, row {row}: {a!r}, expected {b!r}")


def main(path, expected_path):
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
    print(f"pyarrow {pyarrow.__version__}, polars {polars.__version__}: {len(names)} columns agree")


if __name__ == "__main__":
    main(*sys.argv[1:])
