"""Videos stored as smaller ones: the same frames at the same times, and what becomes of bad ones."""

import json
import os
import subprocess

import numpy as np
import pytest
from conftest import read_rows

SOURCE = ["-f", "lavfi", "-i", "testsrc2=size=250x154:rate=25:duration=3"]
TONE = ["-f", "lavfi", "-i", "sine=duration=3"]
X264 = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-bf", "3", "-g", "30"]
# As people's files differ: ID with extension -> encoder options.
CLIPS = {
    "sound.mp4": [*TONE, *X264, "-c:a", "aac"],
    "deep/variable-rate.mkv": ["-vf", "select='not(mod(n,3))+not(mod(n,7))'", "-vsync", "vfr", *X264],
    "late.ts": [*X264, "-muxdelay", "0.31237"],  # its first frame is shown at 0.704733 s
    "b-frames.avi": X264,  # sequential: no times in its packets
    "odd.mov": ["-vf", "scale=127:93", "-c:v", "mjpeg", "-pix_fmt", "yuvj444p", "-q", "3"],
    "vp9.webm": ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "30", "-r", "30000/1001"],
    "10-bit.mp4": ["-c:v", "libx264", "-pix_fmt", "yuv420p10le", "-colorspace", "bt709"],
}
TO = ["--to", "72p:short=72,format=mp4,crf=20"]


def ffmpeg(*arguments):
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, arguments)], check=True)


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    for name, options in CLIPS.items():
        (folder / name).parent.mkdir(exist_ok=True)
        ffmpeg(*SOURCE, *options, folder / name)
    ffmpeg("-i", folder / "sound.mp4", "-c", "copy", "-metadata:s:v", "rotate=90", folder / "turned.mp4")
    ffmpeg("-ss", "0.7", "-i", folder / "sound.mp4", "-c", "copy", folder / "cut.mp4")  # an edit list
    return folder


@pytest.fixture(scope="module")
def rendered(run_smol, clips, tmp_path_factory):
    out = tmp_path_factory.mktemp("rendered")
    done = run_smol("data", "render", clips, *TO, "-o", out)
    assert done.stdout.decode() == f"{len(CLIPS) + 2} items, 0 failed; {len(CLIPS) + 2} files stored, 0 kept\n"
    return out


def probe(path, entries):
    command = ["ffprobe", "-v", "quiet", "-select_streams", "v:0", "-show_entries", entries, "-of", "json", str(path)]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def times(path):
    return [
        frame.get("best_effort_timestamp_time") for frame in probe(path, "frame=best_effort_timestamp_time")["frames"]
    ]


def stored_of(rendered, name):
    return rendered / "72p" / (name[: name.rindex(".")] + ".mp4")


@pytest.mark.parametrize("name", [*CLIPS, "turned.mp4", "cut.mp4"])
def test_frames_and_times_are_the_sources(clips, rendered, name):
    expected, got = times(clips / name), times(stored_of(rendered, name))
    assert len(got) == len(expected) > 20
    for ours, theirs in zip(got, expected, strict=True):
        assert theirs is None or float(ours) == pytest.approx(float(theirs), abs=2e-6)  # ffprobe prints microseconds
    assert sum(time is None for time in expected) <= 3  # of some AVIs, ffprobe does not know the last ones


def test_what_is_stored(clips, rendered):
    streams = probe(stored_of(rendered, "sound.mp4"), "stream=codec_name,width,height,pix_fmt")["streams"]
    assert streams == [
        {"codec_name": "h264", "width": 116, "height": 72, "pix_fmt": "yuv420p"}
    ]  # 250x154: 116.9 wide, made even
    command = ["ffprobe", "-v", "quiet", "-show_entries", "stream=codec_type", "-of", "csv=p=0"]
    kinds = subprocess.run([*command, stored_of(rendered, "sound.mp4")], capture_output=True, check=True).stdout
    assert kinds.decode().split() == ["video"]
    full_range = probe(stored_of(rendered, "odd.mov"), "stream=width,height,color_range")["streams"][0]
    assert (full_range["width"], full_range["height"], full_range["color_range"]) == (98, 72, "pc")
    assert probe(stored_of(rendered, "10-bit.mp4"), "stream=color_space")["streams"][0]["color_space"] == "bt709"
    turned = [
        probe(path, "stream_side_data=rotation") for path in (clips / "turned.mp4", stored_of(rendered, "turned.mp4"))
    ]
    assert turned[0] == turned[1] and abs(turned[0]["streams"][0]["side_data_list"][0]["rotation"]) == 90


