#!/usr/bin/env python3
"""The files that the suite `tables` reads, the same on every machine: made once, outside the tree, and held to their
digests each time.

    table_data.py DIR
"""

import hashlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

ROWS = 1_000_000
#: JSON lines are twice as long as CSV; a quarter of the rows is enough.
LINES = 250_000
RIGHT_ROWS = 100_000
PICTURES = 10_000
CLASSES = 10
SMALL_FILES = 100_000

CITIES = "Aarhus Basel Cusco Dakar Essen Fargo Ghent Haifa Izmir Jena Kyoto Lyon Malmo Nancy Osaka Porto Quito Riga Sofia Turin".split()
KINDS = "debit credit transfer refund".split()
WORDS = (
    "alpha bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar papa quebec romeo "
    "sierra tango uniform victor whiskey yankee").split()
COLUMNS = "id account amount balance rate score quantity flag city kind day at note code visits".split()

#: SHA-256 of each file.
DIGESTS = {
    "events.csv": "5b695f3433add6945ca3daeb109845969d6d841e02bb0c1cccdc5212fa78d285",
    "events.jsonl": "f6e97ae95c9c40fbb9c69201efe3f52036cfe052fd17a4445e32a5186f100c0a",
    "left.csv": "0c798aa15c55e053fbdb3240d263679400e05ef61880cb5ffa401ce51cd3a1b0",
    "right.csv": "a3ea4490a0d464a3988ac8ed0d2c5e783c6fe2f96016f39df295b5f228d216a2",
}


