"""Videos: frame numbers and times as ffprobe's, pixels as by decoding from the start, a row a frame, damage."""

import json
import pathlib
import random
import struct
import subprocess

import pytest
from conftest import BUILD, read_rows

SOURCE = ["-f", "lavfi", "-i", "testsrc2=size=192x144:rate=25:duration=4"]
X264 = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-bf", "3", "-g", "30"]
X265 = ["-c:v", "libx265", "-pix_fmt", "yuv420p", "-x265-params", "log-level=none:keyint=25"]
VPX = ["-g", "30", "-auto-alt-ref", "1", "-lag-in-frames", "16", "-cpu-used", "5"]
# Name -> encoder options, as people's files differ: B-frames, open groups, intra refresh, variable rate, ...
CLIPS = {
    "closed.mp4": X264,
    "open.mp4": [*X264, "-x264-params", "open-gop=1"],
    "open.mkv": [*X264, "-x264-params", "open-gop=1"],
    "refresh.mp4": [*X264, "-x264-params", "scenecut=0:intra-refresh=1"],
    "variable-rate.mp4": ["-vf", "select='not(mod(n,3))+not(mod(n,7))'", "-vsync", "vfr", *X264],
    "transport.ts": X264,
    "no-b-frames.avi": ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-bf", "0", "-g", "30"],
    "444.mkv": ["-c:v", "libx264", "-pix_fmt", "yuv444p", "-g", "30"],
    "10-bit.mp4": ["-c:v", "libx264", "-pix_fmt", "yuv420p10le", "-g", "30"],
    "hevc.mp4": X265,
    "hevc.mkv": X265,
    "vp8.webm": ["-c:v", "libvpx", *VPX],
    "vp9.webm": ["-c:v", "libvpx-vp9", *VPX],
    "mpeg4.mp4": ["-c:v", "mpeg4", "-bf", "2", "-g", "25"],
    "mjpeg.mov": ["-c:v", "mjpeg", "-q", "4"],
    "mpeg2.ts": ["-c:v", "mpeg2video", "-bf", "2", "-g", "15"],
}
# Without times in their packets: sequential. The last frames of these have no time for ffprobe.
SEQUENTIAL = {
    "b-frames.avi": X264,
    "mpeg4.avi": ["-c:v", "mpeg4", "-bf", "2", "-g", "25"],
    "program.mpg": CLIPS["mpeg2.ts"],
}
COPIES = ["cut.mp4", "edited.mp4", "fragments.mp4", "empty-sample.mp4"]  # of closed.mp4


def encode(path, options):
    subprocess.run(["ffmpeg", "-v", "error", "-y", *SOURCE, *options, str(path)], check=True)
    return path


@pytest.fixture(scope="session")
def clips(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    for name, options in {**CLIPS, **SEQUENTIAL}.items():
        encode(folder / name, options)
    # An edit list that begins between key frames.
    closed = folder / "closed.mp4"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-ss", "0.7", "-i", closed, "-c", "copy", folder / "cut.mp4"], check=True
    )
    write_edited(folder / "edited.mp4", closed.read_bytes())
    write_with_empty_sample(folder / "empty-sample.mp4", closed.read_bytes())
    fragments = ["-c", "copy", "-movflags", "frag_keyframe+empty_moov"]
    subprocess.run(["ffmpeg", "-v", "error", "-i", closed, *fragments, folder / "fragments.mp4"], check=True)
    return folder


