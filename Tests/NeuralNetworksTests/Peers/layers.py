"""Single layers: products, convolutions, norms, pooling, activations, attention, recurrence."""

import torch
from torch import nn

from recording import Free, fill, normal, record


def layers() -> dict:
    return {**products(), **convolutions(), **norms(), **pools(), **activations(), **attentions(), **recurrences()}


def products() -> dict:
    def linear(bias: bool, *batch: int):
        return lambda name: record(name, fill(nn.Linear(7, 5, bias=bias)), {"input": normal(*batch, 7)})

    def embedding(name: str):
        # 3 occurs three times, 9 never.
        places = torch.tensor([[3, 0, 3, 7], [1, 3, 8, 2]])
        record(name, fill(nn.Embedding(10, 6)), {"input": places})

    return {
        "linear": linear(True, 6),
        "linear-no-bias": linear(False, 6),
        "linear-three-axes": linear(True, 2, 3),
        "embedding": embedding,
    }


def convolutions() -> dict:
    def one(make, channels: int, out: int, size: tuple, **options):
        def run(name: str):
            config = {"in": channels, "out": out, **options}
            record(name, fill(make(channels, out, **options)), {"input": normal(2, channels, *size)}, config=config)

        return run

    line, plane = nn.Conv1d, nn.Conv2d
    return {
        "conv1d": one(line, 3, 4, (9,), kernel_size=3),
        "conv1d-stride-padding-dilation": one(line, 3, 4, (11,), kernel_size=3, stride=2, padding=2, dilation=2),
        "conv1d-groups": one(line, 4, 6, (8,), kernel_size=3, padding=1, groups=2),
        "conv2d": one(plane, 3, 4, (6, 7), kernel_size=3),
        "conv2d-same": one(plane, 3, 4, (6, 5), kernel_size=3, padding=1),
        "conv2d-no-bias": one(plane, 3, 4, (5, 5), kernel_size=3, padding=1, bias=False),
        "conv2d-1x1": one(plane, 5, 4, (4, 3), kernel_size=1),
        "conv2d-stride-padding": one(plane, 3, 5, (7, 8), kernel_size=3, stride=2, padding=1),
        "conv2d-uneven": one(plane, 2, 3, (9, 8), kernel_size=(5, 3), stride=(2, 1), padding=(2, 0), dilation=(1, 2)),
        "conv2d-dilation": one(plane, 3, 4, (8, 8), kernel_size=3, padding=2, dilation=2),
        "conv2d-groups": one(plane, 4, 6, (6, 6), kernel_size=3, padding=1, groups=2),
        "conv2d-depthwise": one(plane, 5, 5, (6, 7), kernel_size=3, padding=1, groups=5),
        "conv2d-depthwise-stride": one(plane, 6, 6, (7, 7), kernel_size=5, stride=2, padding=2, groups=6, bias=False),
    }


def norms() -> dict:
    def batch(make, training: bool, *shape: int):
        def run(name: str):
            config = {"eps": 1e-5, "momentum": 0.1, "training": training}
            module = fill(make(shape[1])).train(training)
            record(name, module, {"input": normal(*shape, scale=2) + 0.5}, config=config)

        return run

    def layer(name: str):
        record(name, fill(nn.LayerNorm(12)), {"input": normal(3, 4, 12, scale=2) + 0.5}, config={"eps": 1e-5})

    return {
        "batch-norm-1d-train": batch(nn.BatchNorm1d, True, 6, 5),
        "batch-norm-1d-eval": batch(nn.BatchNorm1d, False, 6, 5),
        "batch-norm-1d-length-train": batch(nn.BatchNorm1d, True, 3, 4, 7),
        "batch-norm-2d-train": batch(nn.BatchNorm2d, True, 3, 4, 5, 4),
        "batch-norm-2d-eval": batch(nn.BatchNorm2d, False, 3, 4, 5, 4),
        "layer-norm": layer,
    }


