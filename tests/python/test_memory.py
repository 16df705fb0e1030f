"""Memory is bounded: 100,000 inputs take as much as 10,000, and two hours of video as much as ten seconds."""

import os
import subprocess

import pytest
from conftest import save_pictures


def peak_resident_bytes(smol, arguments):
    process = subprocess.Popen(
        [str(smol), *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    return usage.ru_maxrss * 1024


def test_resident_memory_does_not_grow_with_the_inputs(smol, model, tmp_path):
    source = save_pictures(tmp_path / "source", 30)
    # Relative, thus short: ext4 keeps such a link in its inode. A longer one takes a block, and on a disk mounted with
    # discard freeing 110,000 of them took minutes.
    targets = [f"../../source/{path.name}" for path in sorted(source.iterdir())]
    peaks = {}
    for count in (10_000, 100_000):
        folder = tmp_path / str(count)
        for i in range(count):
            if i % 1000 == 0:
                (folder / f"{i // 1000:03d}").mkdir(parents=True)
            os.symlink(targets[i % len(targets)], folder / f"{i // 1000:03d}" / f"{i:06d}.jpg")
        peaks[count] = peak_resident_bytes(
            smol,
            ["run", folder, "--model", model, "-o", tmp_path / f"out{count}", "--batch", 8, "--progress", "none"],
        )
    print(peaks)
    assert peaks[100_000] == pytest.approx(peaks[10_000], rel=0.05)


def test_resident_memory_does_not_grow_with_the_length_of_a_video(smol, model, tmp_path):
    ffmpeg = ["ffmpeg", "-v", "error"]
    clip, long_clip = tmp_path / "clip.mp4", tmp_path / "long.mp4"
    source = ["-f", "lavfi", "-i", "testsrc2=size=960x540:rate=25:duration=10", "-pix_fmt", "yuv420p", "-g", "50"]
    subprocess.run([*ffmpeg, *source, clip], check=True)
    subprocess.run([*ffmpeg, "-stream_loop", "719", "-i", clip, "-c", "copy", long_clip], check=True)
    peaks = {}
    for video, rule in ((clip, "all"), (long_clip, "every=720")):  # 250 frames of each
        arguments = ["run", video, "--frames", rule, "--model", model, "-o", tmp_path / f"out-{video.stem}"]
        peaks[video.stem] = peak_resident_bytes(smol, [*arguments, "--batch", 8, "--progress", "none"])
    print(peaks)
    # 180,000 frames: FFmpeg's index of the file takes some 60 bytes each, in both threads.
    assert peaks["long"] <= peaks["clip"] + (32 << 20)
