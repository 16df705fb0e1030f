"""Same answers as people's Python pipeline: Pillow + torchvision's transforms + ONNX Runtime, on real photographs."""

import json

import numpy as np
import onnxruntime
import pytest
from conftest import ROOT, read_rows
from PIL import Image

PHOTOS = ROOT / "var" / "photos"
MODEL = ROOT / "var" / "models" / "efficientnet-lite0.onnx"
CROPS = 240
MARGIN = 0.01  # closer calls than this between first and second may go either way


def torchvision_transform(image, manifest):
    """Resize(short side) and CenterCrop as torchvision defines them on PIL images, then to CHW f32."""
    resize, crop, _, normalise, _ = manifest["preprocessing"]
    width, height = image.size
    short = resize["short_side"]
    if width <= height:
        size = (short, int(short * height / width))
    else:
        size = (int(short * width / height), short)
    image = image.resize(
        size, {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}[resize["filter"]]
    )
    left = round((image.width - crop["width"]) / 2.0)
    top = round((image.height - crop["height"]) / 2.0)
    pixels = np.asarray(image.crop((left, top, left + crop["width"], top + crop["height"])), dtype=np.float32)
    pixels = (pixels * np.float32(normalise["scale"]) - np.float32(normalise["mean"])) / np.float32(normalise["std"])
    return pixels.transpose(2, 0, 1)


@pytest.fixture(scope="module")
def crops(tmp_path_factory):
    """Seeded crops of real photographs, stored without loss so that both sides see identical pixels."""
    assert MODEL.exists() and PHOTOS.exists(), "run `make demo-data` first"
    photos = sorted(path for path in PHOTOS.rglob("*") if path.suffix.lower() in {".jpg", ".jpeg", ".png"})
    rng = np.random.default_rng(20261124)
    rng.shuffle(photos)
    folder = tmp_path_factory.mktemp("crops")
    sources = photos[:40]
    assert len(sources) >= 20
    for i in range(CROPS):
        with Image.open(sources[i % len(sources)]) as photo:
            photo.draft("RGB", (1600, 1600))
            photo = photo.convert("RGB")
        side = int(rng.integers(200, min(photo.size) + 1))
        wide = int(side * rng.uniform(1, 1.6))
        width, height = (min(wide, photo.width), side) if rng.random() < 0.7 else (side, min(wide, photo.height))
        left = int(rng.integers(0, photo.width - width + 1))
        top = int(rng.integers(0, photo.height - height + 1))
        photo.crop((left, top, left + width, top + height)).save(folder / f"{i:03d}.png", compress_level=1)
    return folder


def test_top_1_equals_pillow_torchvision_onnxruntime(run_smol, crops, tmp_path):
    manifest = json.loads(MODEL.with_suffix(".json").read_text())
    run_smol("run", crops, "--model", MODEL, "-o", tmp_path / "out", "--output", "logits")
    ours = {row["id"]: np.array(row["logits"]) for row in read_rows(tmp_path / "out")}
    session = onnxruntime.InferenceSession(str(MODEL), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    compared = 0
    drift = []
    for path in sorted(crops.iterdir()):
        with Image.open(path) as image:
            reference = session.run(None, {name: torchvision_transform(image, manifest)[None]})[0][0]
        second, first = np.sort(reference)[-2:]
        drift.append(float(np.abs(ours[path.name] - reference).max()))
        if first - second >= MARGIN:
            compared += 1
            assert int(ours[path.name].argmax()) == int(reference.argmax()), path.name
    assert compared >= 200
    assert max(drift) < 0.05, "logits drift more than kernels of two runtimes explain"
