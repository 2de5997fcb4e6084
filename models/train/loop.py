"""The training loop: rate by share of the minutes, averaged weights, resumable."""

from __future__ import annotations

import time
from copy import deepcopy
from dataclasses import dataclass, field
from math import cos, exp, pi
from pathlib import Path

import torch
from torch import Tensor, nn

from edgevision.scene.world import LABELS
from models.train.data import FIRST_SEED, HEIGHT, WIDTH, batches
from models.train.loss import DetectionLoss, Losses, Targets
from models.train.network import Detector

BATCH = 16
TOP_RATE = 2e-3  # AdamW's learning rate after the warm-up
WARM_UP = 150  # steps
MILD_FROM = 0.8  # share of the time after which the pictures stay close to those seen in use
CHECKPOINT_EVERY = 120.0  # s


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
        self.loss = DetectionLoss(HEIGHT, WIDTH, device)
        self.progress = Progress()

    def step(self, images: Tensor, targets: Targets, share: float) -> Losses:
        """Learn from images (B, 3, H, W) uint8 BGR; `share` 0..1 of the whole training has passed."""
        rate = (
            TOP_RATE
            * min(1.0, (self.progress.step + 1) / WARM_UP)
            * (0.02 + 0.49 * (1 + cos(pi * min(share, 1.0))))
        )
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        pixels = images.to(self.device).float().div_(255).contiguous(memory_format=torch.channels_last)
        self.network.train()
        with torch.autocast(self.device.type, torch.bfloat16):
            logits, distances = self.network(pixels)
        losses = self.loss(logits, distances, Targets(*(x.to(self.device) for x in targets)))
        self.optimiser.zero_grad(set_to_none=True)
        losses.total.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 10.0)
        self.optimiser.step()
        self.progress.step += 1
        self._follow()
        return losses

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


def train(out: Path, minutes: float, scenes: int, workers: int) -> Trainer:
    """Train until `minutes` have passed in all, going on from `out`/checkpoint.pt where there is one."""
    trainer = Trainer(torch.device("cuda" if torch.cuda.is_available() else "cpu"))
    checkpoint = out / "checkpoint.pt"
    if checkpoint.exists():
        trainer.load(checkpoint)
    progress, seeds = trainer.progress, list(range(FIRST_SEED, FIRST_SEED + scenes))
    whole, mild, source = minutes * 60, None, iter(())
    started = saved = time.monotonic()
    before = progress.seconds
    recent: list[Losses] = []
    while progress.seconds < whole:
        share = progress.seconds / whole
        if mild != (share >= MILD_FROM):
            mild = share >= MILD_FROM
            source = batches(seeds, out / "pictures", progress.step, mild, BATCH, workers)
        recent.append(trainer.step(*next(source), share))
        progress.seconds = before + time.monotonic() - started
        if len(recent) == 100:
            _report(progress, recent)
            recent = []
        if time.monotonic() - saved > CHECKPOINT_EVERY:
            saved = time.monotonic()
            trainer.save(checkpoint)
    trainer.save(checkpoint)
    return trainer


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
