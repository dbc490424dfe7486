"""Verdicts: what was measured against the bounds of targets.yaml."""

import math
from dataclasses import dataclass
from pathlib import Path
from statistics import median

#: How far below the target the lower bound of the 95% interval may lie for a TIE.
TIE = 0.97


@dataclass
class Verdict:
    word: str
    value: float
    #: 95% interval of the median; None for a minimum, which has none.
    interval: tuple[float, float] | None
    #: Why a row is LIMIT or N/A.
    note: str = ""


def median_interval(values: list[float]) -> tuple[float, float]:
    """The distribution-free 95% interval of the median: the order statistics
    k and n + 1 - k with the largest k for which P(Binomial(n, 1/2) < k) <= 2.5%.

    Below 6 values no such k exists; the whole range is given.
    """
    ordered, n = sorted(values), len(values)
    k, tail = 0, 0.0
    while tail + math.comb(n, k) / 2**n <= 0.025:
        tail += math.comb(n, k) / 2**n
        k += 1
    k = max(k, 1)
    return ordered[k - 1], ordered[n - k]


def series(target: dict, samples: dict[str, list]) -> tuple[list[float], list[float] | None]:
    """The rounds' values of the measured side, and of the other one of a ratio."""
    def values(side: str) -> list[float]:
        return [getattr(sample, target["quantity"]) for sample in samples[side]]

    if "of" in target:
        return values(target["of"]), None
    above, below = target["ratio"].split(" / ")
    return values(above), values(below)


def judge(target: dict, samples: dict[str, list], machine: dict, root: Path) -> Verdict:
    above, below = series(target, samples)
    at_most = "at_most" in target
    bound = target["at_most"] if at_most else target["at_least"]

    def score(value: float) -> float:
        """1 where the target is just met, more where it is met with room."""
        return bound / value if at_most else value / bound

    interval = None
    if target.get("statistic", "median") == "minimum":
        value = min(above) / min(below) if below else min(above)
        word = "PASS" if score(value) >= 1 else "MISS"
    else:
        rounds = [a / b for a, b in zip(above, below, strict=True)] if below else above
        value, interval = median(rounds), median_interval(rounds)
        if score(value) >= 1:
            word = "PASS"
        else:
            word = "TIE" if min(map(score, interval)) >= TIE else "MISS"
    if word == "MISS" and "limit" in target:
        return _limited(target, value, interval, machine, root, score)
    return Verdict(word, value, interval)


def _limited(target, value, interval, machine, root, score) -> Verdict:
    """LIMIT only if the page exists and this run's own measurement of the
    machine says that the bound cannot be reached on it."""
    bound = machine[target["machine"]]
    if not (root / target["limit"]).exists() or score(bound) >= 1:
        return Verdict("MISS", value, interval)
    near = score(value) / score(bound)
    return Verdict("LIMIT", value, interval, f"{near:.0%} of {target['machine']}, see {target['limit']}")


def count(words: list[str]) -> str:
    return ", ".join(f"{words.count(word)} {word}" for word in ("PASS", "TIE", "MISS", "LIMIT", "N/A"))
