"""Seeded random-weight models for the benches, with manifests: speed is what they are for, their answers mean nothing.

tiny-10mmac: separable convolutions at 64x64, about 10 million multiply-accumulates. mobilenetv2-0.35: the standard
inverted residuals at 128 px and width 0.35 (Sandler et al., CVPR 2018, Table 2).
"""

import argparse
import json
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper


class Net:
    """An ONNX graph that grows layer by layer and counts its multiply-accumulates. BatchNorm is folded away."""

    def __init__(self, side, seed):
        self.rng = np.random.default_rng(seed)
        self.nodes, self.weights = [], []
        self.value, self.channels, self.side, self.macs = "image", 3, side, 0
        self.input_side = side

    def tensor(self, *shape):
        name = f"w{len(self.weights)}"
        fan_in = int(np.prod(shape[1:])) or 1
        values = (self.rng.standard_normal(shape) * np.sqrt(2 / fan_in)).astype(np.float32)
        self.weights.append(helper.make_tensor(name, TensorProto.FLOAT, shape, values.tobytes(), raw=True))
        return name

    def node(self, kind, inputs, **attributes):
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        self.value = name

    def conv(self, channels, kernel, stride=1, depthwise=False, activation=True):
        groups = self.channels if depthwise else 1
        pad = (kernel - 1) // 2
        inputs = [self.value, self.tensor(channels, self.channels // groups, kernel, kernel), self.tensor(channels)]
        self.node("Conv", inputs, kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[pad] * 4, group=groups)
        self.side = (self.side + 2 * pad - kernel) // stride + 1
        self.macs += self.side**2 * channels * kernel**2 * (self.channels // groups)
        self.channels = channels
        if activation:
            self.node("Relu", [self.value])

    def inverted_residual(self, channels, stride, expansion):
        shortcut, before = self.value, self.channels
        if expansion > 1:
            self.conv(before * expansion, 1)
        self.conv(self.channels, 3, stride, depthwise=True)
        self.conv(channels, 1, activation=False)
        if stride == 1 and before == channels:
            self.node("Add", [shortcut, self.value])

    def classify(self, classes):
        self.node("GlobalAveragePool", [self.value])
        self.node("Flatten", [self.value])
        self.node("Gemm", [self.value, self.tensor(classes, self.channels), self.tensor(classes)], transB=1)
        self.macs += classes * self.channels
        self.classes = classes

    def save(self, folder, name):
        self.nodes[-1].output[0] = "logits"
        graph = helper.make_graph(
            self.nodes,
            name,
            [
                helper.make_tensor_value_info(
                    "image", TensorProto.FLOAT, ["batch", 3, self.input_side, self.input_side]
                )
            ],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", self.classes])],
            self.weights,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
        onnx.checker.check_model(model)
        onnx.save(model, folder / f"{name}.onnx")
        short_side = round(self.input_side / 0.875)
        manifest = {
            "smol_manifest": 1,
            "name": name,
            "output": {"kind": "logits"},
            "preprocessing": [
                {"op": "resize", "short_side": short_side, "filter": "bilinear", "antialias": True},
                {"op": "center_crop", "height": self.input_side, "width": self.input_side},
                {"op": "convert", "dtype": "f32"},
                {"op": "normalise", "scale": 1 / 255, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]},
                {"op": "reorder_layout", "layout": "CHW"},
            ],
            "trained_short_side": short_side,
        }
        (folder / f"{name}.json").write_text(json.dumps(manifest, indent=2) + "\n")
        print(f"made {folder / name}.onnx: {self.macs / 1e6:.1f} million multiply-accumulates")


def tiny():
    net = Net(64, seed=1)
    net.conv(24, 3, 2)
    for channels, stride in ((48, 1), (88, 2), (88, 1), (168, 2), (168, 1), (168, 1), (256, 2)):
        net.conv(net.channels, 3, stride, depthwise=True)
        net.conv(channels, 1)
    net.classify(10)
    return net


def mobilenet_v2(width=0.35):
    def scaled(channels):
        rounded = max(8, int(channels * width + 4) // 8 * 8)
        return rounded + 8 if rounded < 0.9 * channels * width else rounded  # never more than 10 % below

    net = Net(128, seed=2)
    net.conv(scaled(32), 3, 2)
    for expansion, channels, repeats, stride in (
        (1, 16, 1, 1),
        (6, 24, 2, 2),
        (6, 32, 3, 2),
        (6, 64, 4, 2),
        (6, 96, 3, 1),
        (6, 160, 3, 2),
        (6, 320, 1, 1),
    ):
        for i in range(repeats):
            net.inverted_residual(scaled(channels), stride if i == 0 else 1, expansion)
    net.conv(1280, 1)
    net.classify(1000)
    return net


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    tiny().save(folder, "tiny-10mmac")
    mobilenet_v2().save(folder, "mobilenetv2-0.35")


if __name__ == "__main__":
    main()
