"""smol profile and smol plan: what is measured once, what is chosen, and what is refused."""

import csv
import json
import pathlib
import shutil
import signal
import subprocess
import time

import pytest
from conftest import CLASSES, read_rows, save_classifier, save_pictures

ITEMS = 24


@pytest.fixture(scope="module")
def models(tmp_path_factory, model):
    """The same network twice, as files of different bytes: `tiny` and `wide`."""
    folder = tmp_path_factory.mktemp("models")
    manifest = json.loads(model.with_suffix(".json").read_text())
    for name in ("tiny", "wide"):
        save_classifier(folder / f"{name}.onnx")
        (folder / f"{name}.json").write_text(json.dumps(manifest | {"name": name}))
    # The same bytes would be the same model.
    with open(folder / "wide.onnx", "ab") as file:
        file.write(b"\x32\x04wide")  # an unknown version string: field 6, doc_string
    shutil.copy(model.parent / "labels.txt", folder)
    return [folder / "tiny.onnx", folder / "wide.onnx"]


@pytest.fixture(scope="module")
def calibration(tmp_path_factory, run_smol, models):
    """Pictures whose labels are what `tiny` says of them in full: it is always right there."""
    folder = save_pictures(tmp_path_factory.mktemp("calibration") / "in", ITEMS)
    out = tmp_path_factory.mktemp("truth") / "out"
    run_smol("run", folder, "--model", models[0], "-o", out, "--output", "logits")
    with open(folder / "labels.csv", "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "label"])
        for row in read_rows(out):
            rows.writerow([row["id"], max(range(CLASSES), key=row["logits"].__getitem__)])
    return folder


def plan(run_smol, calibration, models, folder, *flags, **options):
    arguments = [
        "plan",
        calibration,
        "--profile",
        folder / "profile.json",
        "--budget",
        "0",
        "-o",
        folder / "plan.json",
    ]
    for one in models:
        arguments += ["--model", one]
    return run_smol(*arguments, *flags, **options)


@pytest.fixture(scope="module")
def planned(run_smol, calibration, models, tmp_path_factory):
    folder = tmp_path_factory.mktemp("planned")
    plan(run_smol, calibration, models[:1], folder, "--format", "full", "--format", "full@1/8")
    return folder


def test_the_plan_says_why_and_runs(run_smol, calibration, models, planned, tmp_path):
    made = json.loads((planned / "plan.json").read_text())
    planning = made["planning"]
    chosen = next(c for c in planning["candidates"] if c["id"] == planning["chosen"])
    assert chosen["status"] == "chosen" and chosen["loss_upper"] <= 0.01 and chosen["throughput"]["measured"] > 0
    reference = next(c for c in planning["candidates"] if c["id"] == planning["calibration"]["reference"])
    assert reference["accuracy"] == 1 and reference["decode"] == "full"
    assert planning["calibration"]["items"] == ITEMS and planning["constraint"] == {"kind": "max_loss", "value": 0.01}
    assert all(c["reason"] for c in planning["candidates"])
    for example in planning["examples"]:
        assert pathlib.Path(example["image"]).name == example["id"] and example["label"].startswith("label ")
        # The labels are what the reference says.
        assert example["predictions"][reference["id"]] == example["label"]
    assert len(planning["examples"]) == 12

    run_smol("run", calibration, "--plan", planned / "plan.json", "-o", tmp_path / "planned")
    report = json.loads((tmp_path / "planned" / "report.json").read_text())
    assert report["quote"]["items_per_s"]["quoted"] == pytest.approx(chosen["throughput"]["measured"])
    assert report["quote"]["seconds"]["actual"] == report["wall_seconds"]
    flags = ["--decode", chosen["decode"], "--batch", chosen["batch"]]
    run_smol("run", calibration, "--model", models[0], "-o", tmp_path / "by_hand", *flags)
    found, expected = read_rows(tmp_path / "planned"), read_rows(tmp_path / "by_hand")
    assert [row["label_1"] for row in found] == [row["label_1"] for row in expected]


def test_another_constraint_measures_nothing(run_smol, calibration, models, planned, tmp_path):
    formats = ("--format", "full", "--format", "full@1/8")
    shutil.copy(planned / "profile.json", tmp_path)
    plan(run_smol, calibration, models[:1], tmp_path, "--pareto", *formats)  # all that any choice could want
    known = (tmp_path / "profile.json").read_bytes()
    done = plan(run_smol, calibration, models[:1], tmp_path, "--fastest", *formats)
    assert (tmp_path / "profile.json").read_bytes() == known
    assert b" 0 run end to end now" in done.stdout
    fastest = json.loads((tmp_path / "plan.json").read_text())["planning"]
    speeds = {
        c["id"]: c["throughput"]["measured"] or c["throughput"]["resource_model"] for c in fastest["candidates"]
    }
    assert speeds[fastest["chosen"]] == max(speeds.values())


def test_a_new_model_costs_itself_alone(run_smol, calibration, models, planned, tmp_path):
    shutil.copy(planned / "profile.json", tmp_path)
    before = json.loads((tmp_path / "profile.json").read_text())
    plan(run_smol, calibration, models, tmp_path, "--format", "full")
    after = json.loads((tmp_path / "profile.json").read_text())
    # Both have the same preprocessing.
    assert after["prefixes"] == before["prefixes"]
    assert len(after["executions"]) > len(before["executions"])
    assert all(entry in after["executions"] for entry in before["executions"])


def test_no_plan_is_exit_4_with_the_nearest(run_smol, calibration, models, planned, tmp_path):
    shutil.copy(planned / "profile.json", tmp_path)
    flags = ("--format", "full", "--min-throughput", "1e12")
    done = plan(run_smol, calibration, models[:1], tmp_path, *flags, check=False)
    assert done.returncode == 4
    message = done.stderr.decode().splitlines()[-1]
    assert message.startswith("smol: no plan") and "tiny on full" in message
    assert not (tmp_path / "plan.json").exists()


def test_a_profile_of_another_machine_is_refused(run_smol, calibration, models, planned, tmp_path):
    profile = json.loads((planned / "profile.json").read_text())
    profile["machine"]["cpu"] = "Another CPU"
    (tmp_path / "profile.json").write_text(json.dumps(profile))
    done = plan(run_smol, calibration, models[:1], tmp_path, check=False)
    assert done.returncode == 2
    assert "Another CPU" in done.stderr.decode() and done.stderr.count(b"\n") == 1


def test_a_run_with_a_constraint_plans_first_and_continues(run_smol, calibration, models, planned, tmp_path):
    shutil.copy(planned / "profile.json", tmp_path)
    plan(run_smol, calibration, models[:1], tmp_path)  # all formats are known then
    out = tmp_path / "out"
    command = [
        "run",
        calibration,
        "--model",
        models[0],
        "--profile",
        tmp_path / "profile.json",
        "--budget",
        0,
        "-o",
        out,
    ]
    done = run_smol(*command, "--max-loss", "0.01")
    assert b"chosen: tiny on" in done.stderr
    made = json.loads((out / "plan.json").read_text())
    assert made["planning"]["constraint"] == {"kind": "max_loss", "value": 0.01}
    rows = read_rows(out)
    assert len(rows) == ITEMS and {row["plan_id"] for row in rows} == {made["id"]}
    # Again: the same plan, without choosing anew.
    again = run_smol(*command, "--max-loss", "0.01")
    assert b"chosen" not in again.stderr
    other = run_smol(*command, "--fastest", check=False)
    assert other.returncode == 2 and b"--overwrite" in other.stderr


def test_a_run_of_several_models_needs_a_constraint(run_smol, calibration, models, tmp_path):
    flags = [word for one in models for word in ("--model", one)]
    done = run_smol("run", calibration, *flags, "-o", tmp_path / "out", check=False)
    assert done.returncode == 2 and b"--max-loss" in done.stderr
    done = run_smol("run", calibration, *flags[:2], "--calibration", calibration, "-o", tmp_path / "out", check=False)
    assert done.returncode == 2 and b"add a constraint" in done.stderr


def test_measuring_can_be_interrupted(smol, calibration, models, tmp_path):
    arguments = ["plan", calibration, "--model", models[0], "--profile", tmp_path / "profile.json", "--budget", 600]
    running = subprocess.Popen([str(smol), *map(str, arguments), "-o", str(tmp_path / "plan.json")])
    time.sleep(2)
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=30) == 130
