"""Fixtures: the built program, a tiny classifier with its manifest, folders of seeded pictures."""

import json
import os
import pathlib
import subprocess

import numpy as np
import onnx
import pyarrow.parquet as pq
import pytest
from onnx import TensorProto, helper
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("SMOL_BUILD", ROOT / "build" / "release"))
CLASSES = 10
SIDE = 32


@pytest.fixture(scope="session")
def smol():
    program = BUILD / "smol"
    assert program.exists(), f"build first: {program}"
    return program


@pytest.fixture(scope="session")
def run_smol(smol, tmp_path_factory):
    """Runs smol and returns the finished process; its cache is the test session's own."""
    cache = tmp_path_factory.mktemp("cache")

    def run(*arguments, check=True, **options):
        done = subprocess.run(
            [str(smol), *map(str, arguments)],
            capture_output=True,
            env={**os.environ, "XDG_CACHE_HOME": str(cache)},
            timeout=300,
            **options,
        )
        if check:
            assert done.returncode == 0, done.stderr.decode(errors="replace")
        return done

    return run


def save_classifier(path, classes=CLASSES):
    """conv 3x3 / 4 -> relu -> global mean -> dense: a dynamic batch, seeded weights, `classes` logits."""
    rng = np.random.default_rng(7)

    def weights(name, *shape):
        values = (rng.standard_normal(shape) * 0.5).astype(np.float32)
        return helper.make_tensor(name, TensorProto.FLOAT, shape, values.tobytes(), raw=True)

    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["image", "w1", "b1"], ["c1"], strides=[4, 4], kernel_shape=[3, 3]),
            helper.make_node("Relu", ["c1"], ["r1"]),
            helper.make_node("GlobalAveragePool", ["r1"], ["p1"]),
            helper.make_node("Flatten", ["p1"], ["f1"]),
            helper.make_node("Gemm", ["f1", "w2", "b2"], ["logits"], transB=1),
        ],
        "tiny",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, SIDE, SIDE])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", classes])],
        [weights("w1", 16, 3, 3, 3), weights("b1", 16), weights("w2", classes, 16), weights("b2", classes)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, path)


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    save_classifier(folder / "tiny.onnx")
    (folder / "labels.txt").write_text("".join(f"label {i}\n" for i in range(CLASSES)))
    manifest = {
        "smol_manifest": 1,
        "name": "tiny",
        "output": {"kind": "logits"},
        "preprocessing": [
            {"op": "resize", "short_side": 36, "filter": "bilinear", "antialias": True},
            {"op": "center_crop", "height": SIDE, "width": SIDE},
            {"op": "convert", "dtype": "f32"},
            {"op": "normalise", "scale": 1 / 255, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]},
            {"op": "reorder_layout", "layout": "CHW"},
        ],
        "trained_short_side": 36,
        "labels": "labels.txt",
    }
    (folder / "tiny.json").write_text(json.dumps(manifest))
    return folder / "tiny.onnx"


def save_pictures(folder, count, seed=0, sizes=((60, 80), (90, 64), (48, 48))):
    """Seeded smooth-plus-noise JPEGs 0000.jpg ... with sizes (height, width) in turn."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        height, width = sizes[i % len(sizes)]
        coarse = rng.integers(0, 256, (4, 5, 3), dtype=np.uint8)
        picture = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
        noise = rng.integers(-20, 21, (height, width, 3))
        pixels = np.clip(np.asarray(picture, dtype=np.int16) + noise, 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{i:04d}.jpg", quality=90)
    return folder


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    return save_pictures(tmp_path_factory.mktemp("pictures") / "in", 60)


def read_rows(out):
    """All rows of a finished run, in the order of the items, as a list of dicts."""
    manifest = [json.loads(line) for line in (out / "manifest.jsonl").read_text().splitlines()]
    rows = []
    for line in sorted(manifest, key=lambda entry: entry["chunk"]):
        rows += pq.read_table(out / line["file"]).to_pylist()
    return rows
