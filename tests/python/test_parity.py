"""smol eval --parity: what it reports is what really differs, on small models and on real pictures."""

import json

import numpy as np
import pytest
from conftest import ROOT, save_pictures
from PIL import Image

MODEL = ROOT / "var" / "models" / "efficientnet-lite0.onnx"
PHOTOS = ROOT / "var" / "photos"
BACKENDS = ("openvino", "onnxruntime")
CROPS = 220
UNIFORM_SIDE = 300


def parity(run_smol, inputs, model, *flags, check=True):
    done = run_smol("eval", inputs, "--parity", "--model", model, "--json", *flags, check=check)
    return json.loads(done.stdout) if check else done


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("cut", [0, 1, 2, 5])
def test_every_cut_is_close_to_the_definition(run_smol, model, tmp_path, backend, cut):
    pictures = save_pictures(tmp_path / "in", 20, sizes=((60, 80),))
    report = parity(run_smol, pictures, model, "--backend", backend, "--cut", cut)
    assert report["pictures"] == 20 and report["failed"] == 0
    # 0 where the same pixels cross; below the cut sums next to a half may be rounded the other way.
    assert report["drift"]["max"] < 0.05
    assert report["drift"]["median"] <= report["drift"]["p99"] <= report["drift"]["max"]
    assert report["top1_flips"] == len(report["flips"]) == 0
    assert report["backend"].startswith(backend)


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_the_order_of_channels_changes_no_rounding(run_smol, model, tmp_path, place):
    manifest = json.loads(model.with_suffix(".json").read_text())
    manifest["preprocessing"].insert(place, {"op": "reorder_channels", "order": "bgr"})
    del manifest["labels"]
    (tmp_path / "tiny.onnx").write_bytes(model.read_bytes())
    (tmp_path / "tiny.json").write_text(json.dumps(manifest))
    report = parity(run_smol, save_pictures(tmp_path / "in", 20), tmp_path / "tiny.onnx")
    assert report["drift"]["max"] < 0.003  # rounded to u8 at the same places, sums next to a half apart


def test_another_decode_shows(run_smol, model, tmp_path):
    pictures = save_pictures(tmp_path / "in", 20, sizes=((120, 160),))
    whole = parity(run_smol, pictures, model)
    scaled = parity(run_smol, pictures, model, "--decode", "1/4")
    assert scaled["drift"]["mean"] > 3 * whole["drift"]["mean"]


def test_failures_are_counted_and_flips_can_fail(run_smol, model, tmp_path):
    pictures = save_pictures(tmp_path / "in", 3)
    (pictures / "broken.jpg").write_bytes(b"\xff\xd8\xff nothing")
    assert parity(run_smol, pictures, model)["failed"] == 1
    only_broken = tmp_path / "broken"
    only_broken.mkdir()
    (pictures / "broken.jpg").rename(only_broken / "broken.jpg")
    assert parity(run_smol, only_broken, model, check=False).returncode == 3
    done = run_smol("eval", pictures, "--model", model, "--cut", "2", check=False)
    assert done.returncode == 2 and b"--parity" in done.stderr


@pytest.fixture(scope="module")
def opened():
    """Real photographs, decoded."""
    assert MODEL.exists() and PHOTOS.exists(), "run `make demo-data` first"
    photos = sorted(path for path in PHOTOS.rglob("*") if path.suffix.lower() in {".jpg", ".jpeg", ".png"})
    np.random.default_rng(20261126).shuffle(photos)
    pictures = []
    for path in photos[:40]:
        with Image.open(path) as photo:
            photo.draft("RGB", (1000, 1000))
            if min(photo.size) >= UNIFORM_SIDE:
                pictures.append(photo.convert("RGB"))
    assert len(pictures) >= 20
    return pictures


def save_crops(folder, opened, sides):
    rng = np.random.default_rng(20261126)
    for i in range(CROPS):
        photo = opened[i % len(opened)]
        side = int(rng.integers(sides[0], min(*photo.size, sides[1]) + 1))
        left = int(rng.integers(0, photo.width - side + 1))
        top = int(rng.integers(0, photo.height - side + 1))
        photo.crop((left, top, left + side, top + side)).save(folder / f"{i:03d}.jpg", quality=92)
    return folder


@pytest.fixture(scope="module")
def crops(opened, tmp_path_factory):
    return save_crops(tmp_path_factory.mktemp("crops"), opened, (180, 500))


@pytest.fixture(scope="module")
def crops_of_one_size(opened, tmp_path_factory):
    """For the cuts above the operation that makes all pictures one size."""
    return save_crops(tmp_path_factory.mktemp("uniform"), opened, (UNIFORM_SIDE, UNIFORM_SIDE))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("cut", [0, 1, 2, 5])
def test_top_1_of_efficientnet_lite0_stays(run_smol, crops, crops_of_one_size, backend, cut):
    """More than 200 crops of real photographs; 99.5 % of the best classes unchanged, wherever the resize is done."""
    inputs = crops if cut >= 2 else crops_of_one_size
    report = parity(run_smol, inputs, MODEL, "--backend", backend, "--cut", cut)
    assert report["pictures"] == CROPS
    assert report["top1_unchanged"] >= 0.995, report["flips"]
