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
    #: Of one go, in `unit`; where that is ms or µs, the time of one go is told.
    operations: float
    unit: str
    #: Makes the ways, by name; a text says why there is none.
    make: Callable[[], dict[str, Callable[[], object] | str]]
    #: Probes of tensor-bench the fastest of which bounds it, and what one go of them does.
    bounds: tuple[str, ...] = ()
    bound_operations: float = 0
    #: A probe of what the inner loop can do by itself, and what one go of it does.
    loop: str = ""
    loop_operations: float = 0
    #: Ours has as many; the peer is measured with 1 and with as many.
    threads: int = 1
    #: At least.
    rounds: int = 15
    #: How the names of those sides begin whose fastest ours is held against.
    peer: str = "torch"
    #: Makes one of the ways, in a process of its own whose memory is measured.
    make_one: Callable[[str], Callable[[], object]] | None = None

    @property
    def alone(self) -> str:
        """Our case of the same work on one thread."""
        return self.name.removesuffix(f" {self.threads} threads")


def attempt(make: Callable) -> Callable[[], object] | str:
    """What `make` gives, or why it cannot: not every machine has a compiler."""
    try:
        return make()
    except Exception as error:
        return f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"


def versions() -> dict[str, str]:
    return {"torch": torch.__version__}


def streams(shape: str) -> tuple[str, ...]:
    """The machine's ways to read so many floats and write as many."""
    return (f"C loop stream {shape}", f"C loop stream {shape} past the caches")


def forget_compiled() -> None:
    """PyTorch compiles one function for eight models and numbers of threads, and then, with a word of
    warning, goes on with it as it comes: what is compiled must be forgotten, and going on is an error."""
    torch._dynamo.reset()
    torch._dynamo.config.fail_on_recompile_limit_hit = True


def use(threads: int) -> None:
    torch.set_num_threads(threads)


def cases() -> list[Case]:
    return products() + convolutions() + vectors() + pools() + attention() + shared()


def products() -> list[Case]:
    def square(n: int) -> Case:
        loop = {"loop": "probe tiles", "loop_operations": 128 * 2 * 12 * 1024 * 256} if n == 1024 else {}
        return Case(f"gemm {n}", 2 * n**3, "GFLOP/s", lambda: product(n, n, n), ("probe fma",), 2**30, **loop)

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


def shared() -> list[Case]:
    """What two threads share."""
    return [
        *(Case(f"product {n} 2 threads", 2 * n**3, "GFLOP/s", lambda n=n: product(n, n, n), threads=2) for n in (512, 1024, 2048)),
        *passes("convolution 3x3", 32, 56, 32, 64, 3, pad=1, threads=2),
        *passes("convolution 1x1", 32, 56, 64, 128, 1, threads=2),
        *passes("convolution depthwise 3x3", 32, 56, 128, 128, 3, pad=1, groups=128, threads=2),
    ]


def convolutions() -> list[Case]:
    return [
        *passes("conv 3x3", 32, 56, 32, 64, 3, pad=1),
        *passes("conv 1x1", 32, 56, 64, 128, 1),
        *passes("depthwise 3x3", 32, 56, 128, 128, 3, pad=1, groups=128, bounds=streams("32x56x56x128")),
        *passes("conv 3x3 of 256", 8, 14, 256, 256, 3, pad=1),
        *passes("conv 3x3 stride 2", 32, 56, 64, 128, 3, stride=2, pad=1),
        *passes("cnn first", 128, 28, 1, 32, 3, with_input=False),
        *passes("cnn second", 128, 26, 32, 64, 3),
    ]


