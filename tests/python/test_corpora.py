"""The test images of pillow, libheif, vips and openjpeg2: a row a file, whatever they do to a decoder."""

import collections
import pathlib
import random

from conftest import ROOT, read_rows

CODES = set(["unknown_format", "unsupported_format", "truncated", "corrupt", "too_many_pixels", "empty_file"])


def corpus_files():
    files = sorted(path for path in (ROOT / "var/corpora").rglob("*") if path.is_file())
    assert len(files) > 500, "tools/data/fetch_corpora.sh makes them"
    return files


def run_over(paths, run_smol, model, tmp_path):
    names = tmp_path / "files.txt"
    names.write_text("".join(f"{path}\n" for path in paths))
    out = tmp_path / "out"
    run_smol("run", names, "-m", model, "-o", out, "--max-failure-rate", 1)
    rows = read_rows(out)
    assert [row["path"] for row in rows] == [str(path) for path in paths]
    assert {row["error_code"] for row in rows if row["status"] == "error"} <= CODES
    return rows


def test_a_row_a_file(run_smol, model, tmp_path):
    rows = run_over(corpus_files(), run_smol, model, tmp_path)
    outcomes = collections.Counter((pathlib.Path(row["path"]).suffix.lower(), row["status"]) for row in rows)
    for extension in (".jpg", ".png", ".webp", ".gif", ".bmp", ".tif", ".ppm", ".jp2", ".heic", ".avif"):
        assert outcomes[extension, "ok"] > 0, extension
    # Most of these files are there because they are odd; two thirds decode all the same.
    assert sum(row["status"] == "ok" for row in rows) > len(rows) * 0.66


def test_a_row_a_damaged_file(run_smol, model, tmp_path):
    rng = random.Random(5)
    folder = tmp_path / "damaged"
    folder.mkdir()
    paths = []
    for number, path in enumerate(corpus_files()):
        content = bytearray(path.read_bytes())
        if number % 2 == 0:
            content = content[: len(content) * rng.randrange(10) // 10]
        else:
            for _ in range(rng.choice((1, 5, 30)) if content else 0):
                content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        paths.append(folder / f"{number:04d}{path.suffix}")
        paths[-1].write_bytes(content)
    rows = run_over(paths, run_smol, model, tmp_path)
    assert sum(row["status"] == "error" for row in rows) > len(rows) / 3
