"""From trained weights to one ONNX file that takes a letterboxed picture as the camera gives it."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from edgevision.scene.world import LABELS
from models.train.data import HEIGHT, WIDTH
from models.train.network import Detector, cells, fold, to_boxes

OPSET = 17  # from 2022: what every runtime in use reads


class Deployed(nn.Module):
    """image (1, HEIGHT, WIDTH, 3) uint8 BGR -> boxes (1, A, 4) xyxy px and scores (1, A, labels) 0..1."""

    def __init__(self, network: Detector) -> None:
        super().__init__()
        self.network = fold(deepcopy(network).eval())
        first = self.network.stem[0][0]
        first.weight.data /= 255  # so that the graph need not scale the pixels
        centres, strides = cells(HEIGHT, WIDTH)
        self.register_buffer("centres", centres)
        self.register_buffer("strides", strides)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        logits, distances = self.network(image.permute(0, 3, 1, 2).float())
        return to_boxes(distances, self.centres, self.strides), logits.sigmoid()


def export(network: Detector, path: Path) -> None:
    """Write the file, with what a reader needs to know about it as metadata.

    By PyTorch's older exporter: the newer one writes no opset below 18.
    """
    deployed = Deployed(network.cpu())
    image = torch.zeros(1, HEIGHT, WIDTH, 3, dtype=torch.uint8)
    torch.onnx.export(
        deployed,
        (image,),
        path,
        input_names=["image"],
        output_names=["boxes", "scores"],
        opset_version=OPSET,
        dynamo=False,
    )
    model = onnx.load(path)
    facts = {"names": str(dict(enumerate(LABELS))), "task": "detect", "license": "Apache-2.0"}
    onnx.helper.set_model_props(model, facts)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)
