"""--decode 1/N over formats that do not scale, or not as far: they decode larger, and no picture stops the run."""

import pytest
from conftest import read_rows
from PIL import Image


@pytest.mark.parametrize("scale", ["1/2", "1/4", "1/8", "1/16", "1/32"])
def test_a_format_that_cannot_scale_answers_as_in_full(run_smol, model, tmp_path, scale):
    """Of many sizes, as filters at another scale reach for other pixels."""
    folder = tmp_path / "in"
    folder.mkdir()
    picture = Image.radial_gradient("L").convert("RGB")
    for side in range(1, 400, 13):
        picture.resize((side, 400 - side)).save(folder / f"{side:03}.png", compress_level=1)
    logits = []
    for how in ("full", scale):
        out = tmp_path / how.replace("/", "-")
        run_smol("run", folder, "--model", model, "-o", out, "--decode", how, "--output", "logits")
        logits.append([row["logits"] for row in read_rows(out)])
    assert logits[0] == logits[1] and None not in logits[0]


def test_jpeg_scales_as_far_as_it_can(run_smol, model, pictures, tmp_path):
    logits = []
    for how in ("1/8", "1/16", "1/32"):
        out = tmp_path / how.replace("/", "-")
        run_smol("run", pictures, "--model", model, "-o", out, "--decode", how, "--output", "logits")
        logits.append([row["logits"] for row in read_rows(out)])
    assert logits[0] == logits[1] == logits[2]
