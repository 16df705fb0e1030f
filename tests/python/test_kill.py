"""Kill -9 at ten random moments, restarted each time: the rows are those of an undisturbed run."""

import random
import subprocess
import time

from conftest import read_rows, save_pictures


def test_killed_ten_times_gives_the_rows_of_an_undisturbed_run(smol, run_smol, model, tmp_path):
    folder = save_pictures(tmp_path / "in", 40)
    (folder / "broken.jpg").write_bytes((folder / "0000.jpg").read_bytes()[:700])
    names = sorted(folder.iterdir())
    listing = tmp_path / "list"
    listing.write_text("\n".join(str(names[i % len(names)]) for i in range(30000)))
    arguments = ["run", listing, "--model", model, "--chunk-items", 100, "--batch", 8, "--progress", "none", "-o"]
    start = time.monotonic()
    run_smol(*arguments, tmp_path / "whole")
    whole_seconds = time.monotonic() - start

    moments = random.Random(20261124)
    kills = 0
    for _ in range(10):
        process = subprocess.Popen(
            [str(smol), *map(str, arguments), str(tmp_path / "killed")], stdout=subprocess.DEVNULL
        )
        time.sleep(moments.uniform(0.02, whole_seconds / 8))
        kills += process.poll() is None
        process.kill()
        process.wait()
    assert kills >= 8, "the run was over too soon to be killed"
    run_smol(*arguments, tmp_path / "killed")
    assert read_rows(tmp_path / "killed") == read_rows(tmp_path / "whole")
    parts = {part.name for part in (tmp_path / "killed" / "parts").iterdir()}
    assert parts == {part.name for part in (tmp_path / "whole" / "parts").iterdir()}
