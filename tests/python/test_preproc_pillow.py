"""Preprocessing against the libraries that define it: Pillow (antialiased resize) and torch (plain resize).

Pillow 13 resizes a picture vertically first when its height loses more than twice as many pixels as its width
(1000 x 400 -> 640 x 256); smol, like earlier versions of Pillow, always goes horizontally first. So the strict oracle is
Pillow called twice, an axis at a time; the single call is compared as well.
"""

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

REPOSITORY = Path(__file__).resolve().parents[2]
TOOL = Path(os.environ.get("SMOL_BUILD", REPOSITORY / "build" / "release")) / "preprocess_raw"
FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}


def run(pixels, *operations, executor="fused"):
    height, width, _ = pixels.shape
    command = [TOOL, str(height), str(width), executor, *operations]
    done = subprocess.run(command, input=pixels.tobytes(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def run_u8(pixels, size, *operations):
    return np.frombuffer(run(pixels, *operations), np.uint8).reshape(*size, 3)


def picture(height, width, kind, seed):
    generator = np.random.default_rng(seed)
    if kind == "noise":
        return generator.integers(0, 256, (height, width, 3), dtype=np.uint8)
    if kind == "black_and_white":
        return generator.integers(0, 2, (height, width, 3), dtype=np.uint8) * np.uint8(255)
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([y % 256, x % 256, (x + y) // 2 % 256], axis=-1).astype(np.uint8)


def pillow_by_axis(pixels, size, resample):
    """Horizontally, then vertically."""
    image = Image.fromarray(pixels).resize((size[1], pixels.shape[0]), resample)
    return np.asarray(image.resize((size[1], size[0]), resample))


def pillow(pixels, size, resample):
    return np.asarray(Image.fromarray(pixels).resize((size[1], size[0]), resample))


def vertical_first(height, width, size):
    return size[0] < height and height - size[0] > 2 * (width - size[1])


def short_side(height, width, target):
    """torchvision.transforms.Resize(int)."""
    if height <= width:
        return target, int(target * width / height)
    return int(target * height / width), target


def center_crop(pixels, crop):
    """torchvision.transforms.CenterCrop, of a picture that is large enough."""
    top = round((pixels.shape[0] - crop[0]) / 2.0)
    left = round((pixels.shape[1] - crop[1]) / 2.0)
    return pixels[top : top + crop[0], left : left + crop[1]]


SIZES = [
    ((375, 500), (256, 341)), ((500, 375), (341, 256)), ((500, 500), (256, 256)), ((480, 640), (64, 64)),
    ((1, 1), (7, 5)), ((1, 40), (9, 9)), ((40, 1), (9, 9)), ((2, 2), (3, 3)), ((7, 7), (7, 7)),
    ((50, 60), (300, 200)), ((3, 1000), (20, 13)), ((1000, 3), (224, 224)), ((1000, 400), (640, 256)),
    ((5, 9000), (8, 9)), ((9000, 5), (8, 9)), ((1200, 1600), (224, 299)), ((100, 100), (50, 200)), ((97, 101), (96, 102)),
]  # fmt: skip


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("kind", ["noise", "black_and_white", "gradient"])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_resize_is_pillows(sizes, kind, name):
    (height, width), size = sizes
    pixels = picture(height, width, kind, seed=height * 7 + width)
    got = run_u8(pixels, size, f"resize={size[0]}x{size[1]}", f"filter={name}")
    np.testing.assert_array_equal(got, pillow_by_axis(pixels, size, FILTERS[name]))
    one_call = pillow(pixels, size, FILTERS[name])
    if not vertical_first(height, width, size):
        np.testing.assert_array_equal(got, one_call)
    elif name == "bilinear":  # bicubic overshoots are clipped after either pass, so the order may show
        assert np.abs(got.astype(int) - one_call).max() <= 1


@pytest.mark.parametrize("name", FILTERS)
def test_resize_of_random_sizes_is_pillows(name):
    generator = np.random.default_rng(5)
    for seed in range(60):
        height, width = generator.integers(1, 250, 2)
        size = tuple(int(side) for side in generator.integers(1, 200, 2))
        pixels = picture(height, width, "noise", seed)
        got = run_u8(pixels, size, f"resize={size[0]}x{size[1]}", f"filter={name}", f"strip={seed % 20 + 1}")
        np.testing.assert_array_equal(got, pillow_by_axis(pixels, size, FILTERS[name]), str((height, width, size)))


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize(
    "shape", [(375, 500), (500, 375), (333, 500), (500, 334), (300, 301), (256, 256), (60, 75)], ids=str
)
def test_short_side_and_center_crop_are_torchvisions(shape, name):
    pixels = picture(*shape, "noise", seed=1)
    want = center_crop(pillow(pixels, short_side(*shape, 256), FILTERS[name]), (224, 224))
    got = run_u8(pixels, (224, 224), "resize=256", f"filter={name}", "crop=224x224", "strip=16")
    np.testing.assert_array_equal(got, want)


def test_normalised_chw_is_numpys():
    pixels = picture(375, 500, "noise", seed=2)
    cropped = center_crop(pillow(pixels, (256, 341), Image.Resampling.BILINEAR), (224, 224))
    mean, std = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])
    want = ((cropped.astype(np.float32) / np.float32(255) - mean) / std).transpose(2, 0, 1)
    got = np.frombuffer(run(pixels, "preset=imagenet:224x224"), np.float32).reshape(3, 224, 224)
    np.testing.assert_allclose(got, want, rtol=0, atol=1e-5)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_pillows(orientation):
    from PIL import ImageOps

    pixels = picture(90, 140, "noise", seed=orientation)
    image = Image.fromarray(pixels)
    image.getexif()[0x0112] = orientation
    upright = np.asarray(ImageOps.exif_transpose(image))
    want = center_crop(pillow(upright, short_side(*upright.shape[:2], 64), Image.Resampling.BILINEAR), (56, 56))
    got = run_u8(pixels, (56, 56), "resize=64", "crop=56x56", f"orientation={orientation}", "strip=8")
    np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("sizes", [((37, 50), (20, 21)), ((37, 50), (90, 77)), ((400, 300), (33, 20))], ids=str)
def test_resize_without_antialias_is_torchs(sizes, name):
    torch = pytest.importorskip("torch")
    (height, width), size = sizes
    # Mid-tones: the reference clamps to 0..255 what is still u8, torch on floats does not.
    pixels = (picture(height, width, "noise", seed=3) // 2 + 64).astype(np.uint8)
    planes = torch.from_numpy(pixels.astype(np.float32)).permute(2, 0, 1)[None]
    want = torch.nn.functional.interpolate(planes, size, mode=name, align_corners=False)[0].permute(1, 2, 0).numpy()
    operations = (f"resize={size[0]}x{size[1]}", f"filter={name}", "antialias=off", "f32")
    reference = np.frombuffer(run(pixels, *operations, executor="reference"), np.float32).reshape(*size, 3)
    np.testing.assert_allclose(reference, want, rtol=0, atol=0.01)
    fused = np.frombuffer(run(pixels, *operations), np.float32).reshape(*size, 3)
    np.testing.assert_allclose(fused, want, rtol=0, atol=1.5)


def test_reference_is_torchvisions_antialiased_resize_of_floats():
    torch = pytest.importorskip("torch")
    pixels = picture(75, 100, "noise", seed=4)
    planes = torch.from_numpy(pixels.astype(np.float32)).permute(2, 0, 1)[None]
    want = torch.nn.functional.interpolate(planes, (40, 53), mode="bilinear", align_corners=False, antialias=True)
    got = np.frombuffer(run(pixels, "resize=40x53", "f32", executor="reference"), np.float32).reshape(40, 53, 3)
    np.testing.assert_allclose(got, want[0].permute(1, 2, 0).numpy(), rtol=0, atol=0.01)


def off_edges(outputs, inputs):
    """Which output pixels have a centre that is not the edge of two input pixels."""
    return (2 * np.arange(outputs) + 1) * inputs % (2 * outputs) != 0


@pytest.mark.parametrize("name", ["nearest", "area"])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_nearest_and_area_are_pillows_nearest_and_box(sizes, name):
    (height, width), size = sizes
    pixels = picture(height, width, "noise", seed=height + width)
    got = run_u8(pixels, size, f"resize={size[0]}x{size[1]}", f"filter={name}")
    if name == "nearest":
        # Pillow adds up positions, so where a centre falls between two pixels its rounding errors choose.
        clear = np.ix_(*(off_edges(*axis) for axis in zip(size, (height, width), strict=True)))
        got, want = got[clear], pillow(pixels, size, Image.Resampling.NEAREST)[clear]
    else:
        want = pillow_by_axis(pixels, size, Image.Resampling.BOX)
    np.testing.assert_array_equal(got, want)


def test_a_crop_before_the_resize_is_pillows():
    pixels = picture(120, 150, "noise", seed=8)
    want = pillow(pixels[13:97, 21:140], (40, 50), Image.Resampling.BICUBIC)
    got = run_u8(pixels, (40, 50), "box=13,21,97,140", "resize=40x50", "filter=bicubic", "strip=16")
    np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("operations", [("flip=columns", "resize=40x50"), ("resize=40x50", "flip=columns")], ids=str)
@pytest.mark.parametrize("axis", ["rows", "columns"])
def test_flips_are_pillows(operations, axis):
    pixels = picture(97, 131, "noise", seed=9)
    flip = Image.Transpose.FLIP_TOP_BOTTOM if axis == "rows" else Image.Transpose.FLIP_LEFT_RIGHT
    image = Image.fromarray(pixels)
    for operation in operations:
        image = image.transpose(flip) if "flip" in operation else image.resize((50, 40), Image.Resampling.BILINEAR)
    got = run_u8(pixels, (40, 50), *(word.replace("columns", axis) for word in operations))
    np.testing.assert_array_equal(got, np.asarray(image))


def test_grey_is_pillows_of_the_resized_picture():
    pixels = picture(97, 131, "noise", seed=10)
    small = Image.fromarray(pixels).resize((50, 40), Image.Resampling.BILINEAR)
    got = np.frombuffer(run(pixels, "resize=40x50", "grey=1"), np.uint8).reshape(40, 50)
    np.testing.assert_array_equal(got, np.asarray(small.convert("L")))


@pytest.mark.parametrize("shape", [(90, 140), (140, 90), (100, 100), (3, 200)], ids=str)
def test_long_side_and_pad_are_a_letterbox(shape):
    from PIL import ImageOps

    pixels = picture(*shape, "noise", seed=11)
    small = np.asarray(ImageOps.contain(Image.fromarray(pixels), (64, 64), Image.Resampling.BILINEAR))
    want = np.full((64, 64, 3), 114, np.uint8)
    top, left = (64 - small.shape[0]) // 2, (64 - small.shape[1]) // 2
    want[top : top + small.shape[0], left : left + small.shape[1]] = small
    np.testing.assert_array_equal(run_u8(pixels, (64, 64), "long=64", "pad=64x64:114"), want)
