"""PyTorch's side of the steps of training: gradients to zero, forward, cross-entropy, backward, AdamW."""

from collections.abc import Callable

import torch
from torch import nn

import torch_models as models
from torch_cases import Case, attempt


def cases() -> list[Case]:
    def pictures(channels: int, side: int) -> Callable:
        return lambda rows: torch.randn(rows, channels, side, side)

    def sequences(length: int, width: int) -> Callable:
        return lambda rows: torch.randn(rows, length, width)

    def on_one_and_two(name: str, *what, **options) -> list[Case]:
        return [case(name, *what, **options), case(f"{name} 2 threads", *what, threads=2, **options)]

    def recurrent(width: int, rows: int) -> list[Case]:
        return on_one_and_two(
            f"gru h{width} b{rows} step", lambda: models.Recurrent(width), sequences(64, width), rows)

    flat = lambda rows: torch.randn(rows, 64)
    return [
        *on_one_and_two("mlp step b64", models.mlp, flat, 64),
        *on_one_and_two("mlp step b256", models.mlp, flat, 256),
        *on_one_and_two("cnn step b64", models.cnn, pictures(1, 28), 64, images=True),
        *on_one_and_two("encoder 128 step", lambda: models.Encoder(128, 4, 4), sequences(128, 128), 16),
        case("encoder 512 step", lambda: models.Encoder(512, 8, 8), sequences(128, 512), 16, rounds=9),
        *on_one_and_two("efficientnet step", models.efficientnet, pictures(3, 64), 8, images=True),
        *recurrent(64, 32),
        *recurrent(128, 64),
        *recurrent(256, 64),
    ]


def case(name: str, model: Callable, data: Callable, rows: int, images: bool = False, **options) -> Case:
    def make_one(way: str) -> Callable:
        return step(model(), data(rows), **WAYS[way])

    ways = [way for way, how in WAYS.items() if images or "channels_last" not in how]
    make = lambda: {way: attempt(lambda: make_one(way)) for way in ways}
    return Case(name, 1, "ms", make, make_one=make_one, **options)


#: As PyTorch comes, then with what is said to make it faster; `channels_last` is of pictures.
WAYS = {
    "eager": {},
    "eager, fused": {"fused": True},
    "channels-last": {"channels_last": True},
    "channels-last, fused": {"channels_last": True, "fused": True},
    "compile, fused": {"compiled": True, "fused": True},
    "compile, channels-last, fused": {"compiled": True, "channels_last": True, "fused": True},
}


def step(
    model: nn.Module, x: torch.Tensor, compiled: bool = False, channels_last: bool = False, fused: bool = False
) -> Callable:
    """Ready to be measured: whatever it does only once, such as compiling, it has done."""
    if channels_last:
        model, x = model.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=fused)
    labels = torch.arange(len(x)) % models.CLASSES

    def loss(x):
        return nn.functional.cross_entropy(model(x), labels)

    forward = torch.compile(loss) if compiled else loss

    def work() -> None:
        optimizer.zero_grad()
        with torch.enable_grad():
            forward(x).backward()
        optimizer.step()

    work()
    work()
    return work
