"""Resizes of the convention `opencv` against cv2.resize, and grey against cv2.cvtColor: the reference and the fast path."""

import numpy as np
import pytest
from test_preproc_pillow import picture, run

cv2 = pytest.importorskip("cv2", reason="opencv-python-headless of packages/requirements.txt is not installed")

FILTERS = {
    "nearest": cv2.INTER_NEAREST,
    "bilinear": cv2.INTER_LINEAR,
    "bicubic": cv2.INTER_CUBIC,
    "area": cv2.INTER_AREA,
}
SIZES = [
    ((37, 50), (20, 21)), ((37, 50), (90, 77)), ((400, 300), (33, 20)), ((64, 48), (32, 24)), ((64, 48), (16, 12)),
    ((30, 40), (60, 20)), ((1, 1), (5, 7)), ((1, 40), (9, 9)), ((100, 3), (50, 3)), ((97, 101), (96, 100)),
]  # fmt: skip


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_resize_is_opencvs(sizes, name):
    (height, width), size = sizes
    pixels = picture(height, width, "noise", seed=height + width)
    want = cv2.resize(pixels, (size[1], size[0]), interpolation=FILTERS[name]).astype(int)
    for executor in ("reference", "fused"):
        got = run(pixels, f"resize={size[0]}x{size[1]}", f"filter={name}", "opencv", executor=executor)
        difference = np.abs(np.frombuffer(got, np.uint8).reshape(*size, 3).astype(int) - want)
        # OpenCV's weights have 11 bits, and the fast path rounds between the passes; nearest is exact.
        assert difference.max() <= (0 if name == "nearest" else 2), executor
        assert difference.mean() <= (0.3 if executor == "reference" else 0.6), executor


def test_grey_is_opencvs_within_rounding():
    pixels = picture(40, 50, "noise", seed=1)
    want = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(int)
    got = np.frombuffer(run(pixels, "crop=40x50", "grey=1", executor="reference"), np.uint8).reshape(40, 50)
    assert np.abs(got.astype(int) - want).max() <= 1
