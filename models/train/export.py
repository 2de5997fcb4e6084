"""From trained weights to ONNX files that take a letterboxed picture as the camera gives it."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from models.train.labels import LABELS, SHIPPED, pixel_label
from models.train.network import Detector, PixelHead, cells, fold, to_boxes

SIZES = {"default": (416, 256), "default_square": (320, 320)}  # file -> width, height px, in steps of 32
PIXEL_SIZES = {"default_segment": (416, 256)}
OPSET = 17  # from 2022: what every runtime in use reads
LARGE = 1000  # numbers from which an array is stored as float16


class Deployed(nn.Module):
    """image (1, height, width, 3) uint8 BGR -> boxes (1, A, 4) xyxy px and scores (1, A, SHIPPED) 0..1.

    With a head for pixels also -> pixels (1, PIXEL_LABELS, height / 4, width / 4) 0..1, adding up to 1.
    """

    def __init__(self, network: Detector, width: int, height: int, head: PixelHead | None) -> None:
        super().__init__()
        self.head = fold(deepcopy(head).eval()) if head else None
        self.network = fold(deepcopy(network).eval())
        first = self.network.stem[0][0]
        first.weight.data /= 255  # so that the graph need not scale the pixels
        kept = [LABELS.index(label) for label in SHIPPED]
        for head in self.network.label:
            head[-1].weight.data, head[-1].bias.data = head[-1].weight[kept].data, head[-1].bias[kept].data
        centres, strides = cells(height, width)
        self.register_buffer("centres", centres)
        self.register_buffer("strides", strides)

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        x4, *scales = self.network.trunk(image.permute(0, 3, 1, 2).float())
        logits, distances = self.network.heads(scales)
        found = (to_boxes(distances, self.centres, self.strides), logits.sigmoid())
        return (*found, self.head(x4, scales[0]).softmax(1)) if self.head else found


def export(network: Detector, path: Path, width: int, height: int, head: PixelHead | None = None) -> None:
    """Write the file, with what a reader needs to know about it as metadata.

    By PyTorch's older exporter: the newer one writes no opset below 18.
    """
    deployed = Deployed(network.cpu(), width, height, head)
    image = torch.zeros(1, height, width, 3, dtype=torch.uint8)
    torch.onnx.export(
        deployed,
        (image,),
        path,
        input_names=["image"],
        output_names=["boxes", "scores", "pixels"][: 3 if head else 2],
        opset_version=OPSET,
        dynamo=False,
    )
    model = onnx.load(path)
    facts = {"names": str(dict(enumerate(SHIPPED))), "task": "detect", "license": "Apache-2.0"}
    if head:
        facts["pixels"] = str([pixel_label(label) for label in SHIPPED])
    onnx.helper.set_model_props(model, facts)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def store_small(path: Path) -> None:
    """Keep the large weights of a file as float16, half the size; they are turned back when it is loaded.

    The arithmetic stays float32; the weights lose what lies behind their eleventh binary digit.
    """
    model = onnx.load(path)
    casts = []
    for array in model.graph.initializer:
        values = numpy_helper.to_array(array)
        if values.dtype == np.float32 and values.size >= LARGE:
            name = array.name
            array.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.small"))
            cast = onnx.helper.make_node("Cast", [f"{name}.small"], [name], to=onnx.TensorProto.FLOAT)
            casts.append(cast)
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)
