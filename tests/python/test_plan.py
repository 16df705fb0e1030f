"""plan.json as its users see it: a run writes it, `smol run --plan` repeats it, edits are checked."""

import json
import shutil

import pytest
from conftest import read_rows, save_pictures
from PIL import Image


def edited(plan, path, edit):
    content = json.loads(plan.read_text())
    edit(content)
    path.write_text(json.dumps(content))
    return path


@pytest.fixture
def finished(run_smol, model, pictures, tmp_path):
    out = tmp_path / "first"
    flags = ["--decode", "1/2", "--softmax", "--topk", 3, "--threads", 1, "--batch", 4]
    run_smol("run", pictures, "--model", model, "-o", out, *flags)
    return out


def test_a_plan_repeats_the_run_that_wrote_it(run_smol, finished, pictures, tmp_path):
    plan = finished / "plan.json"
    content = json.loads(plan.read_text())
    assert content["smol_plan"] == 2 and content["output"] == "topk" and content["topk"] == 3
    assert content["stages"][0]["formats"] == [{"rendition": "full", "decode": {"spec": "1/2"}, "cpu_ops": -1}]
    assert content["engine"] == {"backend": "openvino", "threads": 1, "streams": 1, "batch": 4}
    run_smol("run", pictures, "--plan", plan, "-o", tmp_path / "again")
    assert read_rows(tmp_path / "again") == read_rows(finished)
    assert json.loads((tmp_path / "again" / "plan.json").read_text()) == content
    report = json.loads((tmp_path / "again" / "report.json").read_text())
    assert (report["engine"]["producers"], report["engine"]["batch"]) == (1, 4)
    assert report["engine"]["batch_reason"] == report["engine"]["threads_reason"] == "as the plan says"
    run_smol("run", pictures, "--plan", plan, "-o", finished)  # the same run: nothing is left to do


def test_flags_for_threads_and_batch_override_the_plan(run_smol, finished, pictures, tmp_path):
    flags = ["--threads", 2, "--batch", 3]
    run_smol("run", pictures, "--plan", finished / "plan.json", "-o", tmp_path / "out", *flags)
    engine = json.loads((tmp_path / "out" / "report.json").read_text())["engine"]
    assert (engine["producers"], engine["streams"], engine["batch"]) == (2, 2, 3)
    assert json.loads((tmp_path / "out" / "plan.json").read_text())["id"] == read_rows(finished)[0]["plan_id"]


def test_a_plan_moves_with_its_model(run_smol, finished, model, pictures, tmp_path):
    moved = tmp_path / "moved"
    moved.mkdir()
    shutil.copy(model, moved / "net.onnx")
    shutil.copy(model.parent / "labels.txt", moved / "labels.txt")

    def relative(content):
        content["stages"][0]["model"] = "net.onnx"
        content["stages"][0]["manifest"]["labels"] = "labels.txt"

    plan = edited(finished / "plan.json", moved / "plan.json", relative)
    run_smol("run", pictures, "--plan", plan, "-o", tmp_path / "relative")
    assert read_rows(tmp_path / "relative") == read_rows(finished)
    gone = edited(plan, moved / "gone.json", lambda content: content["stages"][0].update(model="gone.onnx"))
    refused = run_smol("run", pictures, "--plan", gone, "-o", tmp_path / "gone", check=False)
    assert refused.returncode == 2 and b"gone.onnx" in refused.stderr and b"--model" in refused.stderr
    run_smol("run", pictures, "--plan", gone, "--model", model, "-o", tmp_path / "gone")
    assert read_rows(tmp_path / "gone") == read_rows(finished)


def test_another_model_than_the_plans_is_refused(run_smol, finished, model, pictures, tmp_path):
    (tmp_path / "other.onnx").write_bytes(model.read_bytes() + b"\0")
    flags = ["--model", tmp_path / "other.onnx"]
    refused = run_smol("run", pictures, "--plan", finished / "plan.json", "-o", tmp_path / "out", *flags, check=False)
    assert refused.returncode == 2 and refused.stderr.count(b"\n") == 1
    assert b"hash" in refused.stderr and b"other.onnx" in refused.stderr


