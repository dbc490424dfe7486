"""The verdicts themselves: `make bench` runs these before it measures."""

import tempfile
import unittest
from pathlib import Path

from judging import count, judge, median_interval
from measuring import Sample

NOWHERE = Path("/nonexistent")


def walls(*values: float) -> list[Sample]:
    return [Sample(wall=value, cpu=value) for value in values]


class JudgingTests(unittest.TestCase):
    def word(self, target: dict, **sides: list[Sample]) -> str:
        return judge({"quantity": "wall", **target}, sides, {}, NOWHERE).word

    def test_the_median_of_the_rounds_ratios_is_judged_not_the_ratio_of_medians(self):
        sluice, ninja = walls(1, 2, 30, 4, 5, 6, 7, 8, 9), walls(1, 2, 3, 4, 5, 6, 7, 8, 9)
        verdict = judge(
            {"quantity": "wall", "ratio": "sluice / ninja", "at_most": 1}, {"sluice": sluice, "ninja": ninja}, {}, NOWHERE)
        self.assertEqual((verdict.word, verdict.value), ("PASS", 1))

    def test_a_bound_from_above_and_one_from_below(self):
        self.assertEqual(self.word({"of": "a", "at_most": 2}, a=walls(*[2.0] * 9)), "PASS")
        self.assertEqual(self.word({"of": "a", "at_most": 2}, a=walls(*[2.2] * 9)), "MISS")
        self.assertEqual(self.word({"of": "a", "at_least": 2}, a=walls(*[2.0] * 9)), "PASS")
        self.assertEqual(self.word({"of": "a", "at_least": 2}, a=walls(*[1.8] * 9)), "MISS")

    def test_a_tie_lies_wholly_within_three_percent_of_the_target(self):
        self.assertEqual(self.word({"of": "a", "at_least": 100}, a=walls(*[98.0] * 9)), "TIE")
        wide = [80.0, 81, 82, 98, 98, 98, 99, 99, 99]
        self.assertEqual(self.word({"of": "a", "at_least": 100}, a=walls(*wide)), "MISS")
        self.assertEqual(self.word({"of": "a", "at_most": 100}, a=walls(*[102.0] * 9)), "TIE")

    def test_a_minimum_is_judged_on_the_minima_and_is_never_a_tie(self):
        target = {"ratio": "a / b", "statistic": "minimum", "at_most": 3}
        self.assertEqual(self.word(target, a=walls(3, 90, 90), b=walls(7, 1, 7)), "PASS")
        self.assertEqual(self.word(target, a=walls(3.01, 3.01, 3.01), b=walls(1, 1, 1)), "MISS")

    def test_a_limit_needs_its_page_and_a_machine_that_cannot_reach_the_bound(self):
        with tempfile.TemporaryDirectory() as folder:
            target = {"quantity": "wall", "of": "a", "at_least": 2, "limit": "page.md", "machine": "rate"}
            sides = {"a": walls(*[1.0] * 9)}
            self.assertEqual(judge(target, sides, {"rate": 1.25}, Path(folder)).word, "MISS")
            (Path(folder) / "page.md").touch()
            self.assertEqual(judge(target, sides, {"rate": 2.5}, Path(folder)).word, "MISS")
            verdict = judge(target, sides, {"rate": 1.25}, Path(folder))
            self.assertEqual((verdict.word, verdict.note), ("LIMIT", "80% of rate, see page.md"))

    def test_the_interval_of_nine_is_from_the_second_to_the_eighth(self):
        self.assertEqual(median_interval([9, 8, 7, 6, 5, 4, 3, 2, 1]), (2, 8))
        self.assertEqual(median_interval([3, 1, 2]), (1, 3))

    def test_the_last_line_counts_every_verdict(self):
        self.assertEqual(count(["PASS", "MISS", "PASS"]), "2 PASS, 0 TIE, 1 MISS, 0 LIMIT, 0 N/A")


if __name__ == "__main__":
    unittest.main()
