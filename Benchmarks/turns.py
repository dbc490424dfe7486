"""Sides measured in turn, so that what a neighbour does to one it does to all."""

import time
from collections.abc import Callable


def in_turn(
    sides: dict[str, Callable[[int], object]], least: int, most: int | None = None, span: float = 0,
    cores: list[int] | None = None,
) -> dict[str, list]:
    """The samples of each side: one unjudged round first; then all sides in turn, every other round backwards, for
    `span` seconds: `least` rounds at least, `most` at most (or `least`). After every second round the cores, where
    some are given, change places, for a neighbour may have one of them; of the sides each is as often the first one
    there, to which the core is new."""
    samples = {side: [] for side in sides}
    order = list(sides.items())
    end = time.monotonic() + span
    for number in range((most or least) + 1):
        if number > least and time.monotonic() > end:
            break
        if cores and number % 2:
            cores.reverse()
        for side, once in order if number % 4 < 2 else reversed(order):
            sample = once(number)
            if number > 0:
                samples[side].append(sample)
    return samples
