"""JPEG 2000 against Pillow: lossless round trips, levels, regions, depths, damage."""

import numpy as np
import pytest
from PIL import Image
from test_image_formats import SIZES, TOOL, decode, over_white, picture

import subprocess

LOSSY = {"irreversible": True, "quality_mode": "rates", "quality_layers": [30, 10]}


def fail(path, *options):
    """The error code that decoding gives; no other line may be printed."""
    done = subprocess.run([TOOL, path, *options], capture_output=True, check=False, timeout=60)
    lines = done.stderr.decode().splitlines()
    assert done.returncode == 3, lines
    assert len(lines) == 1, lines
    return lines[0].split(":")[0]


def rectangles(shape, count, seed=5):
    generator = np.random.default_rng(seed)
    for _ in range(count):
        top, left = (int(generator.integers(0, side)) for side in shape)
        yield top, left, int(generator.integers(top, shape[0])) + 1, int(generator.integers(left, shape[1])) + 1


def expect_crops(path, shape, *options, scale=1, count=12):
    whole, _, _ = decode(path, *options)
    for top, left, bottom, right in rectangles(shape, count):
        part, rect, _ = decode(path, f"region={top},{left},{bottom},{right}", *options)
        first_row, first_column = top // scale, left // scale
        last_row, last_column = -(-bottom // scale), -(-right // scale)
        assert rect == [first_row * scale, first_column * scale, last_row * scale, last_column * scale]
        np.testing.assert_array_equal(part, whole[first_row:last_row, first_column:last_column])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
@pytest.mark.parametrize("suffix", ["jp2", "j2k"])
def test_lossless_round_trip(tmp_path, size, mode, suffix):
    path = tmp_path / f"picture.{suffix}"
    image = picture(size, mode)
    image.save(path)
    keeps_alpha = suffix == "jp2"
    expected = over_white(image if keeps_alpha else image.convert(mode.removesuffix("A")))
    pixels, rect, orientation = decode(path)
    assert (rect, orientation) == ([0, 0, *size], 1)
    np.testing.assert_array_equal(pixels, expected)


@pytest.mark.parametrize("scale", [1, 2, 4, 8, 16, 32])
@pytest.mark.parametrize("options", [{}, LOSSY, {"tile_size": (64, 48)}, LOSSY | {"quality_layers": [3], "tile_size": (50, 33), "offset": (32, 64), "tile_offset": (7, 40)}])
def test_regions_equal_crops(tmp_path, scale, options):
    path = tmp_path / "picture.jp2"
    image = picture((201, 259))
    image.save(path, **options)
    expect_crops(path, (201, 259), f"spec={'full' if scale == 1 else f'1/{scale}'}", scale=scale)
