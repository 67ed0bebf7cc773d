"""Fits an ensemble of small networks on pairs of frames, each member without some of the people.

A frame is always read against another moment of the same clip, as the product reads it against
neutral; any moment may be that other one, so a handful of clips gives many pairs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import nn

Array = np.ndarray
CAUTION_STEPS = 500


@dataclass(frozen=True)
class Recipe:
    """How the networks are fitted.

    Attributes:
        members: Networks, and parts into which the people are dealt.
        left_out: Parts that each member never sees: its own and the next ones.
        hidden: Units of each hidden layer.
        epochs: Passes.
        fresh_every: Passes after which pairs and their disturbance are drawn anew.
        batch: Pairs in a step.
        rate: Adam's first step size; it falls to nothing along a cosine.
        decay: Weight decay of the networks, not of the line.
        ridge: How strongly the line that everything starts from is held small.
        seed: Of everything random.
    """

    members: int = 10
    left_out: int = 3
    hidden: int = 48
    epochs: int = 40
    fresh_every: int = 10
    batch: int = 512
    rate: float = 3e-3
    decay: float = 0.1
    ridge: float = 0.03
    seed: int = 5

    @property
    def unseen(self) -> Array:
        """Which member never sees which part, shape (members, parts)."""
        member, part = np.mgrid[: self.members, : self.members]
        return (part - member) % self.members < self.left_out


@dataclass(frozen=True)
class Pairs:
    """Inputs of frames against reference moments.

    Attributes:
        inputs: Shape (n, inputs).
        at_neutral: The reference against itself, shape (n, inputs).
        targets: Shape (n, targets), degrees.
        part: Shape (n,), which part of the people each belongs to.
    """

    inputs: Array
    at_neutral: Array
    targets: Array
    part: Array


class Members(nn.Module):
    """The networks side by side; forward gives means and logarithms of deviations."""

    def __init__(self, recipe: Recipe, lines: Array) -> None:
        super().__init__()
        inputs, targets = lines.shape[1:]
        self.direct = nn.Parameter(torch.tensor(lines, dtype=torch.float32))
        sizes = [inputs, recipe.hidden, recipe.hidden, 2 * targets]
        shapes = list(pairwise(sizes))
        self.weights = nn.ParameterList(
            [torch.randn(recipe.members, a, b) / np.sqrt(a) for a, b in shapes]
        )
        self.biases = nn.ParameterList([torch.zeros(recipe.members, b) for _, b in shapes])
        with torch.no_grad():
            self.weights[-1].mul_(0.1)
            self.biases[-1][:, targets:] = 1.0

    def change(self, x: torch.Tensor, x0: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Means and logarithms of deviations, shape (members, n, targets) each."""
        targets = self.direct.shape[2]
        out, out0 = self(x), self(x0)
        mean = out[..., :targets] - out0[..., :targets] + (x - x0) @ self.direct
        return mean, out[..., targets:].clamp(-1.5, 3.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The networks without the line; shape (n, inputs) to (members, n, 2 * targets)."""
        hidden = x.expand(len(self.weights[0]), *x.shape)
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            hidden = torch.baddbmm(bias[:, None, :], hidden, weight)
            if layer < len(self.weights) - 1:
                hidden = torch.tanh(hidden)
        return hidden


def fit(
    draw: Callable[[np.random.Generator], Pairs],
    recipe: Recipe,
    beside: Mapping[str, Array],
) -> dict[str, Array]:
    """Fit the members.

    Args:
        draw: Fresh pairs, disturbed as real pictures are.
        recipe: How.
        beside: An earlier fit on quite other people, whose members go on answering, first; empty
            without one.

    Returns:
        Named arrays, as :class:`posture.pelvis.network.Ensemble` takes them; ``sd_scale`` is 1.
    """
    torch.manual_seed(recipe.seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng(recipe.seed)
    first = draw(rng)
    if beside:
        centre, spread = beside["centre"], beside["spread"]
    else:
        centre, spread = np.nanmean(first.inputs, axis=0), np.nanstd(first.inputs, axis=0)
        spread[spread < 1e-6] = 1.0
    targets = first.targets.shape[1]
    net = Members(recipe, _lines(first, spread, recipe))
    bent = [*net.weights, *net.biases]
    optimiser = torch.optim.AdamW(
        [
            {"params": bent, "weight_decay": recipe.decay},
            {"params": [net.direct], "weight_decay": 0.0, "lr": recipe.rate * 0.3},
        ],
        lr=recipe.rate,
    )
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, recipe.epochs)
    for epoch in range(recipe.epochs):
        if epoch % recipe.fresh_every == 0:
            pairs = first if epoch == 0 else draw(rng)
            x, x0 = (
                torch.tensor(np.nan_to_num((a - centre) / spread), dtype=torch.float32)
                for a in (pairs.inputs, pairs.at_neutral)
            )
            y = torch.tensor(pairs.targets, dtype=torch.float32)
            seen = torch.tensor(~recipe.unseen[:, pairs.part])
        for rows in torch.randperm(len(x)).split(recipe.batch):
            optimiser.zero_grad()
            loss = _loss(*net.change(x[rows], x0[rows]), y[rows])
            (loss * seen[:, rows]).mean().backward()
            optimiser.step()
        schedule.step()
    arrays = {"centre": centre, "spread": spread, "sd_scale": np.ones(targets)}
    arrays["direct"] = net.direct.detach().numpy()
    for i, (weight_, bias) in enumerate(zip(net.weights, net.biases, strict=True)):
        arrays[f"w{i}"] = weight_.detach().numpy()
        arrays[f"b{i}"] = bias.detach().numpy()
    if beside:
        by_member = arrays.keys() - {"centre", "spread", "sd_scale"}
        arrays |= {name: np.concatenate([beside[name], arrays[name]]) for name in by_member}
    return arrays


def earlier_weights(path: Path | None) -> dict[str, Array]:
    """The arrays of a weights file; empty without one."""
    return {} if path is None else dict(np.load(path))


def beginning(weights: Mapping[str, Array], prefix: str) -> dict[str, Array]:
    """Those numbers of a weights file whose names begin so, without that beginning."""
    some = {k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)}
    return {k: v.astype(np.float64) for k, v in some.items() if v.dtype.kind == "f"}


def clip_count(weights: Mapping[str, Array]) -> int:
    """How many clips the weights of a file were fitted on, by their name."""
    found = re.search(r"\((\d+) clips\)", str(weights.get("name")))
    return int(found[1]) if found else 0


def _lines(pairs: Pairs, spread: Array, recipe: Recipe) -> Array:
    """Ridge regressions on the changes of inputs, one for each member without its parts."""
    change = np.nan_to_num(pairs.inputs - pairs.at_neutral) / spread
    lines = []
    for member in range(recipe.members):
        rows = ~recipe.unseen[member, pairs.part]
        x = change[rows]
        square = x.T @ x + recipe.ridge * len(x) * np.eye(x.shape[1])
        lines.append(np.linalg.solve(square, x.T @ pairs.targets[rows]))
    return np.stack(lines)


def _loss(mean: torch.Tensor, log_sd: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Gaussian likelihood, softened so that uncertain frames still pull the mean."""
    squared = ((y - mean) / log_sd.exp()) ** 2
    soft = log_sd.detach().exp()
    return ((0.5 * squared + log_sd) * soft).sum(dim=-1)


def kept_out_answers(
    arrays: dict[str, Array], pairs: Pairs, recipe: Recipe
) -> tuple[Array, Array, Array]:
    """Mean and deviation of each pair by the members that never saw its person.

    Those are all of an earlier fit and ``left_out`` of this one: fewer than in use. Their scatter
    is made comparable.

    Returns:
        Mean and deviation, shape (n, targets), and the part of the mean squared error that all
        members together would not make, shape (targets,).
    """
    both = (pairs.inputs, pairs.at_neutral)
    x, x0 = (np.nan_to_num((a - arrays["centre"]) / arrays["spread"]) for a in both)
    targets = pairs.targets.shape[1]
    mean, sd = np.empty((len(x), targets)), np.empty((len(x), targets))
    members = len(arrays["direct"])
    earlier = np.ones((members - recipe.members, recipe.members), dtype=bool)
    unseen = np.concatenate([earlier, recipe.unseen])
    few = len(earlier) + recipe.left_out
    fair = (1 - 1 / members) / (1 - 1 / few) if few > 1 else 0.0
    excess = np.zeros(targets)
    for part in range(recipe.members):
        rows = pairs.part == part
        answers = [
            _answer(arrays, member, x[rows], x0[rows]) for member in np.flatnonzero(unseen[:, part])
        ]
        means = np.stack([a[0] for a in answers])
        variance = np.exp(2.0 * np.stack([a[1] for a in answers])).mean(axis=0)
        mean[rows] = means.mean(axis=0)
        sd[rows] = np.sqrt(variance + fair * means.var(axis=0))
        if few > 1:
            scatter = means.var(axis=0, ddof=1).sum(axis=0) / len(x)
            excess += scatter * (1 / few - 1 / members)
    return mean, sd, excess


def _answer(arrays: dict[str, Array], member: int, x: Array, x0: Array) -> tuple[Array, Array]:
    """One member's means and logarithms of deviations."""
    h, h0 = x, x0
    for layer in range(3):
        weight, bias = arrays[f"w{layer}"][member], arrays[f"b{layer}"][member]
        h, h0 = h @ weight + bias, h0 @ weight + bias
        if layer < 2:
            h, h0 = np.tanh(h), np.tanh(h0)
    direct = arrays["direct"][member]
    targets = direct.shape[1]
    return h[:, :targets] - h0[:, :targets] + (x - x0) @ direct, h[:, targets:]


def sd_scales(error: Array, sd: Array, excess: Array) -> Array:
    """What deviations must be multiplied by so that nine in ten errors lie within 1.645 of them.

    Args:
        error: Shape (n, targets).
        sd: Same shape.
        excess: Part of the mean squared error that will not be made in use, shape (targets,).
    """
    in_use = np.sqrt(1.0 - excess / (error**2).mean(axis=0))
    return np.quantile(np.abs(error) / sd, 0.9, axis=0) / 1.645 * in_use


def fit_caution(grounds: Array, change: Array, truth: Array, counts: Array) -> Array:
    """Weights of :class:`posture.pelvis.caution.Caution` with which what is told is nearest.

    Args:
        grounds: Shape (n, grounds).
        change: What the networks read, shape (n,).
        truth: Shape (n,).
        counts: How much each counts, shape (n,).

    Returns:
        Shape (grounds,).
    """
    x, read, true, often = (
        torch.tensor(a, dtype=torch.float32) for a in (grounds, change, truth, counts)
    )
    weights = torch.zeros(x.shape[1], requires_grad=True)
    optimiser = torch.optim.Adam([weights], lr=0.05)
    for _ in range(CAUTION_STEPS):
        optimiser.zero_grad()
        told = torch.sigmoid(x @ weights) * read
        # Far errors, which no caution mends, count no more than by their size.
        away = nn.functional.huber_loss(told, true, reduction="none", delta=2.0)
        ((away * often).mean() + 1e-4 * weights.square().sum()).backward()
        optimiser.step()
    return weights.detach().numpy().astype(np.float64)


def cloud(changes: Array, reach: float, shrink: float = 0.1) -> dict[str, Array]:
    """The cloud of known changes, as :class:`posture.pelvis.novelty.Novelty` takes it.

    Args:
        changes: Shape (n, inputs).
        reach: The limit as a multiple of the distance that 99 in 100 known changes keep.
        shrink: How far every direction is treated alike.
    """
    centre = changes.mean(axis=0)
    spread = changes.std(axis=0) + 1e-6
    unit = (changes - centre) / spread
    cov = (1 - shrink) * np.cov(unit.T) + shrink * np.eye(unit.shape[1])
    values, vectors = np.linalg.eigh(cov)
    whiten = (vectors / np.sqrt(values)) / spread[:, None]
    white = (changes - centre) @ whiten
    distance = np.sqrt((white * white).mean(axis=1))
    limit = float(np.quantile(distance, 0.99)) * reach
    return {"centre": centre, "whiten": whiten, "limit": np.array(limit)}