@pytest.mark.parametrize(
    ("edit", "named"),
    [
        (lambda plan: plan.update(smol_plan=1), "smol_plan"),
        (lambda plan: plan.pop("stages"), "stages"),
        (lambda plan: plan.update(stages=[]), "stages"),
        (lambda plan: plan.update(batch=8), "batch"),
        (lambda plan: plan["engine"].update(batch=0.5), "engine.batch"),
        (lambda plan: plan["engine"].update(backend="abacus"), "abacus"),
        (lambda plan: plan["stages"][0].update(formats=[]), "stages[0].formats"),
        (lambda plan: plan["stages"][0]["formats"][0]["decode"].update(spec="1/3"), "formats[0].decode.spec"),
        (lambda plan: plan["stages"][0]["formats"][0].update(rendition="tiny"), "tiny"),
        (lambda plan: plan["stages"][0]["formats"][0].update(cpu_ops=17), "cpu_ops"),
        (lambda plan: plan["stages"][0].update(thresholds=[0.5]), "thresholds"),
        (lambda plan: plan["stages"][0]["manifest"]["preprocessing"].pop(), "preprocessing"),
        (lambda plan: plan["stages"].append(plan["stages"][0]), "stages[0].thresholds"),
        (lambda plan: plan.update(scores="best"), "scores"),
    ],
)
def test_edits_that_make_no_sense_are_one_line_that_names_them(run_smol, finished, pictures, tmp_path, edit, named):
    plan = edited(finished / "plan.json", tmp_path / "edited.json", edit)
    done = run_smol("run", pictures, "--plan", plan, "-o", tmp_path / "out", check=False)
    message = done.stderr.decode()
    assert done.returncode == 2 and message.count("\n") == 1 and message.startswith("smol: "), message
    assert named in message


def test_edits_that_make_sense_run(run_smol, finished, model, pictures, tmp_path):
    def edit(content):
        content["stages"][0]["formats"][0]["decode"]["spec"] = "full"
        content["topk"] = 1

    plan = edited(finished / "plan.json", tmp_path / "edited.json", edit)
    run_smol("run", pictures, "--plan", plan, "-o", tmp_path / "plan")
    flags = ["--topk", 1, "--softmax", "--batch", 4]
    run_smol("run", pictures, "--model", model, "-o", tmp_path / "flags", *flags)
    assert read_rows(tmp_path / "plan") == read_rows(tmp_path / "flags")
    assert read_rows(tmp_path / "plan")[0]["plan_id"] != read_rows(finished)[0]["plan_id"]


@pytest.mark.parametrize(
    "flags",
    [["--decode", "1/4"], ["--preset", "imagenet"], ["--softmax"], ["--topk", "2"], ["--output", "logits"]],
)
def test_flags_that_contradict_a_plan_are_refused(run_smol, finished, pictures, tmp_path, flags):
    plan = finished / "plan.json"
    done = run_smol("run", pictures, "--plan", plan, "-o", tmp_path / "out", *flags, check=False)
    message = done.stderr.decode()
    assert done.returncode == 2 and message.count("\n") == 1, message
    assert "--plan" in message and flags[0] in message


def test_items_without_the_first_rendition_fall_back_and_decode_in_its_own_way(run_smol, model, tmp_path):
    """thumb in full; items without one from the large picture, at half its size."""
    folder = tmp_path / "data"
    save_pictures(folder / "full", 6, sizes=((120, 160),))
    (folder / "thumb").mkdir()
    for i in range(3):
        with Image.open(folder / "full" / f"{i:04d}.jpg") as picture:
            picture.resize((80, 60)).save(folder / "thumb" / f"{i:04d}.png")
    (folder / "dataset.toml").write_text('[renditions]\nfull = "full/{id}.jpg"\nthumb = "thumb/{id}.png"\n')
    rows = {}
    for name, flags in (
        ("half", ["--use", "full", "--decode", "1/2"]),
        ("thumb", ["--use", "thumb"]),
    ):
        out = tmp_path / name
        run_smol("run", folder, "--model", model, "-o", out, "--output", "logits", "--batch", 2, *flags)
        rows[name] = read_rows(out)

    def fall_back(content):
        content["stages"][0]["formats"] = [
            {"rendition": "thumb", "decode": {"spec": "full"}, "cpu_ops": -1},
            {"rendition": "full", "decode": {"spec": "1/2"}, "cpu_ops": -1},
        ]

    plan = edited(tmp_path / "half" / "plan.json", tmp_path / "plan.json", fall_back)
    run_smol("run", folder, "--plan", plan, "-o", tmp_path / "both")
    both = read_rows(tmp_path / "both")
    assert [row["rendition"] for row in both] == ["thumb"] * 3 + ["full"] * 3
    assert [row["logits"] for row in both[:3]] == [row["logits"] for row in rows["thumb"][:3]]
    assert [row["logits"] for row in both[3:]] == [row["logits"] for row in rows["half"][3:]]
