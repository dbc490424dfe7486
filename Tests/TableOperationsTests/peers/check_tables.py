"""Holds our joins, groups, windows and expressions against polars.

Usage: check_tables.py FOLDER
FOLDER has left.arrow and right.arrow, and what we made of them, one file an
operation. Rows must be the same in the same order; numbers within 1e-12 of one
another, since polars adds up in an order of its own. Prints the version.
"""

import sys

import polars as pl
from polars.testing import assert_frame_equal

folder = sys.argv[1]


def read(name):
    frame = pl.read_ipc(f"{folder}/{name}.arrow")
    return frame.with_columns(pl.col(pl.Categorical).cast(pl.String))


left, right = read("left"), read("right")
problems = []


def check(name, expected):
    ours = read(name)
    try:
        expected = expected.select(ours.columns)
        expected = expected.cast({c: t for c, t in ours.schema.items() if t.is_integer()})
        assert_frame_equal(ours, expected, rel_tol=1e-12, abs_tol=1e-12)
    except Exception as error:  # every operation is looked at
        problems.append(f"{name}: {error}")


keys = ["a", "b"]
right_values = right.rename({"v": "v_right"})
for how in ["inner", "left"]:
    check(f"join-{how}", left.join(right_values, on=keys, how=how, maintain_order="left_right"))
check("join-anti", left.join(right, on=keys, how="anti", maintain_order="left"))

times = right.select("a", since=pl.col("t"), w=pl.col("w")).drop_nulls("since").sort("since")
for strategy in ["backward", "forward", "nearest"]:
    for tolerance in [None, 8]:
        joined = left.sort("t", maintain_order=True).join_asof(
            times, left_on="t", right_on="since", by="a", strategy=strategy, tolerance=tolerance,
            check_sortedness=False, coalesce=False)
        check(f"{strategy}-{tolerance or 'any'}", joined)

value = pl.col("v")
seen = value.count() > 0
check("groups", left.group_by(keys, maintain_order=True).agg(
    rows=pl.len(), values=value.count(), sum=pl.when(seen).then(value.sum()), mean=value.mean(),
    min=value.min(), max=value.max(), first=value.first(), last=value.last(),
    unique=value.drop_nulls().n_unique(), std=value.std(), var=value.var(), median=value.median(),
    q=value.quantile(0.3, interpolation="linear"), total=pl.col("t").sum()))

for name, closed in [("before", "left"), ("instant", "both")]:
    # polars wants the rows in order of time; ours are in it.
    by_row = (
        left.with_columns(
            n=pl.len().rolling("t", period="9i", closed=closed).over("c"),
            sum=pl.when(value.count().rolling("t", period="9i", closed=closed).over("c") > 0)
            .then(value.sum().rolling("t", period="9i", closed=closed).over("c")),
            max=value.max().rolling("t", period="9i", closed=closed).over("c"),
        ))
    check(name, by_row)

a, t = pl.col("a"), pl.col("t")
check("expressions", left.select(
    sum=t + a, ratio=pl.when(a != 0).then(t / a), product=value * 2 - t, both=(a > 1) & (value > 0.5),
    either=(a > 1) | (value > 0.5), none=~(a > 1), inside=a.is_in([1, 3]), near=t.is_between(5, 50),
    choice=pl.when((a > 1).fill_null(False)).then(value).otherwise(t), other=pl.coalesce(a, t),
    size=pl.col("b").str.len_chars(), upper=pl.col("b").str.to_uppercase(),
    part=pl.col("b").str.slice(1, 2), has=pl.col("b").str.contains("a", literal=True),
    less=pl.min_horizontal(a, t), text=t.cast(pl.String), root=(t * 1.0).sqrt(), down=value.floor(),
    year=pl.col("d").dt.year(), month=pl.col("d").dt.month(), weekday=pl.col("d").dt.weekday()))

print("polars", pl.__version__)
for problem in problems:
    print(problem)
sys.exit(1 if problems else 0)
