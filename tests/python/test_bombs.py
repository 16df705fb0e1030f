"""Files that ask for far more than they hold: an error row each, and memory as for a small picture."""

import struct
import subprocess
import sys
import zlib

import pytest
from conftest import BUILD, read_rows
from PIL import Image

SIDE = 65_535
MEMORY_KB = 400 << 10  # above a run over a small picture


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width, height, pixels):
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def zeros(count):
    """That many zeros as a zlib stream, without holding them."""
    pack = zlib.compressobj(9)
    block = bytes(1 << 20)
    return b"".join(pack.compress(block) for _ in range(count >> 20)) + pack.flush()


def patched(path, old, new, count=1):
    content = path.read_bytes()
    assert old in content
    return content.replace(old, new, count)


def encoded(folder, extension, **options):
    path = folder / f"small.{extension}"
    Image.new("RGB", (96, 64), (200, 30, 40)).save(path, **options)
    return path


def bombs(folder):
    """Name -> content, and the codes that may come of it."""
    limit = {"too_many_pixels"}
    damaged = {"too_many_pixels", "corrupt", "truncated", "unsupported_format"}
    yield "header.png", png(SIDE, SIDE, zlib.compress(b"")), limit
    yield "zeros.png", png(60_000, 60_000, zeros(200 << 20)), limit
    yield "long-data.png", png(10, 10, zeros(400 << 20)), {"corrupt"}
    text = b"Comment\0\0" + zeros(200 << 20)
    plain = png(10, 10, zlib.compress(bytes(310)))
    yield "text.png", plain[:33] + chunk(b"zTXt", text) + plain[33:], {"ok"}
    baseline = encoded(folder, "jpg")
    yield "header.jpg", patched(baseline, struct.pack(">HH", 64, 96), struct.pack(">HH", 65_500, 65_500)), limit
    progressive = encoded(folder, "jpg", progressive=True)
    content = progressive.read_bytes()
    last_scan = content.rindex(b"\xff\xda")
    scans = content[:-2] + content[last_scan:-2] * 10_000 + b"\xff\xd9"
    yield "scans.jpg", scans, {"corrupt"}
    yield (
        "header.bmp",
        patched(encoded(folder, "bmp"), struct.pack("<ii", 96, 64), struct.pack("<ii", SIDE, SIDE)),
        damaged,
    )
    yield (
        "header.gif",
        patched(encoded(folder, "gif"), struct.pack("<HH", 96, 64), struct.pack("<HH", SIDE, SIDE), 9),
        damaged,
    )
    yield "header.ppm", b"P6\n65535 65535\n255\n" + bytes(100), damaged
    webp = bytearray(encoded(folder, "webp", lossless=True).read_bytes())
    sides = webp.index(b"VP8L") + 9  # 14 bits each, behind the signature byte
    webp[sides : sides + 4] = struct.pack("<I", 0x3FFF | 0x3FFF << 14)
    yield "header.webp", bytes(webp), limit
    tiff = patched(encoded(folder, "tif"), struct.pack("<HHII", 256, 4, 1, 96), struct.pack("<HHII", 256, 4, 1, SIDE))
    tall = struct.pack("<HHII", 257, 4, 1, 64)
    yield "header.tif", tiff.replace(tall, struct.pack("<HHII", 257, 4, 1, SIDE)), damaged
    jp2 = encoded(folder, "jp2")
    sizes = struct.pack(">II", 96, 64)
    yield "header.jp2", patched(jp2, sizes, struct.pack(">II", SIDE, SIDE), 9), damaged
    avif = encoded(folder, "avif")
    ispe = b"ispe" + bytes(4)
    yield "header.avif", patched(avif, ispe + sizes, ispe + struct.pack(">II", SIDE, SIDE)), damaged
    yield "large.avif", patched(avif, ispe + sizes, ispe + struct.pack(">II", 13_000, 13_000)), damaged


MEASURE = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(done.returncode)
"""


def peak_kb(path, *options):
    """Peak resident memory of decoding the file, in a process of its own."""
    command = [sys.executable, "-c", MEASURE, str(BUILD / "decode_raw"), str(path), *options]
    return int(subprocess.run(command, capture_output=True, text=True).stdout)


def test_each_is_a_row_and_takes_little_memory(run_smol, model, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    expected = {}
    for name, content, codes in bombs(tmp_path):
        (folder / name).write_bytes(content)
        expected[name] = codes
    out = tmp_path / "out"
    run_smol("run", folder, "-m", model, "-o", out, "--max-failure-rate", 1)
    rows = {row["id"]: row["error_code"] or "ok" for row in read_rows(out)}
    assert rows.keys() == expected.keys()
    assert {name: code for name, code in rows.items() if code not in expected[name]} == {}
    small = peak_kb(encoded(tmp_path, "png"))
    peaks = {name: peak_kb(folder / name) - small for name in expected}
    assert {name: peak for name, peak in peaks.items() if peak > MEMORY_KB} == {}


@pytest.mark.parametrize("pixels", [178_956_971, 10**15])
def test_the_limit_can_be_raised(run_smol, model, tmp_path, pixels):
    path = tmp_path / "header.png"
    path.write_bytes(png(SIDE, SIDE, zlib.compress(b"")))
    done = run_smol("run", path, "-m", model, "-o", tmp_path / "out", "--max-pixels", pixels, check=False)
    assert done.returncode == 3  # no row is ok: past the limit the data end too early
    code = "too_many_pixels" if pixels < SIDE * SIDE else "corrupt"
    assert [row["error_code"] for row in read_rows(tmp_path / "out")] == [code]


def test_a_small_file_with_a_large_coded_picture_takes_little_memory(tmp_path):
    """The container says 96 x 64; what it holds is 4096 x 4096. Another size, seen before memory is taken for it."""
    large, png_file = tmp_path / "large.avif", tmp_path / "large.png"
    picture = Image.new("RGB", (4096, 4096), (200, 30, 40))
    picture.save(large, speed=10)
    picture.save(png_file)
    subprocess.run(["heif-enc", png_file, "-o", tmp_path / "large.heic"], check=True, capture_output=True)
    small = peak_kb(encoded(tmp_path, "avif"))
    for path in (large, tmp_path / "large.heic"):
        ispe = b"ispe" + bytes(4)
        path.write_bytes(patched(path, ispe + struct.pack(">II", 4096, 4096), ispe + struct.pack(">II", 96, 64)))
        done = subprocess.run([BUILD / "decode_raw", path, "max_pixels=10000"], capture_output=True, text=True)
        assert done.returncode == 3 and done.stderr.startswith("too_many_pixels: "), done.stderr
        assert peak_kb(path, "max_pixels=10000") - small < 20 << 10
        assert peak_kb(path) - small > 60 << 10, "so the limit is what keeps it small"
