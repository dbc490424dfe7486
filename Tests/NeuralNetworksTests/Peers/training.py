"""Losses, optimizers, schedules, clipping, averages."""

import json

import torch
from torch import nn

from recording import HERE, Free, normal, record, single, write


def training() -> dict:
    return {**losses(), **optimizers(), **clipping(), **averages(), "schedules": schedules}


def losses() -> dict:
    f = nn.functional

    def classes(weighted: bool, smoothing: float):
        def run(name: str):
            weight = single(0.5 + torch.rand(5)) if weighted else None
            inputs = {"input": normal(6, 5, scale=2), "target": torch.tensor([0, 4, 1, 1, 3, 4])}
            if weighted:
                inputs["weight"] = weight

            def call(module, input, target, weight=None):
                weight = None if weight is None else weight.detach()
                return f.cross_entropy(input, target, weight=weight, label_smoothing=smoothing)

            record(name, Free(None), inputs, call, {"label_smoothing": smoothing})

        return run

    def two(function, target, config=None):
        def run(name: str):
            record(name, Free(None), {"input": normal(4, 6, scale=1.5), "target": target()},
                   lambda module, input, target: function(input, target.detach()), config)

        return run

    def binary(name: str):
        weight = single(0.5 + torch.rand(6))
        inputs = {"input": normal(4, 6, scale=2), "target": coins(), "pos_weight": weight}
        record(name, Free(None), inputs, lambda module, input, target, pos_weight: f.binary_cross_entropy_with_logits(
            input, target.detach(), pos_weight=pos_weight.detach()))

    def coins():
        return torch.randint(0, 2, (4, 6)).double()

    def focal(input, target, alpha=0.25, gamma=2.0):
        """Lin et al., 2017: "Focal Loss for Dense Object Detection", equation 5, of a sigmoid; mean over elements."""
        p = torch.sigmoid(input)
        right = torch.where(target == 1, p, 1 - p)
        share = torch.where(target == 1, alpha, 1 - alpha)
        entropy = f.binary_cross_entropy_with_logits(input, target, reduction="none")
        return (share * (1 - right) ** gamma * entropy).mean()

    def quantile(input, target):
        """Koenker, Bassett, 1978: "Regression Quantiles", at 0.9."""
        distance = target - input
        return torch.maximum(0.9 * distance, (0.9 - 1) * distance).mean()

    numbers = lambda: normal(4, 6, scale=1.5)
    counts = lambda: torch.randint(0, 9, (4, 6)).double()
    return {
        "loss-cross-entropy": classes(False, 0),
        "loss-cross-entropy-smoothing": classes(False, 0.1),
        "loss-cross-entropy-weights": classes(True, 0),
        "loss-cross-entropy-weights-smoothing": classes(True, 0.1),
        "loss-binary": two(f.binary_cross_entropy_with_logits, coins),
        "loss-binary-weights": binary,
        "loss-focal": two(focal, coins, {"alpha": 0.25, "gamma": 2}),
        "loss-mse": two(f.mse_loss, numbers),
        "loss-mae": two(f.l1_loss, numbers),
        "loss-huber": two(lambda x, y: f.huber_loss(x, y, delta=0.7), numbers, {"delta": 0.7}),
        "loss-quantile": two(quantile, numbers, {"quantile": 0.9}),
        "loss-poisson": two(lambda x, y: f.poisson_nll_loss(x, y, log_input=True, full=False), counts),
    }


