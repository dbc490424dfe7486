"""Makes cases.json: rows held to Table Schemas by Frictionless, for FrictionlessTests.swift.

Usage: pip install frictionless==5.21.0; python make.py [--check]
With --check it writes nothing and fails when cases.json would change.
"""

import csv
import io
import json
import sys
from pathlib import Path

import frictionless
from frictionless import Checklist, Detector, Resource, Schema

frictionless.system.trusted = True
PLACE = Path(__file__).with_name("cases.json")


def field(type_, format_=None, **more):
    constraints = more.pop("constraints", None)
    made = {"name": "a", "type": type_}
    if format_:
        made["format"] = format_
    made.update(more)
    if constraints:
        made["constraints"] = constraints
    return made


def one(label, made, values, **schema):
    """A case of one field: each value is a row, beside a field that numbers it."""
    schema = {"fields": [{"name": "n", "type": "integer"}, made], **schema}
    return label, schema, [["n", "a"]] + [[str(i), v] for i, v in enumerate(values)]


CASES = [
    one("integer", field("integer"), ["1", "-7", "+3", "1.5", "x", "", "007", "1e3"]),
    one("number", field("number"), ["1", "1.5", "-.5", "1e-3", "x", "", "INF", "-INF", "1,5"]),
    one("boolean", field("boolean"), ["true", "True", "TRUE", "1", "false", "0", "yes", "", "tRue"]),
    one("date", field("date"), ["2024-02-29", "2023-02-29", "2024-1-1", "01/02/2024", "", "2024-01-01T00:00:00"]),
    one("datetime", field("datetime"), ["2024-01-01T08:00:00", "2024-01-01T08:00:00Z", "2024-01-01", "x", ""]),
    one("year", field("year"), ["2024", "24", "20245", "x", ""]),
    one("yearmonth", field("yearmonth"), ["2024-05", "2024-13", "2024", "x", ""]),
    one("object", field("object"), ['{"a": 1}', "[1]", "{", "x", ""]),
    one("array", field("array"), ["[1, 2]", '{"a": 1}', "[", "x", ""]),
    one("pattern of dates", field("date", "%d/%m/%Y"), ["31/12/2024", "1/2/2024", "12/31/2024", "2024-01-01", "30/02/2024", ""]),
    one("digits of dates", field("date", "%Y%m%d"), ["20240229", "20230229", "19991231", "199912311", "x"]),
    one("names of months", field("date", "%d %B %Y"), ["3 March 2024", "03 march 2024", "3 Mar 2024", "31 June 2024"]),
    one("short names", field("date", "%d-%b-%y"), ["03-Mar-24", "3-mar-68", "03-Mrz-24", "03-Mar-2024"]),
    one("pattern of times", field("datetime", "%d/%m/%Y %H:%M"), ["12/11/2018 09:15", "12/11/2018 24:15", "12/11/2018 9:5", "12/11/2018"]),
    one("twelve hours", field("datetime", "%m/%d/%Y %I:%M:%S %p"), ["01/02/2024 12:05:00 AM", "01/02/2024 13:05:00 PM", "01/02/2024 01:05:00 pm"]),
    one("decimalChar", field("number", decimalChar=",", groupChar="."), ["1.234,5", "1234,5", "12", "x"]),
    one("groupChar", field("integer", groupChar=","), ["100,000", "1", "x"]),
    one("bareNumber", field("number", bareNumber=False), ["95%", "EUR 95.5", "$ 3", "-3 C", "none"]),
    one("bare integer", field("integer", bareNumber=False), ["95%", "EUR 95", "none"]),
    one("trueValues", field("boolean", trueValues=["yes", "y"], falseValues=["no"]), ["yes", "y", "no", "true", "1", ""]),
    one("email", field("string", "email"), ["a@example.com", "a.b+c@sub.example.org", "a@", "a", ""]),
    one("uri", field("string", "uri"), ["http://example.com/a?b=c", "https://example.com", "example", "a b", ""]),
    one("uuid", field("string", "uuid"), ["123e4567-e89b-12d3-a456-426614174000", "123e4567", "x", ""]),
    one("required", field("string", constraints={"required": True}), ["a", "", "NA"]),
    one("unique", field("string", constraints={"unique": True}), ["a", "b", "a", "", "", "c", "a"]),
    one("minimum", field("integer", constraints={"minimum": 2, "maximum": 5}), ["1", "2", "5", "6", "", "x"]),
    one("minimum of dates", field("date", constraints={"minimum": "2024-01-01", "maximum": "2024-12-31"}), ["2023-12-31", "2024-01-01", "2024-12-31", "2025-01-01"]),
    one("minimum of numbers", field("number", constraints={"minimum": 0.5}), ["0.4", "0.5", "1e9"]),
    one("minimum of years", field("year", constraints={"minimum": 2000}), ["1999", "2000", "2001"]),
    one("lengths", field("string", constraints={"minLength": 2, "maxLength": 3}), ["a", "ab", "abc", "abcd", "äöü", ""]),
    one("lengths of arrays", field("array", constraints={"minLength": 1, "maxLength": 2}), ["[]", "[1]", "[1, 2]", "[1, 2, 3]"]),
    one("pattern", field("string", constraints={"pattern": "[a-c]+[0-9]?"}), ["a", "abc1", "abd", "a1b", "A", ""]),
    one("enum", field("string", constraints={"enum": ["x", "y"]}), ["x", "y", "z", "X", ""]),
    one("enum of integers", field("integer", constraints={"enum": [1, 2]}), ["1", "2", "3", "x"]),
    one("enum of dates", field("date", constraints={"enum": ["2024-01-01"]}), ["2024-01-01", "2024-01-02"]),
    one("missingValues", field("integer"), ["1", "NA", "-", "", "x"], missingValues=["NA", "-"]),
    one("missing but required", field("integer", constraints={"required": True}), ["1", "NA", ""], missingValues=["NA", ""]),
    one("missing in one field", field("integer", missingValues=["-"]), ["1", "-", "NA"], missingValues=["NA"]),
    (
        "primaryKey",
        {"fields": [{"name": "a"}, {"name": "b", "type": "integer"}], "primaryKey": ["a", "b"]},
        [["a", "b"], ["x", "1"], ["x", "2"], ["y", "1"], ["x", "1"], ["y", "2"]],
    ),
    (
        "several fields",
        {
            "fields": [
                {"name": "id", "type": "integer", "constraints": {"required": True, "unique": True}},
                {"name": "when", "type": "date", "format": "%d.%m.%Y"},
                {"name": "price", "type": "number", "constraints": {"minimum": 0}},
            ]
        },
        [["id", "when", "price"], ["1", "1.2.2024", "3"], ["1", "1.2.2024", "3"], ["2", "x", "-1"], ["", "3.2.2024", ""], ["3", "2.2.2024", "1.5"]],
    ),
]