def write_edited(path, video):
    """Its edit list shows 1 second from 1.5 seconds on: the demuxer gives out 70 of the 100 packets."""
    edited = bytearray(video)
    duration = edited.index(b"elst") + 12  # behind version, flags and the number of entries
    (media_time,) = struct.unpack_from(">i", edited, duration + 4)
    struct.pack_into(">Ii", edited, duration, 1000, media_time + 12_800 * 3 // 2)
    path.write_bytes(edited)


def write_with_empty_sample(path, video):
    """The last of its 100 samples has no bytes, as some writers say that nothing changes: no frame."""
    emptied = bytearray(video)
    count = emptied.index(b"stsz") + 12  # behind version, flags and the size of all samples
    assert struct.unpack_from(">II", emptied, count - 4) == (0, 100)
    struct.pack_into(">I", emptied, count + 100 * 4, 0)
    path.write_bytes(emptied)


def frames(*arguments):
    done = subprocess.run(
        [str(BUILD / "read_frames"), *map(str, arguments)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return [line.split() for line in done.stdout.splitlines()]


def probed_times(path):
    command = ["ffprobe", "-v", "quiet", "-select_streams", "v:0", "-show_entries"]
    command += ["frame=best_effort_timestamp_time", "-of", "csv=p=0", str(path)]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [line.strip(",") for line in output.split()]


@pytest.mark.parametrize("name", [*CLIPS, *COPIES, *SEQUENTIAL])
def test_frame_numbers_and_times_are_those_of_ffprobe(clips, name):
    ours = frames(clips / name, "all")
    expected = probed_times(clips / name)
    assert [frame[0] for frame in ours] == [str(i) for i in range(len(expected))]
    for frame, time in zip(ours, expected, strict=True):
        assert frame[2] == time or (time == "N/A" and name in SEQUENTIAL)


@pytest.mark.parametrize("name", [*CLIPS, *COPIES, *SEQUENTIAL])
def test_every_rule_gives_the_pixels_of_decoding_from_the_start(clips, name):
    plain = [frame[3] for frame in frames(clips / name, "--plain")]
    assert [frame[3] for frame in frames(clips / name, "all")] == plain
    for rule in ("every=7", "keyframes", "references", "fps=3", "random=9", "at=0.5,1.25,3"):
        for order in range(4):  # groups in order, shuffled, and with a group cut in two
            picked = frames(clips / name, rule, 5, "--run", order)
            assert picked, rule
            assert all(frame[3] == plain[int(frame[0])] for frame in picked), (rule, order)


def test_rules_pick_what_they_say(clips):
    clip = clips / "closed.mp4"  # 100 frames, 25 a second, a key frame every 30

    def numbers(rule, seed=0):
        return [int(frame[0]) for frame in frames(clip, rule, seed)]

    assert numbers("all") == list(range(100))
    assert numbers("every=30") == [0, 30, 60, 90]
    assert numbers("keyframes") == [0, 30, 60, 90]
    assert numbers("fps=1") == [0, 25, 50, 75]
    assert numbers("fps=1000") == list(range(100))
    assert numbers("at=0,0.039,0.04,1.0,3.96,99") == [0, 1, 25, 99]  # what is shown then; times past the end: nothing
    assert len(set(numbers("random=9"))) == 9
    assert numbers("random=9") == numbers("random=9") != numbers("random=9", 1)
    assert numbers("random=1000") == list(range(100))
    references = numbers("references")
    assert 30 < len(references) < 80 and {0, 30, 60, 90} <= set(references)


def test_without_loop_filter_other_pixels_come(clips):
    clip = clips / "closed.mp4"
    full = frames(clip, "all")
    fast = frames(clip, "all", "--decode", "no-filters")
    assert [frame[:3] for frame in full] == [frame[:3] for frame in fast]
    assert [frame[3] for frame in full] != [frame[3] for frame in fast]
    # Left out only where nobody looks: the reference frames are the exact ones.
    references = {frame[0] for frame in frames(clip, "references")}
    nonref = frames(clip, "all", "--decode", "no-filters=nonref")
    assert all(a == b for a, b in zip(full, nonref, strict=True) if a[0] in references)
    assert any(a != b for a, b in zip(full, nonref, strict=True) if a[0] not in references)


def test_a_row_a_frame_beside_pictures(run_smol, model, clips, pictures, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for clip in (clips / "closed.mp4", clips / "hevc.mkv", clips / "program.mpg"):
        (folder / clip.name).symlink_to(clip)
    (folder / "a.jpg").symlink_to(sorted(pictures.iterdir())[0])
    out = tmp_path / "out"
    run_smol("run", folder, "-m", model, "-o", out, "--frames", "every=10", "--chunk-items", 7)
    rows = read_rows(out)
    assert [(row["id"], row["frame"]) for row in rows] == [
        ("a.jpg", None),
        *[(name, frame) for name in ("closed.mp4", "hevc.mkv", "program.mpg") for frame in range(0, 100, 10)],
    ]
    assert all(row["status"] == "ok" for row in rows)
    assert rows[3]["timestamp"] == pytest.approx(0.8)
    assert (rows[3]["width"], rows[3]["height"]) == (192, 144)
    # The chunks and the threads make no difference.
    again = tmp_path / "again"
    run_smol("run", folder, "-m", model, "-o", again, "--frames", "every=10", "--threads", 1)
    assert [row | {"path": ""} for row in read_rows(again)] == [row | {"path": ""} for row in rows]


def test_a_turned_video_is_shown_upright(run_smol, model, clips, tmp_path):
    turned = tmp_path / "turned.mp4"
    rotate = ["-c", "copy", "-metadata:s:v", "rotate=90"]
    subprocess.run(["ffmpeg", "-v", "error", "-i", clips / "closed.mp4", *rotate, turned], check=True)
    run_smol("run", turned, "-m", model, "-o", tmp_path / "out", "--frames", "keyframes")
    assert {(row["width"], row["height"]) for row in read_rows(tmp_path / "out")} == {(144, 192)}


def test_an_unknown_rule_is_refused_in_one_line(run_smol, model, clips, tmp_path):
    done = run_smol("run", clips, "-m", model, "-o", tmp_path / "out", "--frames", "often", check=False)
    assert done.returncode == 2
    assert done.stderr.decode().strip().count("\n") == 0 and "often" in done.stderr.decode()


def test_damaged_videos_give_rows_and_end(run_smol, model, clips, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    rng = random.Random(3)
    count = 0
    for name in ("closed.mp4", "open.mkv", "transport.ts", "no-b-frames.avi", "vp8.webm", "hevc.mp4", "program.mpg"):
        whole = (clips / name).read_bytes()
        for tenth in range(10):
            (folder / f"cut-{tenth}-{name}").write_bytes(whole[: len(whole) * tenth // 10])
            flipped = bytearray(whole)
            for _ in range(1 + tenth * 3):
                flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
            (folder / f"flipped-{tenth}-{name}").write_bytes(flipped)
            count += 2
    (folder / "text.mp4").write_text("this is no video")
    (folder / "list.mp4").write_text("#EXTM3U\n#EXTINF:1,\n/etc/passwd\n")
    out = tmp_path / "out"
    run_smol("run", folder, "-m", model, "-o", out, "--frames", "every=5", "--max-failure-rate", 1)
    rows = read_rows(out)
    assert [row["item"] for row in rows] == list(range(len(rows)))
    assert len({row["id"] for row in rows}) == count + 2  # each file has at least one row
    for name in ("text.mp4", "list.mp4"):
        assert [row["status"] for row in rows if row["id"] == name] == ["error"]
    empty = [row for row in rows if row["id"].startswith("cut-0-")]
    assert {row["error_code"] for row in empty} == {"empty_file"}
    assert all((row["status"] == "error") == (row["error_code"] is not None) for row in rows)


def test_a_sample_without_bytes_is_no_damage(run_smol, model, clips, tmp_path):
    run_smol("run", clips / "empty-sample.mp4", "-m", model, "-o", tmp_path / "out")
    assert [row["status"] for row in read_rows(tmp_path / "out")] == ["ok"] * 99


@pytest.mark.parametrize("kind", ["plain", "edited", "fragments"])
def test_a_shortened_video_says_where_it_ends(run_smol, model, clips, tmp_path, kind):
    short = tmp_path / "short.mp4"
    moved = ["-c", "copy", "-movflags", "frag_keyframe+empty_moov" if kind == "fragments" else "faststart"]
    subprocess.run(["ffmpeg", "-v", "error", "-i", clips / "closed.mp4", *moved, short], check=True)
    if kind == "edited":
        write_edited(short, short.read_bytes())
    whole = short.read_bytes()
    short.write_bytes(whole[: len(whole) // 2])
    run_smol("run", short, "-m", model, "-o", tmp_path / "out", "--max-failure-rate", 1)
    rows = read_rows(tmp_path / "out")
    listed = {"plain": 100, "edited": 70, "fragments": 60}[kind]  # of fragments, those that have begun
    assert rows[-1]["error_code"] == "truncated" and f"of {listed} frames" in rows[-1]["error"]
    assert rows[-1]["frame"] is None
    assert sum(row["status"] == "ok" for row in rows) > 10
    assert pathlib.Path(rows[0]["path"]).name == "short.mp4"


def test_limits_are_rows(run_smol, model, clips, tmp_path):
    clip = clips / "closed.mp4"
    few = tmp_path / "few"
    run_smol("run", clip, "-m", model, "-o", few, "--max-frames", 40, "--max-failure-rate", 1)
    rows = read_rows(few)
    assert len(rows) == 41 and rows[-1]["error_code"] == "too_many_frames"
    small = tmp_path / "small"
    run_smol("run", clip, "-m", model, "-o", small, "--max-pixels", 1000, check=False)
    assert {row["error_code"] for row in read_rows(small)} == {"too_many_pixels"}
    slow = tmp_path / "slow"
    run_smol("run", clip, "-m", model, "-o", slow, "--max-seconds", 1e-9, check=False)
    rows = read_rows(slow)
    assert len(rows) == 100 and {row["error_code"] for row in rows} == {"time_limit"}


def test_a_long_way_to_a_frame_is_no_hang(run_smol, model, tmp_path):
    """Read from the start: the last frame takes more than a CPU second, each one on the way less than a millisecond."""
    part, video = tmp_path / "part.ts", tmp_path / "long.mpg"
    picture = ["-f", "lavfi", "-i", "testsrc2=size=960x540:rate=25:duration=4"]
    subprocess.run(["ffmpeg", "-v", "error", *picture, "-c:v", "mpeg2video", "-q", "3", part], check=True)
    # Quietly: the bit rate is more than program streams are made for.
    subprocess.run(["ffmpeg", "-v", "quiet", "-stream_loop", "19", "-i", part, "-c", "copy", video], check=True)
    assert json.loads(run_smol("inspect", video, "--json").stdout)["sequential"]
    run_smol("run", video, "-m", model, "-o", tmp_path / "out", "--frames", "every=1900", "--max-seconds", 0.1)
    assert [(row["frame"], row["error_code"]) for row in read_rows(tmp_path / "out")] == [(0, None), (1900, None)]


# The container's index says how many frames there are, or a table grows and is copied.
@pytest.mark.parametrize(("container", "most"), [("mp4", 40), ("mkv", 76)])
def test_an_index_takes_the_memory_that_it_says(tmp_path, container, most):
    part, video = tmp_path / "part.mp4", tmp_path / f"long.{container}"
    picture = ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=25:duration=4"]
    subprocess.run(["ffmpeg", "-v", "error", *picture, *X264, part], check=True)
    copies = 328  # a little more than 2^15 frames: where a table has just grown
    command = ["ffmpeg", "-v", "error", "-stream_loop", str(copies - 1), "-i", part, "-c", "copy", video]
    subprocess.run(command, check=True)
    done = subprocess.run([BUILD / "index_memory", video], capture_output=True, check=True)
    frames, peak_bytes, kept_bytes = map(int, done.stdout.split())
    assert frames == 100 * copies
    assert peak_bytes / frames < most and kept_bytes / frames < 26


def test_inspect_tells_of_a_video(run_smol, clips):
    told = run_smol("inspect", clips / "closed.mp4", "--json").stdout
    video = json.loads(told)
    assert (video["codec"], video["frames"], video["key_frames"], video["longest_group"]) == ("h264", 100, 4, 30)
    assert not video["sequential"] and "damage" not in video
    assert json.loads(run_smol("inspect", clips / "b-frames.avi", "--json").stdout)["sequential"]
    folder = json.loads(run_smol("inspect", clips, "--json", check=False).stdout)
    assert folder["videos"] == len(CLIPS) + len(COPIES) + len(SEQUENTIAL)
    assert b"frames       100" in run_smol("inspect", clips / "closed.mp4").stdout
