"""`smol explain graph` and `smol manifest check` as people call them."""

import json
import os
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SMOL = Path(os.environ.get("SMOL_BUILD", REPOSITORY / "build" / "release")) / "smol"
GOOD = [
    {"op": "resize", "short_side": 256, "filter": "bicubic"},
    {"op": "center_crop", "height": 224, "width": 224},
    {"op": "convert", "dtype": "f32"},
    {"op": "normalise", "mean": [127, 127, 127], "std": [128, 128, 128]},
    {"op": "reorder_layout", "layout": "CHW"},
]


def smol(*arguments):
    return subprocess.run([SMOL, *map(str, arguments)], capture_output=True, text=True, check=False)


def manifest(folder, operations, name="net"):
    path = folder / f"{name}.json"
    path.write_text(json.dumps({"smol_manifest": 1, "name": name, "preprocessing": operations}))
    return path


def test_check_prints_the_graph(tmp_path):
    done = smol("manifest", "check", manifest(tmp_path, GOOD))
    assert done.returncode == 0, done.stderr
    assert "5 operations, f32 CHW 224x224x3" in done.stdout
    assert "  resize short_side=256 bicubic antialias\n" in done.stdout


@pytest.mark.parametrize(
    "operations, says",
    [
        ([{"op": "blur"}], "net.json.preprocessing[0].op must be one of resize"),
        ([{"op": "resize", "short_side": 256}], "net.json: the preprocessing graph has no fixed output size"),
        (GOOD[:2] + GOOD[3:], "net.json: preprocessing operation 3: normalise works on f32"),
        (
            [{"op": "resize", "height": 8, "width": 8, "filter": "nearest", "antialias": True}],
            "must be false: nearest",
        ),
        ([{"op": "resize", "height": 8, "width": 8, "mergable": True}], "unknown key"),
        ([{"op": "flip"}], "flip needs"),
        ([{"op": "reorder_channels", "order": "bgr", "channels": 1}], "must be 3 (only grey can have 1)"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_check_says_in_one_line_what_is_wrong_and_goes_on(tmp_path, operations, says):
    bad = manifest(tmp_path, operations)
    good = manifest(tmp_path, GOOD, "good")
    done = smol("manifest", "check", bad, good)
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert "good.json: 5 operations" in done.stdout


def test_every_operation_survives_a_manifest(tmp_path):
    operations = [
        {"op": "crop", "top": -1, "left": 2, "height": 300, "width": 301},
        {
            "op": "resize",
            "long_side": 64,
            "filter": "area",
            "antialias": True,
            "convention": "opencv",
            "mergeable": True,
        },
        {"op": "pad", "height": 64, "width": 64, "value": 114, "centred": True},
        {"op": "flip", "horizontal": True, "vertical": False},
        {"op": "reorder_channels", "order": "grey", "channels": 1},
        {"op": "convert", "dtype": "f32"},
        {"op": "scale", "factor": 0.5},
        {"op": "convert", "dtype": "f16"},
    ]
    path = manifest(tmp_path, operations)
    assert "f16 HWC 64x64x1" in smol("manifest", "check", path).stdout
    declared = json.loads(smol("explain", "graph", path, "--json").stdout)["graphs"][0]["alternatives"][0]
    assert declared["operations"] == operations


def test_explain_says_why_every_alternative_is_out(tmp_path):
    done = smol("explain", "graph", manifest(tmp_path, GOOD), "--json")
    assert done.returncode == 0, done.stderr
    graph = json.loads(done.stdout)["graphs"][0]
    reasons = {rule["name"] for rule in graph["rules"]} | {"cost", "executor"}
    for number, alternative in enumerate(graph["alternatives"]):
        if number == graph["chosen"]:
            assert alternative["removed_by"] == ""
        else:
            assert alternative["removed_by"] in reasons
    assert "decoded region" in graph["alternatives"][graph["chosen"]]["graph"]
    # The conversion stays behind the bicubic resize, whose values u8 clamps.
    assert not any(each["graph"].startswith("convert") for each in graph["alternatives"])


def test_a_disabled_rule_is_not_applied():
    arguments = ("explain", "graph", "--preset", "imagenet:64", "--disable-rule", "crop-in-decoder", "--json")
    graph = json.loads(smol(*arguments).stdout)["graphs"][0]
    assert all("decoded region" not in each["graph"] for each in graph["alternatives"])
    done = smol("explain", "graph", "--preset", "raw:8", "--disable-rule", "none-such")
    assert done.returncode == 2
    assert "no such rule" in done.stderr


def test_models_share_their_common_prefix(tmp_path):
    svg = tmp_path / "graph.svg"
    done = smol("explain", "graph", "--preset", "imagenet:224", "--preset", "tf:224", "--svg", svg)
    tree = done.stdout[done.stdout.index("decode\n") :].splitlines()
    assert tree[1].startswith("  center_crop 224x224 of resize")
    assert tree[2].endswith("-> imagenet:224") and tree[3].endswith("-> tf:224")
    assert ElementTree.parse(svg).getroot().tag.endswith("svg")


def test_measured_times_stand_beside_predicted_costs():
    arguments = ("explain", "graph", "--preset", "imagenet:32", "--size", "80x60", "--measure", "--json")
    graph = json.loads(smol(*arguments).stdout)["graphs"][0]
    assert all(each["measured_ms"] > 0 for each in graph["alternatives"])
    assert -1 <= graph["rank_correlation"] <= 1


@pytest.mark.parametrize("size", ["500", "500x", "0x5", "500x375x3", "70000x1"])
def test_a_bad_size_is_one_line(size):
    done = smol("explain", "graph", "--preset", "raw:8", "--size", size)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1 and "--size is WIDTHxHEIGHT" in done.stderr