def passes(
    name: str, images: int, size: int, channels: int, outputs: int, kernel: int, stride: int = 1, pad: int = 0,
    groups: int = 1, with_input: bool = True, threads: int = 1, bounds: tuple[str, ...] = (),
) -> list[Case]:
    """Forward, which `bounds` bound, and backward to the input and to the weights."""
    out = (size + 2 * pad - kernel) // stride + 1
    operations = 2 * images * out**2 * outputs * kernel**2 * channels // groups

    def operands(layout: torch.memory_format) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        x = torch.randn(images, channels, size, size)
        w = torch.randn(outputs, channels // groups, kernel, kernel)
        dy = torch.randn(images, outputs, out, out)
        return tuple(it.contiguous(memory_format=layout) for it in (x, w, dy))

    def forward(layout: torch.memory_format) -> Callable:
        x, w, _ = operands(layout)
        return lambda: torch.nn.functional.conv2d(x, w, None, stride, pad, 1, groups)

    def backward(layout: torch.memory_format, mask: list[bool]) -> Callable:
        x, w, dy = operands(layout)
        return lambda: torch.ops.aten.convolution_backward(
            dy, x, w, None, [stride] * 2, [pad] * 2, [1, 1], False, [0, 0], groups, mask
        )

    layouts = {"eager": torch.contiguous_format, "channels last": torch.channels_last}

    def case(name: str, make: Callable, bounds: tuple[str, ...] = ()) -> Case:
        name += f" {threads} threads" if threads > 1 else ""
        return Case(
            name, operations, "GFLOP/s", lambda: {way: make(it) for way, it in layouts.items()}, bounds, operations,
            threads=threads)

    every = [
        case(name, forward, bounds),
        case(f"{name}, to the input", lambda it: backward(it, [True, False, False])),
        case(f"{name}, to the weights", lambda it: backward(it, [False, True, False])),
    ]
    return every if with_input else [every[0], every[2]]


def vectors() -> list[Case]:
    def each(name: str, *ways: Callable) -> Case:
        return Case(f"{name} 1M", 1 << 20, "G/s", lambda: {f"eager {i}": way() for i, way in enumerate(ways)}, streams("1M"), 1 << 20)

    def gelu(approximate: str) -> Callable:
        x = torch.randn(1 << 20)
        return lambda: torch.nn.functional.gelu(x, approximate=approximate)

    def into(function: Callable) -> Callable:
        x, y = torch.randn(1 << 20), torch.empty(1 << 20)
        return lambda: function(x, out=y)

    def plainly(function: Callable) -> Callable:
        x = torch.randn(1 << 20)
        return lambda: function(x)

    def rows(name: str, make: Callable, *shapes: tuple[int, int]) -> list[Case]:
        return [Case(f"{name} {m}x{n}", m * n, "G/s", lambda m=m, n=n: make(m, n)) for m, n in shapes]

    sixteen_million = 1 << 24
    return [
        each("exp", lambda: into(torch.exp), lambda: plainly(torch.exp)),
        each("tanh", lambda: into(torch.tanh), lambda: plainly(torch.tanh)),
        each("gelu", lambda: gelu("none")),
        each("gelu-tanh", lambda: gelu("tanh")),
        *rows("softmax", softmax, (4096, 1024), (128, 128)),
        Case("layer norm 4096x1024", 1 << 22, "G/s", lambda: layer_norm(4096, 1024), streams("4096x1024"), 1 << 22),
        *rows("layer norm", layer_norm, (128, 1024), (128, 128)),
        Case("add 64 MB", sixteen_million, "G/s", add, ("C loop add 64 MB",), sixteen_million),
        Case("sum 64 MB", sixteen_million, "G/s", total, ("C loop sum 64 MB",), sixteen_million),
    ]


def softmax(m: int, n: int) -> dict:
    x, y = torch.randn(m, n), torch.empty(m, n)
    return {"eager": lambda: torch.softmax(x, 1), "into": lambda: torch.softmax(x, 1, out=y)}


def layer_norm(m: int, n: int) -> dict:
    x, gamma, beta = torch.randn(m, n), torch.ones(n), torch.zeros(n)
    return {"eager": lambda: torch.nn.functional.layer_norm(x, (n,), gamma, beta)}


def add() -> dict:
    a, b, c = (torch.randn(1 << 24) for _ in range(3))
    return {"into": lambda: torch.add(a, b, out=c)}


def total() -> dict:
    x = torch.randn(1 << 24)
    return {"eager": lambda: torch.sum(x)}


def pools() -> list[Case]:
    """Counted in elements of x."""
    elements = 32 * 64 * 56 * 56
    return [
        Case("max pool 2x2 of 32x64x56x56", elements, "G/s", lambda: max_pool(2, 0)),
        Case("max pool 3x3 of 32x64x56x56", elements, "G/s", lambda: max_pool(3, 1)),
    ]


def max_pool(window: int, pad: int) -> dict:
    x = torch.randn(32, 64, 56, 56)
    last = x.contiguous(memory_format=torch.channels_last)

    def pool(x: torch.Tensor) -> Callable:
        return lambda: torch.nn.functional.max_pool2d(x, window, 2, pad)

    return {"channels last": pool(last), "channels first": pool(x)}


def attention() -> list[Case]:
    """Counted in operations of the products: two of them forward, five backward."""
    one = 16 * 2 * 512 * 512 * 64
    return [
        Case("attention 16x512x64", 2 * one, "GFLOP/s", attention_forward),
        Case("attention gradient 16x512x64", 5 * one, "GFLOP/s", attention_gradient),
    ]


def attention_forward() -> dict:
    q, k, v = (torch.randn(1, 16, 512, 64) for _ in range(3))
    return {"eager": lambda: torch.nn.functional.scaled_dot_product_attention(q, k, v)}


def attention_gradient() -> dict:
    with torch.enable_grad():
        q, k, v = (torch.randn(1, 16, 512, 64, requires_grad=True) for _ in range(3))
        y = torch.nn.functional.scaled_dot_product_attention(q, k, v)
    dy = torch.randn(1, 16, 512, 64)
    return {"eager": lambda: torch.autograd.grad(y, (q, k, v), dy, retain_graph=True)}
