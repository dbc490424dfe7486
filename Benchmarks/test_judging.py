"""The verdicts themselves: `make bench` runs these before it measures."""

import tempfile
import unittest
from pathlib import Path

from judging import Verdict, count, judge, median_interval, told
from measuring import Sample
from turns import in_turn

NOWHERE = Path("/nonexistent")


def walls(*values: float) -> list[Sample]:
    return [Sample(wall=value, cpu=value) for value in values]


class TurnsTests(unittest.TestCase):
    def test_each_round_has_every_side_and_every_other_one_is_backwards(self):
        told, cores = [], [0, 1]

        def side(name: str):
            return lambda number: told.append((number, name, cores[0])) or number

        samples = in_turn({"a": side("a"), "b": side("b")}, 3, cores=cores)
        self.assertEqual(samples, {"a": [1, 2, 3], "b": [1, 2, 3]})
        self.assertEqual([name for _, name, _ in told], ["b", "a", "a", "b", "b", "a", "a", "b"])
        self.assertEqual([core for _, _, core in told], [0, 0, 1, 1, 1, 1, 0, 0])

    def test_rounds_go_on_for_the_span_and_no_longer_than_the_most(self):
        self.assertEqual(len(in_turn({"a": lambda _: 0}, 2, 7, span=60)["a"]), 7)
        self.assertEqual(len(in_turn({"a": lambda _: 0}, 2, 7, span=0)["a"]), 2)


class JudgingTests(unittest.TestCase):
    def word(self, target: dict, **sides: list[Sample]) -> str:
        return judge({"quantity": "wall", **target}, sides, NOWHERE).word

    def test_the_median_of_the_rounds_ratios_is_judged_not_the_ratio_of_medians(self):
        sluice, ninja = walls(1, 2, 30, 4, 5, 6, 7, 8, 9), walls(1, 2, 3, 4, 5, 6, 7, 8, 9)
        verdict = judge(
            {"quantity": "wall", "ratio": "sluice / ninja", "at_most": 1}, {"sluice": sluice, "ninja": ninja}, NOWHERE)
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

    def test_a_limit_needs_its_page_and_a_machine_that_cannot_reach_the_bound_and_that_ours_comes_near_it(self):
        target = {"quantity": "wall", "ratio": "a / b", "at_least": 2, "limit": "page.md", "share": 0.9}

        def verdict(a: float, machine: float, folder: Path) -> tuple[str, str]:
            sides = {"a": walls(*[a] * 9), "b": walls(*[10.0] * 9), "bound": walls(*[machine] * 9)}
            it = judge(target, sides, folder)
            return it.word, it.note

        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            self.assertEqual(verdict(15, 16, folder)[0], "MISS")
            (folder / "page.md").touch()
            told = "94% of the machine's rate, with which it would be 1.6, see page.md"
            self.assertEqual(verdict(15, 16, folder), ("LIMIT", told))
            self.assertEqual(verdict(14, 16, folder)[0], "MISS")
            alone = {"quantity": "wall", "of": "a", "at_least": 2, "limit": "page.md", "share": 0.9}
            for machine, word in ((1.6, "LIMIT"), (2.1, "MISS")):
                sides = {"a": walls(*[0.92 * machine] * 9), "bound": walls(*[machine] * 9)}
                self.assertEqual(judge(alone, sides, folder).word, word)
            self.assertEqual(verdict(15, 13.5, folder)[0], "MISS")
            self.assertEqual(verdict(19, 20, folder)[0], "MISS")
            self.assertEqual(verdict(20, 16, folder), ("PASS", ""))

    def test_a_limit_is_judged_by_the_rounds_of_this_run(self):
        target = {"quantity": "wall", "ratio": "a / b", "at_least": 2, "limit": "page.md", "share": 0.9}
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "page.md").touch()
            slow, fast = [10.0] * 5, [20.0] * 4
            sides = {"a": walls(*slow, *fast), "b": walls(*slow, *fast), "bound": walls(*[10.5] * 5, *[21.0] * 4)}
            self.assertEqual(judge(target, sides, Path(folder)).word, "LIMIT")

    def test_where_the_other_ratio_misses_the_bound_nothing_is_asked(self):
        target = {"ratio": "a / a, 1", "where": "b / b, 1", "at_least": 1.85}
        ones = {"a, 1": walls(*[1.0] * 9), "b, 1": walls(*[1.0] * 9)}
        for ours, others, word in ((1.9, 1.9, "PASS"), (1.7, 1.85, "MISS"), (1.7, 1.8, "N/A"), (1.9, 1.8, "N/A")):
            self.assertEqual(self.word(target, a=walls(*[ours] * 9), b=walls(*[others] * 9), **ones), word)
        verdict = judge(
            {"quantity": "wall", **target}, {"a": walls(*[1.7] * 9), "b": walls(*[1.8] * 9), **ones}, NOWHERE)
        self.assertEqual((verdict.value, verdict.note), (1.7, "since b / b, 1 is 1.8"))

    def test_a_verdict_is_told_in_a_line(self):
        target = {"name": "peak", "quantity": "wall", "ratio": "a / b", "at_most": 1}
        verdict = judge(target, {"a": walls(*[1.0] * 9), "b": walls(*[2.0] * 9)}, NOWHERE)
        self.assertEqual(told(target, verdict), "PASS  peak: 0.5 [0.5, 0.5], target <= 1")

    def test_what_cannot_be_measured_is_told_without_a_number(self):
        target = {"name": "peak", "at_most": 1}
        self.assertEqual(told(target, Verdict("N/A", None, None, "no such file")), "N/A   peak: target <= 1 no such file")

    def test_the_interval_of_nine_is_from_the_second_to_the_eighth(self):
        self.assertEqual(median_interval([9, 8, 7, 6, 5, 4, 3, 2, 1]), (2, 8))
        self.assertEqual(median_interval([3, 1, 2]), (1, 3))

    def test_the_last_line_counts_every_verdict(self):
        self.assertEqual(count(["PASS", "MISS", "PASS"]), "2 PASS, 0 TIE, 1 MISS, 0 LIMIT, 0 N/A")


if __name__ == "__main__":
    unittest.main()
