"""Cheaper ways to decode videos: the same frames at the same times, with the pixels that other decoders give for that."""

import json
import math
import subprocess

import pytest
from conftest import read_rows
from test_video import frames

SOURCE = ["-f", "lavfi", "-i", "testsrc2=size=192x144:rate=25:duration=2.4"]
FRAMES = 60

VPX = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "5", "-g", "30", "-lag-in-frames", "16"]
AOM = ["-c:v", "libaom-av1", "-usage", "realtime", "-cpu-used", "8", "-g", "30"]
MPEG4 = ["-c:v", "mpeg4", "-bf", "2", "-g", "25", "-q", "3"]
MPEG2 = ["-c:v", "mpeg2video", "-bf", "2", "-g", "15", "-q", "3"]
CLIPS = {
    "vp9.webm": [*VPX, "-auto-alt-ref", "1"],
    "vp9-444.mkv": [*VPX, "-pix_fmt", "yuv444p"],
    "vp9-resilient.mkv": [*VPX, "-error-resilient", "1"],
    "av1.mkv": AOM,
    "vp8.webm": ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "5", "-g", "30"],
    "h264.mp4": ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "30"],
    "mpeg4.mp4": MPEG4,
    "mpeg4.avi": MPEG4,  # sequential
    "mpeg2.ts": MPEG2,
    "mpeg2.mkv": ["-vf", "scale=189:141", *MPEG2],
    "mjpeg.mov": ["-vf", "scale=189:141", "-c:v", "mjpeg", "-pix_fmt", "yuvj444p", "-q", "3"],
}
UNFILTERED = {"vp9.webm", "vp9-444.mkv", "vp9-resilient.mkv", "av1.mkv", "av1.mp4", "vp8.webm", "h264.mp4"}
SCALED = {"mpeg4.mp4", "mpeg4.avi", "mpeg2.ts", "mpeg2.mkv", "mjpeg.mov"}


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    for name, options in CLIPS.items():
        subprocess.run(["ffmpeg", "-v", "error", *SOURCE, *options, folder / name], check=True)
    subprocess.run(["ffmpeg", "-v", "error", "-i", folder / "av1.mkv", "-c", "copy", folder / "av1.mp4"], check=True)
    return folder


def pixels(lines):
    return [line[3] for line in lines]


def check_drift_free(clip, way, expected):
    """Numbers and times are the full decode's, and every rule gives the same pixels as decoding from the start."""
    full, ours = frames(clip, "all"), frames(clip, "all", "--decode", way)
    assert [frame[:3] for frame in ours] == [frame[:3] for frame in full]
    assert pixels(ours) == expected != pixels(full)
    for order in (1, 2):
        picked = frames(clip, "random=12", 3, "--decode", way, "--run", order)
        assert len(picked) == 12 and all(frame[3] == expected[int(frame[0])] for frame in picked)


@pytest.mark.parametrize("name", ["vp9.webm", "vp9-444.mkv", "vp9-resilient.mkv"])
def test_vp9_without_filter_is_libvpx_told_to_skip_it(clips, name):
    check_drift_free(clips / name, "no-filters", pixels(frames(clips / name, "--libvpx")))


@pytest.mark.parametrize("name", ["av1.mkv", "av1.mp4"])
def test_av1_without_filters_is_dav1d_told_to_skip_them(clips, tmp_path, name):
    raw = tmp_path / "raw.ivf"
    subprocess.run(["ffmpeg", "-v", "error", "-i", clips / name, "-c", "copy", raw], check=True)
    decode = ["dav1d", "-q", "--threads", "1", "--inloopfilters", "none"]
    subprocess.run([*decode, "-i", raw, "-o", tmp_path / "raw.y4m"], check=True)
    lossless = tmp_path / "lossless.mkv"
    subprocess.run(["ffmpeg", "-v", "error", "-i", tmp_path / "raw.y4m", "-c:v", "ffv1", lossless], check=True)
    check_drift_free(clips / name, "no-filters", pixels(frames(lossless, "--plain")))


@pytest.mark.parametrize("way", ["1/2", "1/4", "1/8"])
@pytest.mark.parametrize("name", sorted(SCALED))
def test_scaled_frames_are_those_of_ffmpeg(clips, tmp_path, name, way):
    lossless = tmp_path / "lossless.mkv"
    halvings = {"1/2": 1, "1/4": 2, "1/8": 3}[way]
    command = ["ffmpeg", "-v", "error", "-lowres", str(halvings), "-i", clips / name, "-vsync", "passthrough"]
    full_range = ["libx264", "-qp", "0", "-preset", "ultrafast"]  # which FFV1 does not tell
    subprocess.run([*command, "-c:v", *(full_range if name == "mjpeg.mov" else ["ffv1"]), lossless], check=True)
    check_drift_free(clips / name, way, pixels(frames(lossless, "--plain")))


