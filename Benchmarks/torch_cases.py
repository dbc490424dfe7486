"""What PyTorch does in the suite `tensor`, each case in all the ways it may be fastest."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

torch.set_num_threads(1)
torch.set_grad_enabled(False)


@dataclass
class Case:
    #: As tensor-bench calls it.
    name: str
    #: Of one go, in `unit`.
    operations: float
    unit: str
    #: Makes the ways, by name.
    make: Callable[[], dict[str, Callable[[], object]]]
    #: A probe of tensor-bench that bounds it, and what one go of that does.
    bound: str | None = None
    bound_operations: float = 0


def versions() -> dict[str, str]:
    return {"torch": torch.__version__, "threads": str(torch.get_num_threads())}


def cases() -> list[Case]:
    return products()


def products() -> list[Case]:
    def square(n: int) -> Case:
        return Case(f"gemm {n}", 2 * n**3, "GFLOP/s", lambda: product(n, n, n), "probe fma", 2**30)

    return [square(n) for n in (64, 128, 256, 512, 1024, 2048)] + [
        Case("gemm 8192x64x256", 2 * 8192 * 64 * 256, "GFLOP/s", lambda: product(8192, 64, 256)),
        Case("gemm batch 256x64", 2 * 256 * 64**3, "GFLOP/s", lambda: batch(256, 64)),
        Case("gemm batch 1024x16", 2 * 1024 * 16**3, "GFLOP/s", lambda: batch(1024, 16)),
    ]


def product(m: int, k: int, n: int) -> dict:
    a, b, c = torch.randn(m, k), torch.randn(k, n), torch.empty(m, n)
    return {"eager": lambda: torch.mm(a, b, out=c)}


def batch(count: int, n: int) -> dict:
    a, b, c = (torch.randn(count, n, n) for _ in range(3))
    return {"eager": lambda: torch.bmm(a, b, out=c)}
