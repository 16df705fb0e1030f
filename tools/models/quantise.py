"""INT8 variant of an ONNX model by NNCF's post-training quantisation: net.onnx -> net-int8.onnx and its manifest.

Calibrated on pictures that the manifest's own preprocessing prepares (`smol` answers with the model's input: a model
that hands its input on). A variant is a model of its own: `smol eval` says what it gets right, `smol profile` what it
costs. Weights and activations are symmetric and per channel where NNCF's MIXED preset has them so.

  quantise.py var/models/efficientnet-lite0.onnx --pictures var/composites/small/calibration/full
"""

import argparse
import json
import logging
import pathlib
import subprocess
import sys
import tempfile

import nncf
import numpy as np
import onnx
import pyarrow.parquet as pq
from onnx import TensorProto, helper

ROOT = pathlib.Path(__file__).resolve().parents[2]


def prepared(smol, model, manifest, pictures, count, seed):
    """What the DNN is fed for `count` of the pictures, as smol prepares it: an array of (n, channels, height, width)."""
    source = onnx.load(model).graph.input[0]
    shape = [axis.dim_value for axis in source.type.tensor_type.shape.dim][1:]
    values = int(np.prod(shape))
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        graph = helper.make_graph(
            [helper.make_node("Flatten", ["image"], ["values"])],
            "input",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", *shape])],
            [helper.make_tensor_value_info("values", TensorProto.FLOAT, ["batch", values])],
        )
        onnx.save(
            helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), folder / "in.onnx"
        )
        (folder / "in.json").write_text(
            json.dumps({key: manifest[key] for key in ("smol_manifest", "preprocessing")} | {"name": "input"})
        )
        command = [
            smol,
            "run",
            pictures,
            "--model",
            folder / "in.onnx",
            "-o",
            folder / "out",
            "--output",
            "embedding",
        ]
        command += ["--sample", count, "--seed", seed, "--progress", "none", "--chunk-items", "64"]
        subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)
        tensors = []
        for part in sorted((folder / "out" / "parts").iterdir()):
            rows = pq.read_table(part, columns=["status", "embedding"]).to_pydict()
            tensors += [v for s, v in zip(rows["status"], rows["embedding"], strict=True) if s == "ok"]
    if not tensors:
        sys.exit(f"quantise: no picture can be read in: {pictures}")
    return np.asarray(tensors, dtype=np.float32).reshape(len(tensors), *shape)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path, help="an ONNX file with its manifest beside it")
    parser.add_argument(
        "--pictures", type=pathlib.Path, required=True, help="a folder; none that accuracy is told on"
    )
    parser.add_argument("--count", type=int, default=300, help="pictures to calibrate on (default: 300)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--smol", type=pathlib.Path, default=ROOT / "build/release/smol")
    arguments = parser.parse_args()
    source = arguments.model.with_suffix(".json")
    if not arguments.model.is_file() or not source.is_file():
        parser.error(f"no such model, or no manifest beside it: {arguments.model}")
    nncf.set_log_level(logging.ERROR)
    manifest = json.loads(source.read_text())
    inputs = prepared(arguments.smol, arguments.model, manifest, arguments.pictures, arguments.count, arguments.seed)
    model = onnx.load(arguments.model)
    name = model.graph.input[0].name
    dataset = nncf.Dataset(list(inputs), lambda picture: {name: picture[np.newaxis]})
    quantised = nncf.quantize(model, dataset, preset=nncf.QuantizationPreset.MIXED, subset_size=len(inputs))
    out = arguments.model.with_name(arguments.model.stem + "-int8.onnx")
    onnx.save(quantised, out)
    out.with_suffix(".json").write_text(json.dumps(manifest | {"name": manifest["name"] + "-int8"}, indent=2) + "\n")
    print(f"{out}: calibrated on {len(inputs)} pictures")


if __name__ == "__main__":
    main()
