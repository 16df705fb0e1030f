"""Decoded pixels of TIFFs against Pillow's, and against plain arithmetic for what Pillow does not write or show."""

import struct
import subprocess
import zlib

import numpy as np
import pytest
from PIL import Image, ImageOps
from test_image_formats import SIZES, TOOL, decode, expect_pillow, over_white, picture

COMPRESSIONS = [None, "tiff_lzw", "tiff_adobe_deflate", "tiff_deflate", "packbits", "zstd", "lzma"]
KINDS = {"B": 1, "H": 3, "I": 4}


def tiff(directories, order="<"):
    """A file of (blocks, tags) each; blocks are encoded strips or tiles, tags are {number: (kind, values)}.

    The first directory stands behind its blocks, as does each of the others. SubIFDs: the tag's values are indices of
    directories, which must come earlier and are then in no chain.
    """
    inner = {i for _, tags in directories for i in tags.get(330, ("I", []))[1]}
    file = bytearray((b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 0))
    link, places = 4, {}
    for index, (blocks, tags) in enumerate(directories):
        offsets = []
        for block in blocks:
            offsets.append(len(file))
            file += block + b"\0" * (len(block) % 2)
        tiled = 322 in tags
        tags = dict(tags)
        tags[324 if tiled else 273] = ("I", offsets)
        tags[325 if tiled else 279] = ("I", [len(block) for block in blocks])
        if 330 in tags:
            tags[330] = ("I", [places[i] for i in tags[330][1]])
        entries = b""
        for number, (kind, values) in sorted(tags.items()):
            data = struct.pack(f"{order}{len(values)}{kind}", *values)
            if len(data) > 4:
                place = len(file)
                file += data + b"\0" * (len(data) % 2)
                data = struct.pack(order + "I", place)
            entries += struct.pack(order + "HHI", number, KINDS[kind], len(values)) + data.ljust(4, b"\0")
        places[index] = len(file)
        if index not in inner:
            file[link : link + 4] = struct.pack(order + "I", len(file))
            link = len(file) + 2 + len(entries)
        file += struct.pack(order + "H", len(entries) // 12) + entries + bytes(4)
    return bytes(file)


def directory(pixels, photometric=2, tile=None, rows=None, order="<", planes=False, deflate=False, **more):
    """Of an array (height, width, samples) of u8, u16 or f32; `more` are tags as t338=("H", [2])."""
    height, width, samples = pixels.shape
    pixels = pixels.astype(pixels.dtype.newbyteorder(order))
    tags = {
        256: ("I", [width]),
        257: ("I", [height]),
        258: ("H", [pixels.dtype.itemsize * 8] * samples),
        259: ("H", [8 if deflate else 1]),
        262: ("H", [photometric]),
        277: ("H", [samples]),
        284: ("H", [2 if planes else 1]),
    }
    if tile:
        tags |= {322: ("I", [tile[1]]), 323: ("I", [tile[0]])}
        padded = np.pad(pixels, [(0, -height % tile[0]), (0, -width % tile[1]), (0, 0)], mode="edge")
    else:
        tile = (rows or height, width)
        tags |= {278: ("I", [tile[0]])}
        padded = pixels
    blocks = [
        plane[top : top + tile[0], left : left + tile[1]].tobytes()
        for plane in (np.split(padded, samples, axis=2) if planes else [padded])
        for top in range(0, padded.shape[0], tile[0])
        for left in range(0, padded.shape[1], tile[1])
    ]
    tags |= {int(name[1:]): value for name, value in more.items()}
    return [zlib.compress(block) for block in blocks] if deflate else blocks, tags


def noise(*shape, dtype=np.uint8, seed=1):
    return np.random.default_rng(seed).integers(0, np.iinfo(dtype).max + 1, shape, dtype=dtype)


def expect(path, expected, spec=""):
    """All of it and some regions of it."""
    generator = np.random.default_rng(3)
    np.testing.assert_array_equal(decode(path)[0], expected)
    for i in range(8):
        top, left = (int(generator.integers(0, side)) for side in expected.shape[:2])
        bottom = int(generator.integers(top, expected.shape[0])) + 1
        right = int(generator.integers(left, expected.shape[1])) + 1
        options = [f"region={top},{left},{bottom},{right}"] + ["read_to_end"] * (i % 2)
        pixels, rect, _ = decode(path, *options)
        assert rect == [top, left, bottom, right]
        np.testing.assert_array_equal(pixels, expected[top:bottom, left:right])


def error_of(path, *options):
    done = subprocess.run([TOOL, path, *options], capture_output=True, check=False)
    assert done.returncode == 3
    message = done.stderr.decode()
    assert message.count("\n") == 1, "libtiff says nothing itself"
    return message.split(":")[0]


def rounded_8_bit(values):
    return (values.astype(np.int64) * 255 * 2 + 65535) // (65535 * 2)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA"])
@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_lossless(tmp_path, size, mode, compression):
    path = tmp_path / "picture.tif"
    picture(size, mode).save(path, compression=compression)
    expect_pillow(path)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("strip_size", [2000, 1 << 20])
def test_jpeg(tmp_path, size, mode, strip_size):
    path = tmp_path / "picture.tif"
    picture(size, mode).save(path, compression="jpeg", quality=60, strip_size=strip_size)
    expect_pillow(path)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("compression", ["group3", "group4", "tiff_ccitt"])
@pytest.mark.parametrize("strip_size", [1, 1 << 20])
def test_fax(tmp_path, size, compression, strip_size):
    path = tmp_path / "picture.tif"
    picture(size, "1").save(path, compression=compression, strip_size=strip_size)
    expect_pillow(path)


@pytest.mark.parametrize("strip_size", [1, 500, 1 << 20])
@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate"])
def test_predictor_and_strips(tmp_path, strip_size, compression):
    path = tmp_path / "picture.tif"
    picture((61, 40)).save(path, compression=compression, strip_size=strip_size, tiffinfo={317: 2})
    expect_pillow(path)


def test_cmyk(tmp_path):
    path = tmp_path / "picture.tif"
    image = Image.fromarray(noise(40, 33, 4), "CMYK")
    image.save(path, compression="tiff_lzw")
    expect(path, np.asarray(image.convert("RGB")))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_reported(tmp_path, orientation):
    """Pillow turns the pixels of a TIFF itself when it loads them."""
    path = tmp_path / "picture.tif"
    image = picture((20, 30))
    image.save(path, tiffinfo={274: orientation})
    pixels, _, reported = decode(path)
    assert reported == orientation
    np.testing.assert_array_equal(pixels, np.asarray(image))
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.info["exif"] = exif.tobytes()
    with Image.open(path) as turned:
        np.testing.assert_array_equal(np.asarray(ImageOps.exif_transpose(image)), np.asarray(turned))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("tile", [None, (16, 16), (32, 48), (128, 128)])
@pytest.mark.parametrize("planes", [False, True])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("samples", [1, 3])
def test_blocks_planes_and_16_bit(tmp_path, order, tile, planes, dtype, samples):
    path = tmp_path / "picture.tif"
    values = noise(70, 85, samples, dtype=dtype)
    made = directory(values, 2 if samples == 3 else 1, tile, 9, order, planes, deflate=True)
    path.write_bytes(tiff([made], order))
    expected = values if dtype == np.uint8 else rounded_8_bit(values)
    expect(path, np.broadcast_to(expected, (70, 85, 3)))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("grey", [False, True])
@pytest.mark.parametrize("kind", [None, 0, 1, 2])
@pytest.mark.parametrize("planes", [False, True])
def test_alpha(tmp_path, dtype, grey, kind, planes):
    """An extra sample that is unspecified (0) or that no tag explains is ignored; premultiplied is 1."""
    path = tmp_path / "picture.tif"
    colours = 1 if grey else 3
    values = noise(40, 30, colours + 1, dtype=dtype)
    more = {} if kind is None else {"t338": ("H", [kind])}
    path.write_bytes(tiff([directory(values, 1 if grey else 2, rows=7, planes=planes, **more)]))
    eight = values.astype(np.int64) if dtype == np.uint8 else rounded_8_bit(values)
    colour, alpha = eight[..., :colours], eight[..., colours:]
    if kind in (None, 0):
        expected = colour
    elif kind == 1:
        expected = np.minimum(255, colour + 255 - alpha)
    else:
        expected = (colour * alpha + 255 * (255 - alpha) + 127) // 255
    expect(path, np.broadcast_to(expected, (40, 30, 3)))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_zero_is_white(tmp_path, dtype):
    path = tmp_path / "picture.tif"
    values = noise(40, 30, 1, dtype=dtype)
    path.write_bytes(tiff([directory(values, 0, rows=7)]))
    eight = values if dtype == np.uint8 else rounded_8_bit(values)
    expect(path, np.broadcast_to(255 - eight, (40, 30, 3)))


@pytest.mark.parametrize("bits", [1, 2, 4])
@pytest.mark.parametrize("photometric", [0, 1, 3])
@pytest.mark.parametrize("tile", [None, (16, 32)])
def test_few_bits(tmp_path, bits, photometric, tile):
    path = tmp_path / "picture.tif"
    values = noise(37, 64, 1) & (1 << bits) - 1
    packed = np.zeros((37, 64 * bits // 8, 1), np.uint8)
    for i in range(8 // bits):
        packed |= values[:, i :: 8 // bits] << (8 - bits * (i + 1))
    blocks, tags = directory(packed, photometric, tile and (tile[0], tile[1] * bits // 8), rows=5)
    tags |= {256: ("I", [64]), 258: ("H", [bits])}
    if tile:
        tags[322] = ("I", [tile[1]])
    palette = noise(3, 1 << bits, dtype=np.uint16, seed=2)
    if photometric == 3:
        tags[320] = ("H", palette.ravel().tolist())
        expected = np.moveaxis(palette >> 8, 0, -1)[values[..., 0]]
    else:
        grey = values.astype(np.int64) * 255 // ((1 << bits) - 1)
        expected = np.broadcast_to(255 - grey if photometric == 0 else grey, (37, 64, 3))
    path.write_bytes(tiff([(blocks, tags)]))
    expect(path, expected)


def test_first_of_several_pages(tmp_path):
    path = tmp_path / "picture.tif"
    first = picture((40, 30))
    first.save(path, save_all=True, append_images=[picture((25, 50), seed=9)])
    expect(path, over_white(first))


LEVELS = {1: (77, 101), 2: (38, 51), 4: (20, 25), 8: (9, 13)}


@pytest.fixture(params=["chain", "sub-directories"])
def pyramid(request, tmp_path):
    """Levels rounded up or down; between them a mask, and behind them another page with a level of its own."""
    pixels = {scale: noise(*size, 3, seed=scale) for scale, size in LEVELS.items()}
    full, *smaller = [directory(level, tile=(16, 32), deflate=True) for level in pixels.values()]
    for _, tags in smaller:
        tags[254] = ("I", [1])
    if request.param == "chain":
        mask = directory(noise(38, 51, 1), 1, t254=("I", [5]))
        other = directory(noise(60, 60, 3, seed=70)), directory(noise(3, 4, 3), t254=("I", [1]))
        parts = [full, mask, *smaller, *other]
    else:
        full[1][330] = ("I", [0, 1, 2])
        parts = [*smaller, full]
    path = tmp_path / "picture.tif"
    path.write_bytes(tiff(parts))
    return path, pixels


def test_pyramid(pyramid):
    path, pixels = pyramid
    expect(path, pixels[1])
    for asked, used in {2: 2, 4: 4, 8: 8, 16: 8, 32: 8}.items():
        level = pixels[used]
        rows, columns = (-(-side // used) for side in LEVELS[1])
        expected = np.pad(level, [(0, rows - level.shape[0]), (0, columns - level.shape[1]), (0, 0)], mode="edge")
        shown, rect, _ = decode(path, f"spec=1/{asked}")
        assert rect == [0, 0, rows * used, columns * used]
        np.testing.assert_array_equal(shown, expected)
        for region in [(0, 0, 1, 1), (76, 100, 77, 101), (30, 41, 77, 101), (13, 8, 52, 93)]:
            shown, rect, _ = decode(path, f"spec=1/{asked}", "region={},{},{},{}".format(*region))
            top, left = region[0] // used, region[1] // used
            bottom, right = -(-region[2] // used), -(-region[3] // used)
            assert rect == [top * used, left * used, bottom * used, right * used]
            np.testing.assert_array_equal(shown, expected[top:bottom, left:right])


def test_scale_without_a_level_is_the_full_picture(tmp_path):
    path = tmp_path / "picture.tif"
    picture((40, 30)).save(path)
    np.testing.assert_array_equal(decode(path, "spec=1/2")[0], decode(path)[0])


@pytest.mark.parametrize("name", ["float", "signed", "32 bit", "12 samples", "old JPEG"])
def test_not_decoded(tmp_path, name):
    path = tmp_path / "picture.tif"
    made = {
        "float": lambda: directory(np.ones((5, 6, 1), np.float32), 1, t339=("H", [3])),
        "signed": lambda: directory(noise(5, 6, 1), 1, t339=("H", [2])),
        "32 bit": lambda: directory(np.ones((5, 6, 1), np.uint32), 1),
        "12 samples": lambda: directory(noise(5, 6, 12), 1),
        "old JPEG": lambda: directory(noise(5, 6, 3), 6, t259=("H", [6])),
    }[name]()
    path.write_bytes(tiff([made]))
    assert error_of(path) == "unsupported_format"


@pytest.mark.parametrize("tile", [None, (1 << 15, 1 << 15)])
@pytest.mark.parametrize("side", [60_000, 200_000])
def test_bombs(tmp_path, tile, side):
    """A small file that claims a huge picture, or a huge tile of a small one."""
    path = tmp_path / "picture.tif"
    blocks, tags = directory(noise(20, 20, 3), deflate=True)
    tags |= {256: ("I", [side]), 257: ("I", [side]), 278: ("I", [side])}
    if tile:
        tags |= {256: ("I", [20]), 257: ("I", [20]), 322: ("I", [tile[1]]), 323: ("I", [tile[0]])}
        del tags[278]
    path.write_bytes(tiff([(blocks, tags)]))
    assert error_of(path) == "too_many_pixels"


def test_max_pixels(tmp_path):
    path = tmp_path / "picture.tif"
    picture((40, 50)).save(path)
    decode(path, "max_pixels=2000")
    assert error_of(path, "max_pixels=1999") == "too_many_pixels"


@pytest.mark.parametrize("spec", ["spec=full", "spec=1/4"])
def test_truncated_pyramid(pyramid, spec):
    """A file that is cut off within the full picture is bad at every scale."""
    path, _ = pyramid
    whole = path.read_bytes()
    for length in range(8, len(whole) * 2 // 10, 997):
        path.write_bytes(whole[:length])
        assert error_of(path, spec) == "truncated"
