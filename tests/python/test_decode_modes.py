"""smol inspect lists the ways to decode a picture, --compare measures them, and smol run --decode uses them."""

import io
import json
import math

import numpy as np
import pytest
from conftest import read_rows, save_pictures
from PIL import Image


def save_with_thumbnail(path, size=(300, 200), thumbnail=(160, 120), **options):
    """A JPEG (width, height) whose EXIF thumbnail is letterboxed, as cameras write it."""
    rng = np.random.default_rng(3)
    coarse = rng.integers(60, 256, (5, 7, 3), dtype=np.uint8)
    picture = Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)
    small = picture.copy()
    small.thumbnail(thumbnail)
    framed = Image.new("RGB", thumbnail)
    framed.paste(small, ((thumbnail[0] - small.width) // 2, (thumbnail[1] - small.height) // 2))
    embedded = io.BytesIO()
    framed.save(embedded, "JPEG", quality=90)
    body = embedded.getvalue()
    # Little-endian TIFF: an empty first directory, and a second with offset and length of the thumbnail behind it.
    tiff = b"II*\0" + (8).to_bytes(4, "little") + bytes(2) + (14).to_bytes(4, "little")
    begin = len(tiff) + 2 + 2 * 12 + 4
    tiff += (2).to_bytes(2, "little")
    for tag, value in ((0x0201, begin), (0x0202, len(body))):
        tiff += tag.to_bytes(2, "little") + (4).to_bytes(2, "little")
        tiff += (1).to_bytes(4, "little") + value.to_bytes(4, "little")
    tiff += bytes(4) + body
    picture.save(path, quality=90, exif=b"Exif\0\0" + tiff, **options)
    return path


def test_inspect_lists_the_ways_to_decode(run_smol, tmp_path):
    path = save_with_thumbnail(tmp_path / "a.jpg", (301, 201))
    modes = json.loads(run_smol("inspect", path, "--json").stdout)["decode_modes"]
    sizes = {mode["name"]: (mode["width"], mode["height"]) for mode in modes}
    assert next(iter(sizes)) == "full" and sizes["full"] == (301, 201)
    assert sizes["1/2"] == (151, 101) and sizes["1/4"] == (76, 51) and sizes["1/8"] == (38, 26)
    width, height = sizes["thumbnail"]
    assert width == 160 and abs(height - 107) <= 1  # without its bars
    assert [mode["name"] for mode in modes if mode["exact"]] == ["full"]
    text = run_smol("inspect", path).stdout.decode()
    assert "1/8" in text and "approximate" in text and "thumbnail" in text


def test_progressive_files_offer_some_of_their_scans(run_smol, model, tmp_path):
    (tmp_path / "in").mkdir()
    path = save_with_thumbnail(tmp_path / "in" / "a.jpg", progressive=True)
    found = json.loads(run_smol("inspect", path, "--compare", "--json").stdout)
    rows = {row["name"]: row for row in found["comparison"]}
    assert {"scans=8", "scans=5"} <= set(rows)
    for name in ("scans=8", "scans=5"):
        assert (rows[name]["width"], rows[name]["height"]) == (300, 200)
        assert not rows[name]["exact"] and 25 < rows[name]["psnr_db"] < 60
    assert rows["scans=8"]["psnr_db"] > rows["scans=5"]["psnr_db"]
    logits = []
    for how in ("full", "scans=5", "1/8"):
        out = tmp_path / how.replace("/", "-")
        run_smol("run", tmp_path / "in", "--model", model, "-o", out, "--decode", how, "--output", "logits")
        logits.append(read_rows(out)[0]["logits"])
    assert logits[0] != logits[1] != logits[2]


def test_other_formats_offer_the_full_decode(run_smol, tmp_path):
    Image.new("RGB", (30, 20)).save(tmp_path / "a.png")
    modes = json.loads(run_smol("inspect", tmp_path / "a.png", "--json").stdout)["decode_modes"]
    assert modes[0] == {"name": "full", "width": 30, "height": 20, "exact": True}


def test_compare_measures_every_way_and_a_region(run_smol, tmp_path):
    path = save_with_thumbnail(tmp_path / "a.jpg")
    found = json.loads(run_smol("inspect", path, "--compare", "--json").stdout)
    rows = {row["name"]: row for row in found["comparison"]}
    assert set(rows) == {mode["name"] for mode in found["decode_modes"]} | {"centre half", "upper half"}
    for name in ("full", "centre half"):
        assert rows[name]["exact"] and rows[name]["identical"] and rows[name]["psnr_db"] is None
    assert (rows["centre half"]["width"], rows["centre half"]["height"]) == (150, 100)
    for row in rows.values():
        assert row["cpu_ms"] > 0
        assert row["ratio_to_full"] == pytest.approx(row["cpu_ms"] / rows["full"]["cpu_ms"])
    table = run_smol("inspect", "--compare", path).stdout.decode()
    assert "PSNR" in table and "centre half" in table and "exact" in table


def test_compare_tells_how_close_the_pixels_are(run_smol, tmp_path):
    """The PSNR of 1/2 is that of Pillow's draft mode against Pillow's box reduction."""
    folder = save_pictures(tmp_path / "in", 1, sizes=((96, 128),))
    found = json.loads(run_smol("inspect", folder / "0000.jpg", "--compare", "--json").stdout)
    measured = {row["name"]: row["psnr_db"] for row in found["comparison"]}
    for denominator in (2, 4, 8):
        with Image.open(folder / "0000.jpg") as picture:
            full = np.asarray(picture.convert("RGB"), dtype=np.float64)
        with Image.open(folder / "0000.jpg") as picture:
            picture.draft("RGB", (128 // denominator, 96 // denominator))
            scaled = np.asarray(picture, dtype=np.float64)
        height, width = 96 // denominator, 128 // denominator
        assert scaled.shape == (height, width, 3)
        reduced = full.reshape(height, denominator, width, denominator, 3).mean(axis=(1, 3))
        expected = 10 * math.log10(255**2 / ((reduced - scaled) ** 2).mean())
        assert measured[f"1/{denominator}"] == pytest.approx(expected, abs=1e-6)


def test_compare_takes_one_picture(run_smol, pictures, tmp_path):
    listing = tmp_path / "list.txt"
    listing.write_text(f"{pictures / '0000.jpg'}\n{pictures / '0001.jpg'}\n")
    for source in (pictures, listing):
        refused = run_smol("inspect", "--compare", source, check=False)
        message = refused.stderr.decode()
        assert refused.returncode == 2 and refused.stdout == b""
        assert message.count("\n") == 1 and "--compare" in message and str(source) in message


def test_a_damaged_picture_is_an_error(run_smol, pictures, tmp_path):
    body = (pictures / "0000.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(body[: len(body) // 2])
    done = run_smol("inspect", "--compare", tmp_path / "cut.jpg", check=False)
    assert done.returncode == 3 and b"truncated" in done.stdout and done.stderr == b""
    found = json.loads(run_smol("inspect", "--compare", "--json", tmp_path / "cut.jpg", check=False).stdout)
    assert found["error_code"] == "truncated"


def test_runs_may_read_thumbnails(run_smol, model, tmp_path):
    """Where there is a usable thumbnail it is read, with answers close to the picture's; elsewhere the picture is."""
    folder = save_pictures(tmp_path / "in", 2, sizes=((200, 300),))
    save_with_thumbnail(folder / "embedded.jpg")
    rows = {}
    for how in ("full", "thumbnail"):
        run_smol("run", folder, "--model", model, "-o", tmp_path / how, "--decode", how, "--output", "logits")
        rows[how] = {row["id"]: row for row in read_rows(tmp_path / how)}
    assert all(
        row["status"] == "ok" and (row["width"], row["height"]) == (300, 200) for row in rows["thumbnail"].values()
    )
    for name, full in rows["full"].items():
        small = rows["thumbnail"][name]
        assert (small["logits"] == full["logits"]) == (name != "embedded.jpg")
        drift = max(abs(a - b) for a, b in zip(full["logits"], small["logits"], strict=True))
        assert drift < 0.1 * (max(full["logits"]) - min(full["logits"]))
