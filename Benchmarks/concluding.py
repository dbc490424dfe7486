"""The end of a suite: verdicts told, results kept."""

import datetime
import json
import re
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import yaml

import judging

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent


def judge(suite: str, samples_of: Callable[[dict], dict[str, list] | str | None], result: dict) -> list[str]:
    """Tells the verdicts of a suite's targets and puts them into the result; their words.

    Of a target there are samples, or a text why there can be none (N/A), or nothing where it was not asked for."""
    words = []
    print()
    for target in yaml.safe_load((HERE / "targets.yaml").read_text())[suite]:
        samples = samples_of(target)
        if samples is None:
            continue
        if isinstance(samples, str):
            verdict = judging.Verdict("N/A", None, None, samples)
        else:
            verdict = judging.judge(target, samples, ROOT)
        words.append(verdict.word)
        print(judging.told(target, verdict))
        result["verdicts"].append({"target": target, **asdict(verdict)})
    return words


def keep(name: str, result: dict) -> None:
    """Writes the result into `results/`, named by the time."""
    folder = HERE / "results"
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-{datetime.datetime.now():%Y-%m-%dT%H%M%S}.json"
    path.write_text(with_lists_in_lines(json.dumps(result, indent=1)) + "\n")
    print(f"samples: {path.relative_to(ROOT)}")


def with_lists_in_lines(text: str) -> str:
    """JSON whose lists of numbers or names, one for each side of a case, take a line each."""
    return re.sub(r"\[[^][{}]*\]", lambda found: " ".join(found[0].split()), text)