def optimizers() -> dict:
    """`parameters` and `gradients` have a step a row; row 0 of `parameters` is after the first step."""
    steps = 5

    def one(make, **options):
        def run(name: str):
            start = normal(3, 4)
            parameter = nn.Parameter(start.clone())
            optimizer = make([parameter], **options)
            gradients, taken = normal(steps, 3, 4), []
            for gradient in gradients:
                parameter.grad = gradient.clone()
                optimizer.step()
                taken.append(parameter.detach().clone())
            write(name, {"start": start, "gradients": gradients, "parameters": torch.stack(taken)}, options)

        return run

    o = torch.optim
    return {
        "optimizer-sgd": one(o.SGD, lr=0.1, weight_decay=0.01),
        "optimizer-momentum": one(o.SGD, lr=0.1, momentum=0.9, weight_decay=0.01),
        "optimizer-nesterov": one(o.SGD, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
        "optimizer-adam": one(o.Adam, lr=0.01, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01),
        "optimizer-adamw": one(o.AdamW, lr=0.01, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.05),
        "optimizer-rmsprop": one(o.RMSprop, lr=0.01, alpha=0.99, eps=1e-8, weight_decay=0.01),
    }


def clipping() -> dict:
    def one(limit: float):
        def run(name: str):
            parameters = [nn.Parameter(torch.zeros(*shape)) for shape in ((3, 4), (5,), (2, 2, 2))]
            before = {}
            for index, parameter in enumerate(parameters):
                parameter.grad = normal(*parameter.shape)
                before[f"gradient.{index}"] = parameter.grad.clone()
            norm = nn.utils.clip_grad_norm_(parameters, limit)
            after = {f"clipped.{index}": p.grad for index, p in enumerate(parameters)}
            write(name, {**before, **after, "norm": norm}, {"max_norm": limit})

        return run

    return {"clip-above": one(1.5), "clip-below": one(100.0)}


def averages() -> dict:
    """`averages` row by row after each update with a row of `parameters`."""

    def one(config: dict, **options):
        def run(name: str):
            model = nn.Linear(4, 3, bias=False).double()
            average = torch.optim.swa_utils.AveragedModel(model, **options)
            series, taken = normal(5, 3, 4), []
            for row in series:
                with torch.no_grad():
                    model.weight.copy_(row)
                average.update_parameters(model)
                taken.append(average.module.weight.detach().clone())
            write(name, {"parameters": series, "averages": torch.stack(taken)}, config)

        return run

    decaying = torch.optim.swa_utils.get_ema_multi_avg_fn(0.9)
    return {"average-equal": one({}), "average-decaying": one({"decay": 0.9}, multi_avg_fn=decaying)}


def schedules(_: str) -> None:
    """schedules.json: the rate of each step, from the first one on."""
    s = torch.optim.lr_scheduler

    def rates(make, count: int, base: float = 0.1, metrics: list | None = None) -> list:
        optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=base)
        schedule, out = make(optimizer), []
        for step in range(count):
            out.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.step() if metrics is None else schedule.step(metrics[step])
        return out

    metrics = [1.0, 0.8, 0.79999, 0.81, 0.85, 0.9, 0.7, 0.71, 0.72, 0.7, 0.7, 0.7, 0.7, 0.69, 0.69]
    told = {
        "step": ({"base": 0.1, "step_size": 4, "gamma": 0.5}, rates(lambda o: s.StepLR(o, 4, 0.5), 14)),
        "linear-warm-up": (
            {"base": 0.1, "start_factor": 0.1, "total_iters": 5},
            rates(lambda o: s.LinearLR(o, start_factor=0.1, total_iters=5), 10)),
        "cosine": (
            {"base": 0.1, "T_max": 10, "eta_min": 0.001}, rates(lambda o: s.CosineAnnealingLR(o, 10, 0.001), 11)),
        "one-cycle": (
            {"max_lr": 0.1, "total_steps": 20, "pct_start": 0.3, "div_factor": 25, "final_div_factor": 1e4, "anneal": "cos"},
            rates(lambda o: s.OneCycleLR(o, 0.1, total_steps=20), 20)),
        "plateau": (
            {"base": 0.1, "factor": 0.5, "patience": 2, "threshold": 1e-4, "threshold_mode": "rel", "mode": "min",
             "metrics": metrics},
            rates(lambda o: s.ReduceLROnPlateau(o, factor=0.5, patience=2), 15, metrics=metrics)),
    }
    lines = ",\n".join(
        json.dumps(name) + ": " + json.dumps({**config, "rates": values}) for name, (config, values) in told.items())
    (HERE / "schedules.json").write_text("{\n" + lines + "\n}\n")