def test_references_keep_their_filters(clips):
    """VP9 with a hidden frame has frames that no other one needs; those that are needed stay exact."""
    full = frames(clips / "vp9-resilient.mkv", "all")
    nonref = frames(clips / "vp9-resilient.mkv", "all", "--decode", "no-filters=nonref")
    assert [frame[:3] for frame in nonref] == [frame[:3] for frame in full]
    assert frames(clips / "av1.mkv", "all", "--decode", "no-filters=nonref") == frames(clips / "av1.mkv", "all")


def test_ways_that_do_not_apply_decode_in_full(clips):
    for name, way in (("vp9.webm", "1/2"), ("h264.mp4", "1/8"), ("mpeg4.mp4", "no-filters"), ("av1.mp4", "scans=2")):
        assert frames(clips / name, "all", "--decode", way) == frames(clips / name, "all")
    assert frames(clips / "mpeg4.mp4", "all", "--decode", "1/32") == frames(
        clips / "mpeg4.mp4", "all", "--decode", "1/8"
    )


def test_inspect_lists_the_ways(run_smol, clips):
    def ways(name):
        video = json.loads(run_smol("inspect", clips / name, "--json").stdout)
        return [(mode["name"], mode["width"], mode["height"], mode["exact"]) for mode in video["decode_modes"]]

    full = [("full", 192, 144, True)]
    both = [("no-filters=nonref", 192, 144, False), ("no-filters", 192, 144, False)]
    assert ways("h264.mp4") == ways("vp9.webm") == ways("vp8.webm") == full + both
    assert ways("av1.mkv") == full + both[1:]
    scaled = [("full", 189, 141, True), ("1/2", 95, 71, False), ("1/4", 48, 36, False), ("1/8", 24, 18, False)]
    assert ways("mjpeg.mov") == ways("mpeg2.mkv") == scaled
    text = run_smol("inspect", clips / "mjpeg.mov").stdout.decode()
    assert "1/8                24 x 18        approximate" in text


@pytest.mark.parametrize("name", [*CLIPS, "av1.mp4"])
def test_compare_tells_time_and_drift(run_smol, clips, name):
    video = json.loads(run_smol("inspect", "--compare", clips / name, "--json").stdout)
    listed = {mode["name"]: mode for mode in video["decode_modes"]}
    measured = {mode["name"]: mode for mode in video["comparison"]}
    assert list(measured) == list(listed)
    for way, mode in measured.items():
        assert (mode["width"], mode["height"]) == (listed[way]["width"], listed[way]["height"])
        assert mode["cpu_ms_per_frame"] > 0 and mode["ratio_to_full"] > 0
        if way == "full":
            assert mode["identical"] and mode["psnr_db"] is None
        elif way != "no-filters=nonref":
            assert 8 < mode["psnr_db"] < 80 and not mode["identical"]
    if name in UNFILTERED:
        drift = measured["no-filters"]
        assert (drift["first_psnr_db"] or math.inf) > drift["last_psnr_db"]  # errors add up
    if name == "h264.mp4":
        nonref = measured["no-filters=nonref"]
        assert nonref["psnr_db"] is None or nonref["psnr_db"] > measured["no-filters"]["psnr_db"]


def test_rows_of_scaled_frames_have_the_full_size(run_smol, model, clips, tmp_path):
    rows = {}
    for way in ("full", "1/2"):
        command = ["run", clips / "mpeg2.mkv", "-m", model, "-o", tmp_path / way.replace("/", "-")]
        run_smol(*command, "--decode", way, "--frames", "every=9", "--output", "logits")
        rows[way] = read_rows(tmp_path / way.replace("/", "-"))
    assert [(row["frame"], row["width"], row["height"]) for row in rows["1/2"]] == [
        (i, 189, 141) for i in range(0, FRAMES, 9)
    ]
    for full, half in zip(rows["full"], rows["1/2"], strict=True):
        assert full["timestamp"] == half["timestamp"] and full["logits"] != half["logits"]
        assert half["logits"] == pytest.approx(full["logits"], abs=0.3)


def test_damaged_videos_end_in_rows(run_smol, model, clips, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for name in sorted(CLIPS):
        whole = (clips / name).read_bytes()
        (folder / f"cut-{name}").write_bytes(whole[: len(whole) * 2 // 3])
        for start in range(3):
            damaged = bytearray(whole)
            for place in range(300 + start * 37, len(damaged), 997):
                damaged[place] ^= 1 << (place % 8)
            (folder / f"flipped-{start}-{name}").write_bytes(damaged)
    for way in ("no-filters", "1/4"):
        out = tmp_path / way.replace("/", "-")
        command = ["run", folder, "-m", model, "-o", out, "--decode", way, "--frames", "every=3"]
        run_smol(*command, "--max-failure-rate", 1)
        rows = read_rows(out)
        assert len({row["id"] for row in rows}) == 4 * len(CLIPS)
        assert {row["status"] for row in rows} == {"ok", "error"}