def pixels(path, size):
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-vsync", "passthrough", "-vf", f"scale={size}:flags=area"]
    raw = subprocess.run(
        [*command, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"], capture_output=True, check=True
    ).stdout
    return np.frombuffer(raw, np.uint8).astype(np.float32).reshape(75, -1)


@pytest.mark.parametrize("name", ["sound.mp4", "odd.mov", "10-bit.mp4", "b-frames.avi"])
def test_the_pictures_are_the_sources(clips, rendered, name):
    """Against FFmpeg's own scaling: a shifted frame, other colours or another range would show."""
    stored = stored_of(rendered, name)
    stream = probe(stored, "stream=width,height")["streams"][0]
    size = f"{stream['width']}:{stream['height']}"
    full, small = pixels(clips / name, size), pixels(stored, size)
    errors = ((full - small) ** 2).mean(axis=1)
    assert errors.max() < 600  # 20 dB: hard edges in 4:2:0
    assert (errors[1:] < ((full[:-1] - small[1:]) ** 2).mean(axis=1)).all()  # nearer than the frame before
    for channel in range(3):
        assert abs(full[:, channel::3].mean() - small[:, channel::3].mean()) < 1.5


def test_runs_use_them_with_the_same_keys(run_smol, model, clips, tmp_path):
    folder = tmp_path / "videos"
    folder.mkdir()
    for name in ("sound.mp4", "late.ts", "turned.mp4", "b-frames.avi"):
        (folder / name).symlink_to(clips / name)
    run_smol("data", "render", folder, *TO, "-o", folder)
    rows = {}
    for use in ("full-mp4,full-ts,full-avi", "72p"):
        out = tmp_path / use
        run_smol("run", folder, "--use", use, "-m", model, "-o", out, "--frames", "every=10")
        rows[use] = read_rows(out)
    full, small = rows.values()
    assert len(full) == len(small) == 32

    def keys(rows):
        return [(row["id"], row["frame"], pytest.approx(row["timestamp"], abs=1e-6)) for row in rows]

    assert keys(small) == keys(full)
    assert {row["rendition"] for row in small} == {"72p"}
    sizes = {row["id"]: (row["width"], row["height"]) for row in small}
    assert sizes["turned"] == (72, 116) and sizes["sound"] == (116, 72)


def test_rendering_again_keeps_what_is_there(run_smol, clips, rendered):
    before = {
        file: (file.stat().st_mtime_ns, file.read_bytes()) for file in sorted((rendered / "72p").rglob("*.mp4"))
    }
    done = run_smol("data", "render", clips, *TO, "-o", rendered)
    assert f"0 files stored, {len(before)} kept" in done.stdout.decode()
    assert all(file.stat().st_mtime_ns == time for file, (time, _) in before.items())
    missing = stored_of(rendered, "sound.mp4")
    missing.unlink()
    missing.with_suffix(".mp4.tmp").write_bytes(b"what a killed rendering leaves")
    assert b"1 files stored" in run_smol("data", "render", clips, *TO, "-o", rendered).stdout
    assert missing.read_bytes() == before[missing][1]  # the same bytes
    assert not list(rendered.rglob("*.tmp"))
    refused = run_smol("data", "render", clips, "--to", "72p:short=72,format=mp4", "-o", rendered, check=False)
    assert refused.returncode == 2 and b"rendered in another way" in refused.stderr


def test_bad_videos_are_lines(run_smol, clips, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "good.mp4").symlink_to(clips / "sound.mp4")
    whole = (clips / "sound.mp4").read_bytes()
    ffmpeg("-i", clips / "sound.mp4", "-c", "copy", "-movflags", "faststart", folder / "cut.mp4")
    moved = (folder / "cut.mp4").read_bytes()
    (folder / "cut.mp4").write_bytes(moved[: len(moved) // 2])
    broken = bytearray((clips / "10-bit.mp4").read_bytes())
    broken[len(broken) // 2 : len(broken) // 2 + 2000] = bytes(2000)
    (folder / "broken.mp4").write_bytes(broken)
    (folder / "text.mp4").write_text("this is no video")
    (folder / "half.mp4").write_bytes(whole[: len(whole) // 2])  # its index was at its end
    ffmpeg(*TONE, "-c:a", "aac", folder / "sound-only.mp4")
    (folder / "empty.mp4").touch()
    command = ["data", "render", folder, *TO, "-o", tmp_path / "out"]
    done = run_smol(*command, "--max-failure-rate", 0.5, check=False)
    assert done.returncode == 3 and b"7 items, 6 failed; 1 files stored" in done.stdout
    codes = {line.rsplit("/", 1)[1]: line.split(": ")[1] for line in done.stderr.decode().splitlines()}
    assert codes == {
        "broken.mp4": "corrupt",
        "cut.mp4": "truncated",
        "empty.mp4": "empty_file",
        "half.mp4": "corrupt",
        "sound-only.mp4": "unsupported_format",
        "text.mp4": "corrupt",
    }
    assert [file.name for file in (tmp_path / "out" / "72p").glob("*.mp4*")] == ["good.mp4"]
    run_smol(*command, "--max-failure-rate", 0.9)


def test_a_video_that_cannot_be_stored_fails_alone(run_smol, clips, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a", "c", "d"):
        (folder / f"{name}.mp4").symlink_to(clips / "sound.mp4")
    # A clock that jumped by 40 days in the middle: more milliseconds than MP4 can say.
    jump = ["-vf", "setpts='if(gte(N,40),PTS+40*86400/TB,PTS)'", "-vsync", "passthrough", "-enc_time_base", "1/1000"]
    ffmpeg(*SOURCE, *jump, "-c:v", "mjpeg", folder / "b.mkv")
    out = tmp_path / "out"
    command = ["data", "render", folder, *TO, "--to", "36p:short=36,format=mp4", "-o", out]
    run_smol(*command, "--include", "a.mp4")
    (out / "36p/d.mp4").mkdir()
    done = run_smol(*command, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == b"4 items, 2 failed; 3 files stored, 2 kept\n"  # d is stored at 72p
    codes = {line.rsplit("/", 1)[1]: line.split(": ")[1] for line in done.stderr.decode().splitlines()}
    assert codes == {"b.mkv": "unsupported_format", "d.mp4": "write_failed"}
    assert b"MP4 cannot hold a pause" in done.stderr
    assert not list(out.rglob("*.tmp"))
    (out / "36p/c.mp4").unlink()
    (out / "36p/c.mp4.tmp").symlink_to("/dev/full")
    done = run_smol(*command, "--include", "c.mp4", check=False)
    assert done.returncode == 1 and done.stderr.decode().count("\n") == 1
    assert "No space left on device" in done.stderr.decode()
    assert not list(out.rglob("*.tmp"))


def test_several_renditions_are_those_that_each_alone_would_be(run_smol, clips, rendered, tmp_path):
    smaller = ["--to", "36p:short=36,format=mp4,crf=30"]
    together, alone = tmp_path / "together", tmp_path / "alone"
    clip = ["--include", "10-bit.mp4", "--include", "late.ts"]
    assert b"2 items, 0 failed; 4 files stored" in (
        run_smol("data", "render", clips, *TO, *smaller, *clip, "-o", together).stdout
    )
    run_smol("data", "render", clips, *smaller, *clip, "-o", alone)
    for name in ("10-bit.mp4", "late.mp4"):
        assert (together / "36p" / name).read_bytes() == (alone / "36p" / name).read_bytes()
        assert (together / "72p" / name).read_bytes() == (rendered / "72p" / name).read_bytes()


def test_limits(run_smol, clips, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "clip.mp4").symlink_to(clips / "sound.mp4")
    for flag, value, code in (
        ("--max-seconds", 1e-9, "time_limit"),
        ("--max-frames", 10, "too_many_frames"),
        ("--max-pixels", 1000, "too_many_pixels"),
    ):
        done = run_smol("data", "render", folder, *TO, "-o", tmp_path / "out", flag, value, check=False)
        assert done.returncode == 3 and code in done.stderr.decode()
    assert not list((tmp_path / "out").rglob("*.mp4*"))


def test_pictures_and_videos_of_one_folder(run_smol, clips, pictures, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "clip.mp4").symlink_to(clips / "sound.mp4")
    picture = sorted(pictures.iterdir())[0]
    (folder / picture.name).symlink_to(picture)
    run_smol("data", "render", folder, *TO, "--to", "t:short=20,format=png", "-o", tmp_path / "out")
    stored = sorted(str(file.relative_to(tmp_path / "out")) for file in (tmp_path / "out").glob("*/[!.]*"))
    assert stored == ["72p/clip.mp4", f"t/{picture.stem}.png"]
    for target, source, named in (
        ("t:short=20,format=png", clips, "no pictures"),
        ("v:format=mp4", pictures, "no videos"),
    ):
        done = run_smol("data", "render", source, "--to", target, "-o", tmp_path / "none", check=False)
        assert done.returncode == 2 and done.stderr.decode().count("\n") == 1 and named in done.stderr.decode()
    assert not os.path.exists(tmp_path / "none")


@pytest.mark.parametrize(
    ("target", "named"),
    [
        ("v:format=mp4,crf=52", "crf"),
        ("v:format=mp4,q=75", "q is for JPEG"),
        ("v:format=png,crf=20", "crf is for MP4"),
        ("v:format=mp4,filter=bicubic", "filter is for pictures"),
        ("v:format=mkv", "format=png|jpeg|mp4"),
    ],
)
def test_mistakes_are_one_line(run_smol, clips, tmp_path, target, named):
    done = run_smol("data", "render", clips, "--to", target, "-o", tmp_path / "out", check=False)
    assert done.returncode == 2 and done.stderr.decode().count("\n") == 1
    assert named in done.stderr.decode()
