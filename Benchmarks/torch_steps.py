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

    def recurrent(width: int, rows: int) -> Case:
        name = f"gru h{width} b{rows} step"
        return case(name, lambda: models.Recurrent(width), sequences(64, width), rows)

    flat = lambda rows: torch.randn(rows, 64)
    return [
        case("mlp step b64", models.mlp, flat, 64),
        case("mlp step b256", models.mlp, flat, 256),
        case("mlp step b64 2 threads", models.mlp, flat, 64, threads=2),
        case("mlp step b256 2 threads", models.mlp, flat, 256, threads=2),
        case("cnn step b64", models.cnn, pictures(1, 28), 64, images=True),
        case("encoder 128 step", lambda: models.Encoder(128, 4, 4), sequences(128, 128), 16),
        case("encoder 512 step", lambda: models.Encoder(512, 8, 8), sequences(128, 512), 16, rounds=9),
        case("efficientnet step", models.efficientnet, pictures(3, 64), 8, images=True),
        recurrent(64, 32),
        recurrent(128, 64),
        recurrent(256, 64),
    ]


def case(name: str, model: Callable, data: Callable, rows: int, images: bool = False, **options) -> Case:
    return Case(name, 1, "ms", lambda: ways(model, data, rows, images), **options)


def ways(model: Callable, data: Callable, rows: int, images: bool) -> dict:
    """As PyTorch comes, then with what is said to make it faster."""
    def one(**how) -> Callable | str:
        return attempt(lambda: step(model(), data(rows), **how))

    made = {"eager": one(), "eager, fused": one(fused=True)}
    if images:
        made["channels-last"] = one(channels_last=True)
        made["channels-last, fused"] = one(channels_last=True, fused=True)
    made["compile, fused"] = one(compiled=True, fused=True)
    if images:
        made["compile, channels-last, fused"] = one(compiled=True, channels_last=True, fused=True)
    return made


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
