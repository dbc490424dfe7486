"""One row at a time: ONNX Runtime, which is the peer here, and PyTorch beside it."""

import logging
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import onnxruntime
import torch
from torch import nn

import torch_models as models
from torch_cases import Case, attempt


def cases() -> list[Case]:
    def one(name: str, model: Callable, *shape: int) -> Case:
        return Case(f"{name} inference", 1, "µs", lambda: ways(model().eval(), torch.randn(1, *shape)), peer="onnxruntime")

    return [
        one("mlp", models.mlp, 64),
        one("cnn", models.cnn, 1, 28, 28),
        one("encoder 128", lambda: models.Encoder(128, 4, 4), 128, 128),
    ]


def versions() -> dict[str, str]:
    return {"onnxruntime": onnxruntime.__version__}


def ways(model: nn.Module, x: torch.Tensor) -> dict:
    return {
        "onnxruntime": attempt(lambda: runtime(model, x, is_bound=False)),
        "onnxruntime, bound": attempt(lambda: runtime(model, x, is_bound=True)),
        "eager": lambda: model(x),
        "compile": attempt(lambda: compiled(model, x)),
    }


def compiled(model: nn.Module, x: torch.Tensor) -> Callable:
    made = torch.compile(model)
    made(x)
    return lambda: made(x)


def runtime(model: nn.Module, x: torch.Tensor, is_bound: bool) -> Callable:
    """`is_bound`: input and output stay where they are, which spares their conversion in every call."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(exported(model, x), options, providers=["CPUExecutionProvider"])
    values = x.numpy()
    (mine,) = session.run(None, {"x": values})
    if not torch.allclose(torch.from_numpy(mine), model(x), rtol=1e-3, atol=1e-4):
        raise ValueError("the exported model gives other numbers")
    if not is_bound:
        return lambda: session.run(None, {"x": values})
    binding = session.io_binding()
    binding.bind_ortvalue_input("x", onnxruntime.OrtValue.ortvalue_from_numpy(values))
    binding.bind_ortvalue_output("y", onnxruntime.OrtValue.ortvalue_from_numpy(mine))
    return lambda: session.run_with_iobinding(binding)


def exported(model: nn.Module, x: torch.Tensor) -> bytes:
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder) / "model.onnx"
        torch.onnx.export(
            model, (x,), path, input_names=["x"], output_names=["y"], dynamo=True, external_data=False, verbose=False)
        return path.read_bytes()