def numbers(stream: int, count: int) -> np.ndarray:
    """64 random bits for each row: SplitMix64 (G. Steele, D. Lea, C. Flood: "Fast splittable pseudorandom number
    generators", OOPSLA 2014) of the row's number in a stream, whatever the version of numpy."""
    with np.errstate(over="ignore"):
        z = (np.arange(1, count + 1, dtype=np.uint64) + np.uint64(stream << 40)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def below(limit: int, stream: int, count: int) -> list[int]:
    return (numbers(stream, count) % np.uint64(limit)).tolist()


def decimal(hundredths: int, places: int) -> str:
    """As programs write numbers: without zeros at the end, but for one."""
    sign, digits = "-" if hundredths < 0 else "", f"{abs(hundredths):0{places + 1}}"
    return f"{sign}{digits[:-places]}.{digits[-places:].rstrip('0') or '0'}"


def date(days: int) -> str:
    return str(np.datetime64("1970-01-01") + days)


def events(count: int) -> Iterator[tuple[str, ...]]:
    """Rows of payments: integers, numbers of few and of many digits, a boolean, texts of few and of many values, some
    with commas and quotes, a date, a time; a thirtieth and a twentieth of two columns is null."""
    days = [date(day) for day in range(16_436, 16_436 + 3650)]
    draws = [below(limit, stream, count) for stream, limit in enumerate((
        9 * 10**9, 3000, 3000, 10**8, 10**6, 30, 2 * 10**9, 200, 2, len(CITIES), len(KINDS), len(days),
        1000 * 86_400, len(WORDS)**6, 50, 2**48, 10**6, 20))]
    for row, (account, a, b, balance, rate, no_rate, score, quantity, flag, city, kind, day, at, note, quoted, code,
              visits, no_visits) in enumerate(zip(*draws)):
        words = []
        for _ in range(6):
            note, word = divmod(note, len(WORDS))
            words.append(WORDS[word])
        text = " ".join(words)
        clock = at % 86_400
        yield (
            str(row + 1), str(10**9 + account), decimal(a * b // 7 + 100, 2), decimal(balance - 5 * 10**7, 4),
            "" if no_rate == 0 else decimal(rate, 6), decimal(score - 10**9, 9), str(quantity),
            "true" if flag else "false", "City of " + CITIES[city], KINDS[kind], days[day],
            f"{days[at // 86_400]}T{clock // 3600:02}:{clock // 60 % 60:02}:{clock % 60:02}",
            f'{text}, "so said" they' if quoted == 0 else text, f"{code:012x}", "" if no_visits == 0 else str(visits))


def csv_field(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if "," in text or '"' in text else text


def events_csv() -> Iterator[str]:
    yield ",".join(COLUMNS) + "\n"
    for row in events(ROWS):
        yield ",".join(row[:12]) + "," + csv_field(row[12]) + "," + ",".join(row[13:]) + "\n"


def events_jsonl() -> Iterator[str]:
    texts = {"city", "kind", "day", "at", "note", "code"}

    def value(name: str, text: str) -> str:
        if name in texts:
            return '"' + text.replace('"', '\\"') + '"'
        return text or "null"

    for row in events(LINES):
        yield "{" + ",".join(f'"{name}":{value(name, text)}' for name, text in zip(COLUMNS, row)) + "}\n"


def right_keys() -> list[tuple[int, int, str]]:
    """Of each row of the right table a key that lies close to the others, one that does not, and a text."""
    order = np.argsort(numbers(40, RIGHT_ROWS), kind="stable").tolist()
    scattered = (numbers(41, RIGHT_ROWS) >> np.uint64(4)).tolist()
    return [(close, far, f"key-{far % 10**10:010}-{close}") for close, far in zip(order, scattered)]


def left_csv() -> Iterator[str]:
    """A million rows whose keys are those of the right table; of `half` every other one is none of them."""
    right = right_keys()
    draws = [below(limit, 42 + i, ROWS) for i, limit in enumerate((RIGHT_ROWS, 2, 10**9, 24))]
    absent = (numbers(50, ROWS) >> np.uint64(4)).tolist()
    yield "close,scattered,text,half,few,x,n\n"
    for row, (place, is_absent, x, few) in enumerate(zip(*draws)):
        close, far, text = right[place]
        yield f"{close},{far},{text},{absent[row] if is_absent else far},{WORDS[few]},{decimal(x, 6)},{row}\n"


def right_csv() -> Iterator[str]:
    amounts = below(10**8, 60, RIGHT_ROWS)
    yield "close,scattered,text,v,label\n"
    for (close, far, text), amount in zip(right_keys(), amounts):
        yield f"{close},{far},{text},{decimal(amount, 2)},{WORDS[amount % 24]} {WORDS[amount // 24 % 24]}\n"


FILES: dict[str, Callable[[], Iterator[str]]] = {
    "events.csv": events_csv, "events.jsonl": events_jsonl, "left.csv": left_csv, "right.csv": right_csv}


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def make(folder: Path) -> None:
    """All files, each made if it is not there as it should be.

    Raises ValueError for one that cannot be made so."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in FILES.items():
        path = folder / name
        if path.exists() and digest(path) == DIGESTS[name]:
            continue
        print(f"making {path}", flush=True)
        draft = path.with_suffix(".new")
        with draft.open("w", buffering=1 << 20) as file:
            file.writelines(lines())
        found = digest(draft)
        if found != DIGESTS[name]:
            raise ValueError(f"{draft}: its SHA-256 is {found}, expected {DIGESTS[name]}")
        draft.rename(path)


def small_files(folder: Path) -> None:
    """A hundred folders of a thousand texts each, all different."""
    if (folder / "complete").exists():
        return
    print(f"making {folder}", flush=True)
    for number in range(SMALL_FILES):
        path = folder / f"{number // 1000:02}" / f"{number:05}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"text {number}: {' '.join(WORDS[number * k % 24] for k in range(1, 30))}\n")
    (folder / "complete").touch()


def pictures(folder: Path) -> None:
    """PNG files of 64x64 pixels in folders of their class: waves of two colours, and noise of two bits, so that they
    are as hard to pack as photographs are."""
    from PIL import Image

    if (folder / "complete").exists():
        return
    print(f"making {folder}", flush=True)
    y, x = np.mgrid[0:64, 0:64]
    for number in range(PICTURES):
        path = folder / f"class-{number % CLASSES}" / f"{number:05}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        waves = np.stack([x * (number % 7 + 1), y * (number % 5 + 1), (x + y) * (number % 3 + 1)], axis=-1)
        noise = (numbers(100 + number, 64 * 64 * 3) & np.uint64(3)).reshape(64, 64, 3).astype(np.int64)
        Image.fromarray(((waves + noise + number) % 256).astype(np.uint8)).save(path)
    (folder / "complete").touch()


if __name__ == "__main__":
    make(Path(sys.argv[1]))
