"""tests/data/damage.py itself: every way of damaging is there, it repeats itself, and only what it says is damaged."""

import json
import subprocess
import sys

import pytest
from conftest import ROOT, save_pictures
from PIL import Image

SCRIPT = ROOT / "tests/data/damage.py"


def damage(source, target, *arguments):
    command = [sys.executable, str(SCRIPT), str(source), str(target), *map(str, arguments)]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


@pytest.fixture
def good(tmp_path):
    folder = save_pictures(tmp_path / "good", 60)
    for path in sorted(folder.glob("*.jpg"))[::3]:
        Image.open(path).save(path.with_suffix(".png"))
        path.unlink()
    return folder


def listed(folder):
    """Names and contents (None: a link that leads nowhere) of all files."""
    contents = {}
    for path in sorted(folder.iterdir()):
        if not path.is_dir():
            contents[path.name] = path.read_bytes() if path.is_file() else None
    return contents


def test_every_damage_is_there(good, tmp_path):
    expected = damage(good, tmp_path / "bad", "--share", 0.5, "--seed", 3)
    assert len(expected) == 60
    codes = {code for item in expected.values() for code in item["error_codes"]}
    assert codes >= {"truncated", "corrupt", "empty_file", "unknown_format", "too_many_pixels"}
    assert codes >= {"unsupported_format", "not_found"}
    failed = sum(item["status"] == "error" for item in expected.values())
    assert 0.4 * 60 <= failed <= 0.5 * 60
    assert any("\\xFF" in name for name in expected)


def test_only_what_it_names_is_damaged(good, tmp_path):
    expected = damage(good, tmp_path / "bad", "--seed", 3)
    for name, item in expected.items():
        path = tmp_path / "bad" / name
        if item["status"] == "ok" and "\\x" not in name:
            assert path.read_bytes() in listed(good).values()
        elif item["error_codes"] == ["truncated"]:
            with pytest.raises(OSError):
                Image.open(path).load()


def test_the_same_seed_gives_the_same_folder(good, tmp_path):
    first = damage(good, tmp_path / "first", "--seed", 5)
    assert damage(good, tmp_path / "second", "--seed", 5) == first
    assert listed(tmp_path / "first") == listed(tmp_path / "second")
    assert damage(good, tmp_path / "third", "--seed", 6) != first


def test_an_existing_target_is_refused(good, tmp_path):
    done = subprocess.run([sys.executable, str(SCRIPT), str(good), str(tmp_path)], capture_output=True)
    assert done.returncode == 2
    assert b"exists already" in done.stderr
