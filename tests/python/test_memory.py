"""Memory is bounded: 100,000 inputs take as much as 10,000."""

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
