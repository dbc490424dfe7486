#!/usr/bin/env python3
"""The others' side of the suite `prepare`: scikit-learn, polars and pandas (peer_loop.py).

    prepare_peers.py INPUTS OUTPUTS THREADS
"""

import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

from peer_loop import Case, answer_all, summary

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import sklearn
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

#: As Preparing.swift has them.
NUMBERS = ["amount", "balance", "rate", "score", "quantity", "visits"]
LEVELS = ["city", "kind"]


class Inputs:
    def __init__(self, inputs: str):
        self.inputs = Path(inputs)

    @cache
    def events(self) -> pl.DataFrame:
        return pl.read_csv(self.inputs / "events.csv", try_parse_dates=True)

    @cache
    def pandas(self) -> pd.DataFrame:
        """Texts as pandas has them when it reads the file."""
        return pd.read_csv(self.inputs / "events.csv", usecols=NUMBERS + LEVELS + ["flag"])


def cases(inputs: Inputs) -> list[Case]:
    return [*features(inputs), *filters(inputs)]


def features(inputs: Inputs) -> list[Case]:
    """Median, standard scale and one-hot, to one matrix of doubles."""
    names = NUMBERS + [f"{column}={level}" for column in LEVELS for level in sorted(inputs.events()[column].unique())]

    def scikit_learn() -> Callable:
        frame = inputs.pandas()
        transformer = ColumnTransformer([
            ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), NUMBERS),
            ("levels", OneHotEncoder(sparse_output=False), LEVELS)])
        return lambda: transformer.fit_transform(frame)

    def polars() -> Callable:
        frame = inputs.events()

        def work() -> np.ndarray:
            filled = frame.select(pl.col(name).fill_null(pl.col(name).median()).cast(pl.Float64) for name in NUMBERS)
            scaled = filled.select((pl.col(name) - pl.col(name).mean()) / pl.col(name).std(ddof=0) for name in NUMBERS)
            levels = [
                (pl.col(column) == level).cast(pl.Float64).alias(f"{column}={level}")
                for column in LEVELS for level in sorted(frame[column].unique())]
            return scaled.hstack(frame.select(levels)).to_numpy()

        return work

    def checked(matrix: np.ndarray) -> pa.Table:
        return pa.table({name: np.ascontiguousarray(matrix[:, place]) for place, name in enumerate(names)})

    return [Case(name, make, checked=checked, is_rounded=True)
            for name, make in (("scikit-learn features dense", scikit_learn), ("polars features dense by hand", polars))]


def filters(inputs: Inputs) -> list[Case]:
    """The rows whose numbers all lie within Tukey's fences."""
    def polars() -> Callable:
        frame = inputs.events().select(NUMBERS)

        def work() -> pl.DataFrame:
            def within(name: str) -> pl.Expr:
                low, high = (pl.col(name).quantile(q, "linear") for q in (0.25, 0.75))
                reach = 1.5 * (high - low)
                return (pl.col(name).is_null() | pl.col(name).is_between(low - reach, high + reach))

            return frame.filter(*(within(name) for name in NUMBERS))

        return work

    def pandas() -> Callable:
        frame = inputs.pandas()[NUMBERS]

        def work() -> pd.DataFrame:
            quartiles = frame.quantile([0.25, 0.75])
            low, high = quartiles.loc[0.25], quartiles.loc[0.75]
            reach = 1.5 * (high - low)
            return frame[~((frame < low - reach) | (frame > high + reach)).any(axis=1)]

        return work

    def checked(result: pd.DataFrame) -> pa.Table:
        schema = pa.schema([(name, pa.int64() if name in ("quantity", "visits") else pa.float64()) for name in NUMBERS])
        return pa.Table.from_pandas(result, schema, preserve_index=False)

    return [Case("polars iqr filter", polars), Case("pandas iqr filter", pandas, checked=checked)]


def versions() -> dict[str, str]:
    return {"scikit-learn": sklearn.__version__, "polars": pl.__version__, "pandas": pd.__version__, "numpy": np.__version__}


def summary_of_file(path: str) -> str:
    raise ValueError(path)


if __name__ == "__main__":
    answer_all(cases(Inputs(sys.argv[1])), versions(), summary_of_file)
