#!/usr/bin/env python3
"""The suite `prepare`: our cleaning and features beside scikit-learn, polars and pandas.

Run it by `make bench SUITE=prepare`. Exits 0 without a MISS, 1 with one, 2 when
something could not be measured or the sides do not make the same.
"""

import sys

from sides import Case, Suite, run


def cases() -> list[Case]:
    return [
        *Case.on_one_and_two("features dense", "scikit-learn"),
        *Case.on_one_and_two("features dense by hand", "polars", memory=True),
        *Case.on_one_and_two("iqr filter", "polars", "pandas"),
    ]


if __name__ == "__main__":
    sys.exit(run(Suite(
        name="prepare", about=__doc__, binary="table-bench", peers="prepare_peers.py", cases=cases(),
        programs=lambda *_: {}, tell=lambda *_: None, inputs={})))
