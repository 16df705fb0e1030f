"""A folder with 30 % of its files damaged in all ways: one row each, stable codes, exit 0."""

import json
import subprocess
import sys

from conftest import ROOT, read_rows, save_pictures


def test_a_damaged_folder_gives_one_row_a_file(run_smol, model, tmp_path):
    good = save_pictures(tmp_path / "good", 200)
    damaged = tmp_path / "damaged"
    script = [sys.executable, ROOT / "tests/data/damage.py", good, damaged, "--share", "0.3", "--seed", "1"]
    expected = json.loads(subprocess.run(list(map(str, script)), capture_output=True, check=True).stdout)
    run_smol("run", damaged, "--model", model, "-o", tmp_path / "out")
    rows = read_rows(tmp_path / "out")
    assert len(rows) == len({row["id"] for row in rows}) == len(expected)
    for row in rows:
        want = expected[row["id"]]
        assert row["status"] == want["status"], row
        if want["status"] == "error":
            assert row["error_code"] in want["error_codes"], row
            assert row["error"] and row["class_1"] is None
    failed = sum(row["status"] == "error" for row in rows)
    assert 0.2 <= failed / len(rows) <= 0.45