# Tables that it describes: their schemas must be readable.
DESCRIBED = [
    [["id", "name", "born", "ok"], ["1", "english", "2000-01-01", "true"], ["2", "中国人", "2001-05-05", "false"]],
    [["x", "t", "j"], ["1.5", "2024-01-01T00:00:00", '{"a": 1}'], ["2", "2024-01-02T00:00:00", '{"b": 2}']],
]


def text(rows):
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def judged(schema, rows):
    resource = Resource(text(rows).encode(), format="csv", schema=Schema.from_descriptor(schema))
    report = resource.validate(Checklist(skip_errors=["blank-row"]))
    faults = set()
    for error in report.task.errors:
        row = getattr(error, "row_number", None)
        if row is None:
            raise SystemExit(f"not about a row: {error}")
        faults.add((row, getattr(error, "field_name", None) or ""))
    return [{"row": row, "field": name} for row, name in sorted(faults)]


def described(rows):
    resource = Resource(text(rows).encode(), format="csv", detector=Detector(sample_size=1000))
    resource.infer()
    return resource.schema.to_descriptor()


cases = [
    {"label": label, "schema": schema, "csv": text(rows), "faults": judged(schema, rows)}
    for label, schema, rows in CASES
]
made = json.dumps(
    {
        "frictionless": frictionless.__version__,
        "cases": cases,
        "described": [{"csv": text(rows), "schema": described(rows)} for rows in DESCRIBED],
    },
    indent=1,
    ensure_ascii=False,
) + "\n"
if "--check" in sys.argv:
    if PLACE.read_text() != made:
        raise SystemExit(f"{PLACE} is not what frictionless {frictionless.__version__} says")
else:
    PLACE.write_text(made)
    print(f"{len(cases)} cases by frictionless {frictionless.__version__}")
