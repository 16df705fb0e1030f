"""JPEG 2000 against Pillow: lossless round trips, levels, regions, depths, damage."""

import subprocess

import numpy as np
import pytest
from test_image_formats import SIZES, TOOL, decode, over_white, picture

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
@pytest.mark.parametrize(
    "options",
    [
        {},
        LOSSY,
        {"tile_size": (64, 48)},
        LOSSY | {"quality_layers": [3], "tile_size": (50, 33), "offset": (32, 64), "tile_offset": (7, 40)},
    ],
)
def test_regions_equal_crops(tmp_path, scale, options):
    path = tmp_path / "picture.jp2"
    image = picture((201, 259))
    image.save(path, **options)
    expect_crops(path, (201, 259), f"spec={'full' if scale == 1 else f'1/{scale}'}", scale=scale)


@pytest.mark.parametrize("options", [{}, LOSSY, {"tile_size": (64, 48)}])
@pytest.mark.parametrize("suffix", ["jp2", "j2k"])
def test_truncated_at_every_tenth_byte(tmp_path, options, suffix):
    path = tmp_path / f"picture.{suffix}"
    picture((40, 50)).save(path, **options)
    whole = path.read_bytes()
    for length in range(20, len(whole), 10 if len(whole) < 2000 else 100):
        path.write_bytes(whole[:length])
        assert fail(path) == "truncated"


def box(kind, content):
    return (8 + len(content)).to_bytes(4, "big") + kind + content


def test_palette(tmp_path):
    """Pillow writes none: its grey picture gets the boxes of one."""
    path = tmp_path / "picture.jp2"
    indices = picture((40, 50), "L").point(lambda value: value // 32)
    indices.save(path)
    colours = np.random.default_rng(3).integers(0, 256, (8, 3), dtype=np.uint8)
    whole = path.read_bytes()
    start = whole.index(b"jp2h") - 4
    end = start + int.from_bytes(whole[start : start + 4], "big")
    header = whole[start + 8 : end].replace(b"colr\1\0\0\0\0\0\x11", b"colr\1\0\0\0\0\0\x10")
    header += box(b"pclr", b"\0\x08\3\7\7\7" + colours.tobytes()) + box(b"cmap", b"\0\0\1\0\0\0\1\1\0\0\1\2")
    path.write_bytes(whole[:start] + box(b"jp2h", header) + whole[end:])
    np.testing.assert_array_equal(decode(path)[0], colours[np.asarray(indices)])
