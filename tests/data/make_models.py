"""Tiny ONNX files for the C++ tests of the inference backends: make_models.py FOLDER."""

import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper

SIDE, CLASSES = 16, 5


def save(folder, name, inputs, batch="batch", layout="NCHW", outputs=("logits",), opset=13):
    rng = np.random.default_rng(3)

    def weights(label, *shape):
        return helper.make_tensor(
            label, TensorProto.FLOAT, shape, rng.standard_normal(shape).astype(np.float32).tobytes(), raw=True
        )

    shape = [batch, 3, SIDE, SIDE] if layout == "NCHW" else [batch, SIDE, SIDE, 3]
    nodes = []
    if layout == "NHWC":
        nodes.append(helper.make_node("Transpose", [inputs[0]], ["chw"], perm=[0, 3, 1, 2]))
    nodes += [
        helper.make_node("Conv", ["chw" if layout == "NHWC" else inputs[0], "w1"], ["c1"], kernel_shape=[3, 3]),
        helper.make_node("Relu", ["c1"], ["r1"]),
        helper.make_node("GlobalAveragePool", ["r1"], ["p1"]),
        helper.make_node("Flatten", ["p1"], ["features"]),
        helper.make_node("MatMul", ["features", "w2"], ["logits"]),
    ]
    if len(inputs) > 1:
        nodes.append(helper.make_node("Identity", [inputs[1]], ["unused"]))
        outputs = (*outputs, "unused")
    sizes = {"logits": [batch, CLASSES], "features": [batch, 8], "unused": shape}
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info(one, TensorProto.FLOAT, shape) for one in inputs],
        [helper.make_tensor_value_info(one, TensorProto.FLOAT, sizes[one]) for one in outputs],
        [weights("w1", 8, 3, 3, 3), weights("w2", 8, CLASSES)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, folder / f"{name}.onnx")


def save_flatten(folder, name, shape):
    """Its answer is its input: shows what preprocessing made."""
    graph = helper.make_graph(
        [helper.make_node("Flatten", ["image"], ["values"])],
        name,
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", *shape])],
        [helper.make_tensor_value_info("values", TensorProto.FLOAT, ["batch", SIDE * SIDE * 3])],
    )
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), folder / f"{name}.onnx"
    )


def save_rank_2(folder):
    graph = helper.make_graph(
        [helper.make_node("Relu", ["x"], ["y"])],
        "rank2",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 7])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", 7])],
    )
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), folder / "rank2.onnx"
    )


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    save(folder, "dynamic", ["image"])
    save(folder, "static1", ["image"], batch=1)
    save(folder, "nhwc", ["image"], layout="NHWC")
    save(folder, "two_inputs", ["image", "other"])
    save(folder, "two_outputs", ["image"], outputs=("logits", "features"))
    save_flatten(folder, "flatten_chw", [3, SIDE, SIDE])
    save_flatten(folder, "flatten_hwc", [SIDE, SIDE, 3])
    save_rank_2(folder)
    (folder / "broken.onnx").write_bytes(b"this is not an ONNX file")


if __name__ == "__main__":
    main()
