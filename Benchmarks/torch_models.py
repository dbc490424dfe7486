"""The models of the cases of training and inference, as a user of PyTorch writes them; dropout is 0 everywhere."""

import torch
from torch import nn

CLASSES = 10


def mlp() -> nn.Module:
    return nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, CLASSES))


def cnn() -> nn.Module:
    """Of pictures 1 x 28 x 28; no padding: 28, 26, 24, pooled to 12, so 9216 features."""
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(64 * 12 * 12, 128), nn.ReLU(), nn.Linear(128, CLASSES))


class Encoder(nn.Module):
    """Norm first, GELU by erf, four times as wide inside, a norm at the end; the mean over positions is classified."""

    def __init__(self, width: int, heads: int, layers: int):
        super().__init__()
        layer = nn.TransformerEncoderLayer(
            width, heads, dim_feedforward=4 * width, dropout=0, activation="gelu", norm_first=True, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, layers, norm=nn.LayerNorm(width), enable_nested_tensor=False)
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x):
        return self.head(self.encoder(x).mean(1))


class Recurrent(nn.Module):
    """A GRU as wide as its input; its last state is classified."""

    def __init__(self, width: int):
        super().__init__()
        self.gru = nn.GRU(width, width, batch_first=True)
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x):
        return self.head(self.gru(x)[0][:, -1])


def convolution(channels: int, out: int, kernel: int, stride: int = 1, groups: int = 1, is_active: bool = True) -> nn.Module:
    layers = [nn.Conv2d(channels, out, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(out)]
    return nn.Sequential(*layers, *([nn.SiLU()] if is_active else []))


class MBConv(nn.Module):
    def __init__(self, channels: int, out: int, kernel: int, stride: int, ratio: int):
        super().__init__()
        wide, inner = channels * ratio, max(1, channels // 4)
        self.expand = convolution(channels, wide, 1) if ratio > 1 else nn.Identity()
        self.depthwise = convolution(wide, wide, kernel, stride, groups=wide)
        self.squeeze = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(wide, inner, 1), nn.SiLU(), nn.Conv2d(inner, wide, 1), nn.Sigmoid())
        self.project = convolution(wide, out, 1, is_active=False)
        self.is_residual = stride == 1 and channels == out

    def forward(self, x):
        y = self.depthwise(self.expand(x))
        y = self.project(y * self.squeeze(y))
        return x + y if self.is_residual else y


#: Tan, Le, 2019: "EfficientNet", table 1: ratio, kernel, stride, channels, times.
B0 = [(1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3), (6, 5, 1, 112, 3), (6, 5, 2, 192, 4), (6, 3, 1, 320, 1)]


def efficientnet() -> nn.Module:
    """EfficientNet-B0 whole: stem, 16 blocks, head to 1000 classes; 5.3 million parameters."""
    layers, channels = [convolution(3, 32, 3, 2)], 32
    for ratio, kernel, stride, out, times in B0:
        for index in range(times):
            layers.append(MBConv(channels, out, kernel, stride if index == 0 else 1, ratio))
            channels = out
    return nn.Sequential(
        *layers, convolution(channels, 1280, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1280, 1000))
