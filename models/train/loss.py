"""What the network is told after each picture: which cells stand for which object, and how far off they are.

Each object is given the ten cells that already describe it best (score ** 0.5 * overlap ** 6), so that score
and overlap come to agree: a box that fits well also scores well, which is what makes one box win and stay
steady from frame to frame.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from models.train.network import STRIDES, cells, to_boxes

CELLS_PER_OBJECT = 10
NEAR = 6.0  # px; a cell this close to an object's middle may stand for it even if the object is smaller
BOX_WEIGHT = 5.0


class Targets(NamedTuple):
    """The M objects of a batch of B pictures, the regions that are not judged, and what is labelled where."""

    image: Tensor  # (M,) int64, which picture of the batch
    label: Tensor  # (M,) int64; -1 marks a region to be ignored
    box: Tensor  # (M, 4) float32 xyxy px
    known: Tensor  # (B, H / 8, W / 8, C) bool: a label that is not known there may be there all the same


class Losses(NamedTuple):
    total: Tensor
    label: Tensor
    box: Tensor


def overlap(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """IoU 0..1 and generalised IoU -1..1 of boxes (..., 4) with boxes (..., 4), pair by pair."""
    low, high = torch.maximum(a[..., :2], b[..., :2]), torch.minimum(a[..., 2:], b[..., 2:])
    shared = (high - low).clamp(min=0).prod(-1)
    areas = [(box[..., 2:] - box[..., :2]).clamp(min=0).prod(-1) for box in (a, b)]
    union = areas[0] + areas[1] - shared + 1e-7
    hull = torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])
    around = hull.clamp(min=0).prod(-1) + 1e-7
    iou = shared / union
    return iou, iou - (around - union) / around


class DetectionLoss:
    """Binary cross-entropy towards soft scores, and generalised IoU, for pictures of one size."""

    def __init__(self, height: int, width: int, device: torch.device) -> None:
        self.centres, self.strides = (x.to(device) for x in cells(height, width))

    def __call__(self, logits: Tensor, distances: Tensor, targets: Targets) -> Losses:
        """logits (B, A, C), distances (B, A, 4) of the network."""
        logits, distances = logits.float().contiguous(), distances.float()
        boxes = to_boxes(distances, self.centres, self.strides)
        with torch.no_grad():
            owner, cell, weight = self._assign(logits.sigmoid(), boxes, targets)
            wanted, judged = torch.zeros_like(logits), self._judged(targets)
            wanted.view(-1, logits.shape[2])[cell, targets.label[owner]] = weight
            judged.view(-1, logits.shape[2])[cell] = 1.0  # one object is no other one, labelled or not
        scale = weight.sum().clamp(min=1.0)
        each = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
        label = (each * judged).sum() / scale
        _, giou = overlap(boxes.reshape(-1, 4)[cell], targets.box[owner])
        box = ((1 - giou) * weight).sum() / scale
        return Losses(label + BOX_WEIGHT * box, label.detach(), box.detach())

    def _near(self, boxes: Tensor) -> Tensor:
        """(M, A) bool: cells whose centre lies in each box (M, 4), or within NEAR px of its middle."""
        middle, half = (boxes[:, :2] + boxes[:, 2:]) / 2, (boxes[:, 2:] - boxes[:, :2]) / 2
        far = (self.centres[None] - middle[:, None]).abs()
        return (far < half.clamp(min=NEAR)[:, None]).all(-1)

    def _judged(self, targets: Targets) -> Tensor:
        """(B, A, C) 1 where the network is told about a score, 0 where nobody knows or may say."""
        known = targets.known.permute(0, 3, 1, 2).float()
        scales = [known[:, :, :: s // STRIDES[0], :: s // STRIDES[0]].flatten(2) for s in STRIDES]
        judged = torch.cat(scales, 2).transpose(1, 2).contiguous()
        unclear = targets.label < 0
        region, cell = torch.nonzero(self._near(targets.box[unclear]), as_tuple=True)
        judged[targets.image[unclear][region], cell] = 0.0
        return judged

    def _assign(self, scores: Tensor, boxes: Tensor, targets: Targets) -> tuple[Tensor, Tensor, Tensor]:
        """Which cells stand for which objects: targets (P,), flat cells b * A + a (P,), soft scores (P,)."""
        clear = torch.nonzero(targets.label >= 0)[:, 0]
        row, cell = torch.nonzero(self._near(targets.box[clear]), as_tuple=True)
        owner = clear[row]
        flat = targets.image[owner] * scores.shape[1] + cell
        iou, _ = overlap(boxes.reshape(-1, 4)[flat], targets.box[owner])
        score = scores.reshape(-1, scores.shape[2])[flat, targets.label[owner]]
        fit = score.sqrt() * iou**6 + 1e-9
        dense = torch.zeros(len(clear), scores.shape[1], device=scores.device)
        dense[row, cell] = fit
        least = dense.topk(CELLS_PER_OBJECT, 1).values[:, -1] if len(clear) else fit
        rival = torch.zeros(scores.shape[0] * scores.shape[1], device=scores.device)
        rival.scatter_reduce_(0, flat, iou + 1e-6, "amax")
        kept = (fit >= least[row]) & (
            iou + 1e-6 >= rival[flat]
        )  # a cell serves the object that it overlaps most
        row, owner, flat, fit, iou = row[kept], owner[kept], flat[kept], fit[kept], iou[kept]
        best_fit = torch.zeros(len(clear), device=scores.device).scatter_reduce_(0, row, fit, "amax")
        best_iou = torch.zeros(len(clear), device=scores.device).scatter_reduce_(0, row, iou, "amax")
        return owner, flat, fit / best_fit[row] * best_iou[row]
