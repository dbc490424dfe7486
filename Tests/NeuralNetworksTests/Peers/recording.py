"""How a case is computed and written: in float64 from float32 values, rounded to float32 at the end."""

import json
import math
from pathlib import Path

import torch
from safetensors.torch import save_file

HERE = Path(__file__).parent


def begin() -> None:
    """Before each case, so that none depends on the others."""
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(20261128)


def single(tensor: torch.Tensor) -> torch.Tensor:
    """The same values as float32 holds them, for further use in float64."""
    return tensor.float().double()


def normal(*shape: int, scale: float = 1.0) -> torch.Tensor:
    return single(torch.randn(*shape) * scale)


def fill(module: torch.nn.Module) -> torch.nn.Module:
    """Every parameter and running statistic away from 0 and 1, so that a forgotten one shows."""
    module.double()
    with torch.no_grad():
        for name, value in [*module.named_parameters(), *module.named_buffers()]:
            if not value.is_floating_point():
                continue
            if value.dim() > 1:
                value.copy_(normal(*value.shape, scale=1 / math.sqrt(value[0].numel())))
            elif name.endswith("running_var"):
                value.copy_(single(0.5 + torch.rand(*value.shape)))
            elif name.endswith("weight"):
                value.copy_(single(1 + 0.2 * torch.randn(*value.shape)))
            else:
                value.copy_(normal(*value.shape, scale=0.2))
    return module


def write(name: str, tensors: dict[str, torch.Tensor], config: dict) -> None:
    out = {}
    for key, value in tensors.items():
        value = value.detach()
        out[key] = (value.float() if value.is_floating_point() else value).contiguous().clone()
    told = json.dumps({"torch": torch.__version__, **config}, sort_keys=True)
    # One entry alone: the writer gives several in any order.
    save_file(out, HERE / f"{name}.safetensors", metadata={"config": told})


def state(module: torch.nn.Module, prefix: str = "") -> dict[str, torch.Tensor]:
    return {prefix + k: v.clone() for k, v in module.state_dict().items() if v.is_floating_point()}


def record(name: str, module: torch.nn.Module, inputs: dict[str, torch.Tensor], call=None, config: dict | None = None) -> None:
    """Parameters, inputs, output, a fixed random grad_output, and the gradient of their product in all that has one.

    `call(module, **inputs)` gives the output, or a dictionary whose "output" it is. What training changes of the
    state stands under "after.".
    """
    before = state(module)
    leaves = {k: v.clone().requires_grad_(v.is_floating_point()) for k, v in inputs.items()}
    result = module(*leaves.values()) if call is None else call(module, **leaves)
    outputs = result if isinstance(result, dict) else {"output": result}
    output = outputs["output"]
    grad_output = normal(*output.shape) if output.dim() > 0 else torch.ones(())
    output.backward(grad_output)
    grads = {f"grad.{k}": v.grad for k, v in [*leaves.items(), *module.named_parameters()] if v.grad is not None}
    after = {f"after.{k}": v for k, v in state(module).items() if not torch.equal(v, before[k])}
    write(name, {**before, **inputs, **outputs, "grad_output": grad_output, **grads, **after}, config or {})


class Free(torch.nn.Module):
    """A function without parameters."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *inputs):
        return self.function(*inputs)
