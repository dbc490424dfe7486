"""Blocks of several layers. Those that PyTorch itself does not have are written out after torchvision's."""

import torch
from torch import nn

from layers import causal
from recording import fill, normal, record


def blocks() -> dict:
    return {**encoders(), **mobile(), **residual()}


def encoders() -> dict:
    def layer(norm_first: bool, activation: str) -> nn.Module:
        return nn.TransformerEncoderLayer(
            8, 2, dim_feedforward=16, dropout=0, activation=activation, norm_first=norm_first, batch_first=True)

    def one(norm_first: bool, activation: str):
        def run(name: str):
            config = {"heads": 2, "norm_first": norm_first, "activation": activation, "eps": 1e-5}
            record(name, fill(layer(norm_first, activation)), {"input": normal(2, 5, 8)}, config=config)

        return run

    def stack(is_causal: bool, padded: bool):
        def call(module, input, key_padding_mask=None):
            return module(input, mask=causal(5) if is_causal else None, src_key_padding_mask=key_padding_mask)

        def run(name: str):
            inputs = {"input": normal(2, 5, 8)}
            if padded:
                inputs["key_padding_mask"] = torch.arange(5) >= torch.tensor([[5], [3]])
            config = {"heads": 2, "layers": 2, "norm_first": True, "activation": "gelu", "eps": 1e-5, "causal": is_causal}
            module = nn.TransformerEncoder(layer(True, "gelu"), 2, norm=nn.LayerNorm(8), enable_nested_tensor=False)
            record(name, fill(module), inputs, call, config)

        return run

    return {
        "encoder-layer": one(False, "relu"),
        "encoder-layer-gelu": one(False, "gelu"),
        "encoder-layer-norm-first": one(True, "relu"),
        "encoder-layer-norm-first-gelu": one(True, "gelu"),
        "encoder": stack(False, False),
        "encoder-causal": stack(True, False),
        "encoder-padding": stack(False, True),
    }


class ConvolutionNorm(nn.Module):
    def __init__(self, channels: int, out: int, kernel: int, stride: int = 1, groups: int = 1):
        super().__init__()
        self.conv = nn.Conv2d(channels, out, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(out)

    def forward(self, x):
        return self.norm(self.conv(x))


class Squeeze(nn.Module):
    """Hu, Shen, Sun, 2018: "Squeeze-and-Excitation Networks", with SiLU as EfficientNet has it."""

    def __init__(self, channels: int, inner: int):
        super().__init__()
        self.reduce = nn.Conv2d(channels, inner, 1)
        self.expand = nn.Conv2d(inner, channels, 1)

    def forward(self, x):
        mean = x.mean((2, 3), keepdim=True)
        return x * torch.sigmoid(self.expand(nn.functional.silu(self.reduce(mean))))


class MBConv(nn.Module):
    """Tan, Le, 2019: "EfficientNet"; the residual of equal shapes, without stochastic depth."""

    def __init__(self, channels: int, out: int, kernel: int, stride: int, ratio: int):
        super().__init__()
        wide = channels * ratio
        self.expand = ConvolutionNorm(channels, wide, 1) if ratio > 1 else None
        self.depthwise = ConvolutionNorm(wide, wide, kernel, stride, groups=wide)
        self.squeeze = Squeeze(wide, max(1, channels // 4))
        self.project = ConvolutionNorm(wide, out, 1)
        self.is_residual = stride == 1 and channels == out

    def forward(self, x):
        y = nn.functional.silu(self.expand(x)) if self.expand is not None else x
        y = self.project(self.squeeze(nn.functional.silu(self.depthwise(y))))
        return x + y if self.is_residual else y


def mobile() -> dict:
    def one(channels: int, out: int, kernel: int, stride: int, ratio: int, training=True):
        def run(name: str):
            config = {
                "in": channels, "out": out, "kernel_size": kernel, "stride": stride, "ratio": ratio,
                "squeeze": max(1, channels // 4), "eps": 1e-5, "momentum": 0.1, "training": training}
            module = fill(MBConv(channels, out, kernel, stride, ratio)).train(training)
            record(name, module, {"input": normal(2, channels, 6, 6)}, config=config)

        return run

    return {
        "mbconv": one(8, 8, 3, 1, 4),
        "mbconv-eval": one(8, 8, 3, 1, 4, training=False),
        "mbconv-stride": one(6, 10, 5, 2, 3),
        "mbconv-no-expansion": one(8, 5, 3, 1, 1),
    }


class BasicBlock(nn.Module):
    """He, Zhang, Ren, Sun, 2016: "Deep Residual Learning for Image Recognition", figure 2 left; names of torchvision."""

    def __init__(self, channels: int, out: int, stride: int):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.downsample = None
        if stride != 1 or channels != out:
            self.downsample = nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(y + (x if self.downsample is None else self.downsample(x)))


def residual() -> dict:
    def one(channels: int, out: int, stride: int):
        def run(name: str):
            config = {"in": channels, "out": out, "stride": stride, "eps": 1e-5, "momentum": 0.1, "training": True}
            record(name, fill(BasicBlock(channels, out, stride)), {"input": normal(2, channels, 6, 6)}, config=config)

        return run

    return {"residual-block": one(5, 5, 1), "residual-block-projection": one(4, 6, 2)}
