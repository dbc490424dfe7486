"""Verdicts: what was measured against the bounds of targets.yaml."""

import math
from dataclasses import dataclass
from pathlib import Path
from statistics import median

#: How far below the target the lower bound of the 95% interval may lie for a TIE.
TIE = 0.97
#: A machine's rate that ours exceeds by more than this was disturbed while it was measured.
DISTURBED = 1.1


@dataclass
class Verdict:
    word: str
    #: None where nothing was measured.
    value: float | None
    #: 95% interval of the median; None for a minimum, which has none.
    interval: tuple[float, float] | None
    #: Why a row is LIMIT or N/A, or how far a MISS is from a limit.
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


def rounds_of(target: dict, samples: dict[str, list], what: str) -> list[float]:
    """The rounds' values of a side, or of a ratio of two: "a" or "a / b"."""
    values = [[getattr(sample, target["quantity"]) for sample in samples[side]] for side in what.split(" / ")]
    return [above / below for above, below in zip(*values, strict=True)] if len(values) == 2 else values[0]


def minimum_of(target: dict, samples: dict[str, list], what: str) -> float:
    above, *below = (min(rounds_of(target, samples, side)) for side in what.split(" / "))
    return above / below[0] if below else above


def judge(target: dict, samples: dict[str, list], root: Path) -> Verdict:
    what = target.get("of") or target["ratio"]
    at_most = "at_most" in target
    bound = target["at_most"] if at_most else target["at_least"]

    def score(value: float) -> float:
        """1 where the target is just met, more where it is met with room."""
        return bound / value if at_most else value / bound

    if target.get("statistic", "median") == "minimum":
        value = minimum_of(target, samples, what)
        return Verdict("PASS" if score(value) >= 1 else "MISS", value, None)
    rounds = rounds_of(target, samples, what)
    value, interval = median(rounds), median_interval(rounds)
    if "where" in target:
        other = median(rounds_of(target, samples, target["where"]))
        if score(other) < 1:
            return Verdict("N/A", value, interval, f"since {target['where']} is {other:.4g}")
    if score(value) >= 1:
        return Verdict("PASS", value, interval)
    if min(map(score, interval)) >= TIE:
        return Verdict("TIE", value, interval)
    return _beside_the_machine(target, samples, root, score, Verdict("MISS", value, interval))


def _beside_the_machine(target, samples, root, score, missed: Verdict) -> Verdict:
    """LIMIT instead of MISS if there is a page, the side that shows what the
    machine can do would miss the bound too, and ours comes as near to that side
    as the target says; all by the rounds of this run."""
    if "limit" not in target:
        return missed
    side, *beside = (target.get("of") or target["ratio"]).split(" / ")
    share = median(rounds_of(target, samples, f"{side} / bound"))
    reached = median(rounds_of(target, samples, " / ".join(["bound", *beside])))
    note = f"{share:.0%} of the machine's rate, with which it would be {reached:.4g}"
    is_near = target["share"] <= share <= DISTURBED
    is_limit = (root / target["limit"]).exists() and is_near and score(reached) < 1
    return Verdict("LIMIT" if is_limit else "MISS", missed.value, missed.interval, f"{note}, see {target['limit']}")


def told(target: dict, verdict: Verdict) -> str:
    """A verdict in a line."""
    bound = f"<= {target['at_most']}" if "at_most" in target else f">= {target['at_least']}"
    interval = "" if verdict.interval is None else " [{:.4g}, {:.4g}]".format(*verdict.interval)
    value = "" if verdict.value is None else f" {verdict.value:.4g}{interval},"
    return f"{verdict.word:<5} {target['name']}:{value} target {bound} {verdict.note}".rstrip()


def count(words: list[str]) -> str:
    return ", ".join(f"{words.count(word)} {word}" for word in ("PASS", "TIE", "MISS", "LIMIT", "N/A"))