def pools() -> dict:
    def one(function, x=lambda: normal(2, 3, 7, 6), **config):
        return lambda name: record(name, Free(lambda t: function(t, **config)), {"input": x()}, config=config)

    most, mean = nn.functional.max_pool2d, nn.functional.avg_pool2d
    # Few values, so that windows have several largest: the first of them, row by row, gets the gradient.
    ties = lambda: torch.randint(0, 3, (2, 2, 6, 6)).double()
    return {
        "max-pool": one(most, kernel_size=2),
        "max-pool-padding": one(most, kernel_size=3, stride=2, padding=1),
        "max-pool-ties": one(most, ties, kernel_size=3, stride=2, padding=1),
        "average-pool": one(mean, kernel_size=2),
        "average-pool-padding": one(mean, kernel_size=3, stride=2, padding=1),
        "average-pool-padding-not-counted": one(mean, kernel_size=3, stride=2, padding=1, count_include_pad=False),
        "global-average-pool": lambda name: record(
            name, Free(lambda t: nn.functional.adaptive_avg_pool2d(t, 1)), {"input": normal(2, 3, 5, 4)}),
        "global-max-pool": lambda name: record(
            name, Free(lambda t: nn.functional.adaptive_max_pool2d(t, 1)), {"input": normal(2, 3, 5, 4)}),
    }


def activations() -> dict:
    def one(function):
        def run(name: str):
            # From where they saturate to where they are lines, on both sides, and 0 itself.
            far = torch.tensor([0.0, 1e-4, -1e-4, 1e-2, -1e-2, 9.0, -9.0, 20.0, -20.0, 80.0, -80.0])
            record(name, Free(function), {"input": torch.cat([far, normal(37, scale=2)]).float().double()})

        return run

    def rows(function):
        return lambda name: record(name, Free(lambda t: function(t, dim=-1)), {"input": normal(5, 9, scale=3)})

    f = nn.functional
    return {
        "relu": one(f.relu),
        "gelu": one(f.gelu),
        "gelu-tanh": one(lambda t: f.gelu(t, approximate="tanh")),
        "silu": one(f.silu),
        "tanh": one(torch.tanh),
        "sigmoid": one(torch.sigmoid),
        "softmax": rows(f.softmax),
        "log-softmax": rows(f.log_softmax),
    }


def causal(length: int) -> torch.Tensor:
    """True where a query (row) must not look at a key (column)."""
    return torch.ones(length, length, dtype=torch.bool).triu(1)


def attentions() -> dict:
    def one(batch: int, length: int, width: int, heads: int, is_causal=False, padded=False, cross=False):
        def call(module, input, memory=None, key_padding_mask=None):
            source = input if memory is None else memory
            return module(
                input, source, source, need_weights=False, key_padding_mask=key_padding_mask,
                attn_mask=causal(length) if is_causal else None)[0]

        def run(name: str):
            inputs = {"input": normal(batch, length, width)}
            if cross:
                inputs["memory"] = normal(batch, length + 3, width)
            if padded:
                # True: not looked at. The first row keeps all of its keys.
                inputs["key_padding_mask"] = torch.arange(length) >= torch.arange(length, 0, -2)[:batch, None]
            config = {"heads": heads, "causal": is_causal, "batch_first": True}
            record(name, fill(nn.MultiheadAttention(width, heads, batch_first=True)), inputs, call, config)

        return run

    return {
        "attention": one(2, 5, 12, 3),
        "attention-causal": one(2, 5, 12, 3, is_causal=True),
        "attention-padding": one(3, 6, 8, 2, padded=True),
        "attention-causal-padding": one(3, 6, 8, 2, is_causal=True, padded=True),
        "attention-cross": one(2, 4, 8, 2, cross=True),
        # Longer than a block of keys.
        "attention-long": one(1, 70, 16, 2),
        "attention-long-causal": one(1, 70, 16, 2, is_causal=True),
    }


def recurrences() -> dict:
    def one(layers: int, both: bool, starts: bool):
        def call(module, input, h0=None):
            output, last = module(input, h0)
            return {"output": output, "hidden": last}

        def run(name: str):
            inputs = {"input": normal(3, 7, 5)}
            if starts:
                inputs["h0"] = normal(layers * (2 if both else 1), 3, 6, scale=0.5)
            config = {"layers": layers, "bidirectional": both, "batch_first": True}
            module = nn.GRU(5, 6, num_layers=layers, bidirectional=both, batch_first=True)
            record(name, fill(module), inputs, call, config)

        return run

    return {
        "gru": one(1, False, False),
        "gru-started": one(1, False, True),
        "gru-two-layers": one(2, False, False),
        "gru-bidirectional": one(1, True, False),
    }
