"""The training loop: rate and picture size by share of the minutes, averaged weights, resumable."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from math import cos, exp, pi
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from models.train.labels import LABELS
from models.train.loss import DetectionLoss, Losses, Targets
from models.train.mixture import Mixed, Pictures, batches
from models.train.network import Detector

BATCH = 16
TOP_RATE = 1.5e-3  # AdamW's learning rate after the warm-up
WARM_UP = 150  # steps
CHECKPOINT_EVERY = 180.0  # s


class Stage(NamedTuple):
    """What the network learns from, until a share of the training has passed."""

    until: float  # 0..1
    size: int  # px of the pictures' sides
    four: float  # 0..1 of them are put together of four
    drawn: float  # 0..1 of them are drawn


# Small pictures first, a third cheaper each; at the end pictures as they come, and more drawn ones:
# their people are 20 pixels high.
STAGES = (Stage(0.7, 256, 0.6, 0.08), Stage(0.85, 320, 0.6, 0.15), Stage(1.0, 320, 0.2, 0.15))


@dataclass
class Progress:
    """What a resumed training goes on from, beside the weights."""

    step: int = 0
    seconds: float = 0.0
    curve: list[tuple[float, float, float]] = field(default_factory=list)  # minutes, label loss, box loss


class Trainer:
    """Network, its moving average and the optimiser; one `step` learns from one batch."""

    def __init__(self, device: torch.device) -> None:
        torch.manual_seed(0)
        self.device = device
        self.network = Detector(len(LABELS)).to(device, memory_format=torch.channels_last)
        self.average = deepcopy(self.network).eval().requires_grad_(False)
        heavy = [p for p in self.network.parameters() if p.ndim > 1]
        light = [p for p in self.network.parameters() if p.ndim <= 1]
        groups = [{"params": heavy, "weight_decay": 0.03}, {"params": light, "weight_decay": 0.0}]
        self.optimiser = torch.optim.AdamW(groups, lr=TOP_RATE, fused=True)
        self._losses: dict[tuple[int, int], DetectionLoss] = {}
        self.progress = Progress()

    def step(self, images: Tensor, targets: Targets, share: float) -> Losses:
        """Learn from images (B, 3, H, W) uint8 BGR; `share` 0..1 of the whole training has passed."""
        warm = min(1.0, (self.progress.step + 1) / WARM_UP)
        rate = TOP_RATE * warm * (0.02 + 0.49 * (1 + cos(pi * min(share, 1.0))))
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        pixels = images.to(self.device).float().div_(255).contiguous(memory_format=torch.channels_last)
        self.network.train()
        with torch.autocast(self.device.type, torch.bfloat16):
            logits, distances = self.network(pixels)
        loss = self._loss(*images.shape[2:])
        losses = loss(logits, distances, Targets(*(x.to(self.device) for x in targets)))
        self.optimiser.zero_grad(set_to_none=True)
        losses.total.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 10.0)
        self.optimiser.step()
        self.progress.step += 1
        self._follow()
        return losses

    def _loss(self, height: int, width: int) -> DetectionLoss:
        if (height, width) not in self._losses:
            self._losses[height, width] = DetectionLoss(height, width, self.device)
        return self._losses[height, width]

    @torch.no_grad()
    def _follow(self) -> None:
        """Draw the moving average towards the weights: half-life some 350 steps, much shorter at first."""
        keep = 0.998 * (1 - exp(-self.progress.step / 400))
        torch._foreach_lerp_(list(self.average.parameters()), list(self.network.parameters()), 1 - keep)
        for mean, now in zip(self.average.buffers(), self.network.buffers(), strict=True):
            mean.copy_(now)

    def save(self, path: Path) -> None:
        """Write everything to `path` at once, never half."""
        whole = {
            "network": self.network.state_dict(), "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(), "progress": vars(self.progress),
        }  # fmt: skip
        torch.save(whole, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)

    def load(self, path: Path) -> None:
        whole = torch.load(path, map_location=self.device, weights_only=True)
        self.network.load_state_dict(whole["network"])
        self.average.load_state_dict(whole["average"])
        self.optimiser.load_state_dict(whole["optimiser"])
        self.progress = Progress(**whole["progress"])


class Threads:
    """Finds out again and again whether one thread or all are faster: on a machine that does other work too,
    all wait for the one that was interrupted."""

    EVERY, TRIAL = 80, 6  # steps

    def __init__(self) -> None:
        self.most = len(os.sched_getaffinity(0))
        self.seconds: dict[int, list[float]] = {self.most: [], 1: []}

    def choose(self, step: int) -> None:
        place = step % self.EVERY
        if place == 0:
            self.seconds = {self.most: [], 1: []}
            torch.set_num_threads(self.most)
        elif place == self.TRIAL:
            torch.set_num_threads(1)
        elif place == 2 * self.TRIAL and self.most > 1:
            torch.set_num_threads(min(self.seconds, key=lambda n: float(np.median(self.seconds[n][1:]))))

    def took(self, step: int, seconds: float) -> None:
        if step % self.EVERY < 2 * self.TRIAL:
            self.seconds[self.most if step % self.EVERY < self.TRIAL else 1].append(seconds)


def train(out: Path, minutes: float, pictures: Pictures, workers: int) -> Trainer:
    """Train until `minutes` have passed in all, going on from `out`/checkpoint.pt where there is one."""
    trainer = Trainer(torch.device("cuda" if torch.cuda.is_available() else "cpu"))
    checkpoint, progress, threads = out / "checkpoint.pt", trainer.progress, Threads()
    if checkpoint.exists():
        trainer.load(checkpoint)
        progress = trainer.progress
    stream = _Stream(pictures, workers)
    started = saved = time.monotonic()
    before, recent = progress.seconds, list[Losses]()
    while progress.seconds < minutes * 60:
        share = progress.seconds / (minutes * 60)
        if trainer.device.type == "cpu":
            threads.choose(progress.step)
        images, targets = stream.batch(share, progress.step)
        began = time.monotonic()
        recent.append(trainer.step(images, targets, share))
        threads.took(progress.step - 1, time.monotonic() - began)
        progress.seconds = before + time.monotonic() - started
        if len(recent) == 100:
            _report(progress, recent)
            recent = []
        if time.monotonic() - saved > CHECKPOINT_EVERY:
            saved = time.monotonic()
            trainer.save(checkpoint)
    trainer.save(checkpoint)
    return trainer


class _Stream:
    """Batches of the kind that each stage wants."""

    def __init__(self, pictures: Pictures, workers: int) -> None:
        self._pictures, self._workers = pictures, workers
        self._stage: Stage | None = None
        self._source: Iterator[tuple[Tensor, Targets]] = iter(())

    def batch(self, share: float, step: int) -> tuple[Tensor, Targets]:
        stage = next((each for each in STAGES if share < each.until), STAGES[-1])
        if stage != self._stage:
            self._stage = stage
            mixed = Mixed(self._pictures, stage.size, stage.four, stage.drawn, seed=step)
            self._source = batches(mixed, BATCH, self._workers)
        return next(self._source)


def _report(progress: Progress, recent: list[Losses]) -> None:
    label, box = (float(torch.stack(losses).mean()) for losses in list(zip(*recent, strict=True))[1:])
    progress.curve.append((progress.seconds / 60, label, box))
    rate = progress.step * BATCH / progress.seconds
    losses = f"label {label:.3f}  box {box:.3f}"
    print(f"{progress.seconds / 60:6.1f} min  step {progress.step}  {losses}  {rate:.0f} img/s", flush=True)


def plot(progress: Progress, path: Path) -> None:
    """The learning curve as a picture."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.add_subplot(xlabel="minutes", ylabel="loss", yscale="log")
    minutes, label, box = zip(*progress.curve, strict=True) if progress.curve else ((), (), ())
    axes.plot(minutes, label, label="label (cross-entropy)")
    axes.plot(minutes, box, label="box (1 - GIoU)")
    axes.legend()
    figure.savefig(path, dpi=120)
