"""Decoded pixels against Pillow's, for the formats whose files Pillow can write."""

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

REPOSITORY = Path(__file__).resolve().parents[2]
TOOL = Path(os.environ.get("SMOL_BUILD", REPOSITORY / "build" / "release")) / "decode_raw"
SIZES = [(1, 1), (2, 3), (16, 16), (17, 33), (61, 40), (150, 97)]


def decode(path, *options):
    """Pixels (height, width, 3), the rectangle they cover, the orientation."""
    done = subprocess.run([TOOL, path, *options], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    header, _, pixels = done.stdout.partition(b"\n")
    height, width, *rect, orientation = map(int, header.split())
    return np.frombuffer(pixels, np.uint8).reshape(height, width, 3), rect, orientation


def picture(size, mode="RGB", seed=1):
    """Smooth, with noise; alpha, if any, takes all values."""
    generator = np.random.default_rng(seed)
    coarse = generator.integers(0, 256, (4, 5, 4), dtype=np.uint8)
    smooth = np.asarray(Image.fromarray(coarse, "RGBA").resize(size[::-1]), np.int16)
    pixels = np.clip(smooth + generator.integers(-20, 21, (*size, 4)), 0, 255).astype(np.uint8)
    return Image.fromarray(pixels, "RGBA").convert(mode)


def over_white(image):
    rgba = np.asarray(image.convert("RGBA"), np.int32)
    colour, alpha = rgba[..., :3], rgba[..., 3:]
    return ((colour * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)


def expect_pillow(path):
    with Image.open(path) as image:
        expected = over_white(image)
    pixels, rect, _ = decode(path)
    assert rect == [0, 0, *expected.shape[:2]]
    np.testing.assert_array_equal(pixels, expected)
    generator = np.random.default_rng(5)
    for _ in range(4):
        top, left = (int(generator.integers(0, side)) for side in expected.shape[:2])
        bottom = int(generator.integers(top, expected.shape[0])) + 1
        right = int(generator.integers(left, expected.shape[1])) + 1
        region = f"region={top},{left},{bottom},{right}"
        pixels, rect, _ = decode(path, region)
        assert rect == [top, left, bottom, right]
        np.testing.assert_array_equal(pixels, expected[top:bottom, left:right])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("lossless", [False, True])
def test_webp(tmp_path, size, mode, lossless):
    path = tmp_path / "picture.webp"
    picture(size, mode).save(path, lossless=lossless, quality=40)
    expect_pillow(path)


@pytest.mark.parametrize("lossless", [False, True])
def test_first_frame_of_an_animated_webp(tmp_path, lossless):
    """The second frame differs in a corner only; the first is transparent but for a part of the canvas."""
    first = Image.new("RGBA", (90, 70))
    first.paste(picture((30, 40), "RGB"), (21, 33))
    second = first.copy()
    second.paste(picture((8, 8), "RGB", seed=3), (60, 4))
    path = tmp_path / "picture.webp"
    first.save(path, save_all=True, append_images=[second], lossless=lossless, allow_mixed=False)
    expect_pillow(path)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_of_a_webp(tmp_path, orientation):
    image = picture((20, 30))
    exif = image.getexif()
    exif[0x0112] = orientation
    path = tmp_path / "picture.webp"
    image.save(path, exif=exif)
    assert decode(path)[2] == orientation


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("mode", "suffix"), [("1", "pbm"), ("L", "pgm"), ("RGB", "ppm")])
def test_binary_pnm(tmp_path, size, mode, suffix):
    path = tmp_path / f"picture.{suffix}"
    picture(size, mode).save(path)
    expect_pillow(path)


@pytest.mark.parametrize("maximum", [1, 15, 255, 1000, 65535])
@pytest.mark.parametrize("kind", [1, 2, 3, 5, 6])
def test_pnm_of_any_depth(tmp_path, kind, maximum):
    """The expected pixels by plain arithmetic: Pillow rounds otherwise, and keeps 16 bit."""
    generator = np.random.default_rng(kind)
    samples = 3 if kind in (3, 6) else 1
    maximum = 1 if kind == 1 else maximum
    values = generator.integers(0, maximum + 1, (19, 23, samples))
    header = f"P{kind}\n# a comment\n23 19\n" + ("" if kind == 1 else f"{maximum}\n")
    if kind < 4:
        body = ("" if kind == 1 else " ").join(map(str, values.ravel())).encode() + b"\n"
    else:
        body = values.astype(">u2" if maximum > 255 else np.uint8).tobytes()
    path = tmp_path / "picture.pnm"
    path.write_bytes(header.encode() + body)
    expected = (values * 255 * 2 + maximum) // (maximum * 2)
    expected = np.broadcast_to(255 - expected if kind == 1 else expected, (19, 23, 3))
    np.testing.assert_array_equal(decode(path)[0], expected)
    np.testing.assert_array_equal(decode(path, "region=3,5,11,22")[0], expected[3:11, 5:22])


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_pam(tmp_path, mode):
    image = picture((19, 23), mode)
    header = f"P7\nWIDTH 23\nHEIGHT 19\n# comment\nDEPTH {len(image.getbands())}\nMAXVAL 255\nTUPLTYPE any\nENDHDR\n"
    path = tmp_path / "picture.pam"
    path.write_bytes(header.encode() + image.tobytes())
    np.testing.assert_array_equal(decode(path)[0], over_white(image))


@pytest.mark.parametrize("size", [*SIZES, (300, 301)])
@pytest.mark.parametrize("colours", [2, 7, 256])
@pytest.mark.parametrize("interlace", [0, 1])
def test_gif(tmp_path, size, colours, interlace):
    path = tmp_path / "picture.gif"
    picture(size).quantize(colours).save(path, interlace=interlace)
    expect_pillow(path)


def test_grey_noise_gif(tmp_path):
    """Noise fills the table of codes again and again."""
    noise = np.random.default_rng(2).integers(0, 256, (200, 200), dtype=np.uint8)
    path = tmp_path / "picture.gif"
    Image.fromarray(noise).save(path)
    expect_pillow(path)


def test_first_frame_of_a_transparent_gif(tmp_path):
    first = Image.new("RGBA", (90, 70))
    first.paste(picture((30, 40), "RGB"), (21, 33))
    path = tmp_path / "picture.gif"
    first.save(path, save_all=True, append_images=[picture((70, 90), "RGBA", seed=3)])
    expect_pillow(path)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA"])
def test_bmp(tmp_path, size, mode):
    image = picture(size)
    path = tmp_path / "picture.bmp"
    (image.quantize(11) if mode == "P" else picture(size, mode)).save(path)
    expect_pillow(path)


@pytest.mark.parametrize("name", ["picture.webp", "picture.gif", "picture.bmp", "picture.ppm"])
def test_truncated_files_are_errors_or_the_same_picture(tmp_path, name):
    whole = tmp_path / name
    picture((60, 50)).save(whole)
    data = whole.read_bytes()
    expected = decode(whole)[0]
    cut = tmp_path / f"cut-{name}"
    for length in range(1, len(data), max(10, len(data) // 60)):
        cut.write_bytes(data[:length])
        done = subprocess.run([TOOL, cut], capture_output=True, check=False)
        assert done.returncode in (0, 3), done.stderr
        if done.returncode == 0:
            np.testing.assert_array_equal(decode(cut)[0], expected)
        elif length >= 30:
            assert done.stderr.startswith(b"truncated"), (length, done.stderr)
