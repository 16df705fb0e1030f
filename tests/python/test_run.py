"""`smol run` as its users see it: rows, continuation, refusals, exit codes, progress."""

import json
import os
import shutil
import signal
import subprocess
import time

import pytest
from conftest import CLASSES, read_rows, save_pictures


def test_one_row_a_picture_with_labels(run_smol, model, pictures, tmp_path):
    run_smol("run", pictures, "--model", model, "-o", tmp_path / "out", "--topk", 3)
    rows = read_rows(tmp_path / "out")
    assert [row["id"] for row in rows] == [f"{i:04d}.jpg" for i in range(60)]
    assert [row["item"] for row in rows] == list(range(60))
    for row in rows:
        assert row["status"] == "ok" and row["error_code"] is None and row["error"] is None
        assert row["path"] == str(pictures / row["id"])
        assert row["label_1"] == f"label {row['class_1']}"
        assert row["score_1"] >= row["score_2"] >= row["score_3"]
    assert (rows[0]["height"], rows[0]["width"]) == (60, 80)


def test_softmax_and_raw_outputs_agree(run_smol, model, pictures, tmp_path):
    run_smol("run", pictures, "--model", model, "-o", tmp_path / "k", "--softmax", "--topk", CLASSES)
    run_smol("run", pictures, "--model", model, "-o", tmp_path / "raw", "--output", "logits")
    for top, raw in zip(read_rows(tmp_path / "k"), read_rows(tmp_path / "raw"), strict=True):
        assert sum(top[f"score_{i}"] for i in range(1, CLASSES + 1)) == pytest.approx(1, abs=1e-5)
        assert len(raw["logits"]) == CLASSES
        assert raw["logits"].index(max(raw["logits"])) == top["class_1"]
        assert top["plan_id"] != raw["plan_id"]


def test_closed_standard_streams_leave_the_run_directory_alone(smol, model, pictures, tmp_path):
    """As under some daemons: the files of the run must not take the numbers of stdout and stderr."""
    closed = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", smol]
    arguments = ["run", pictures, "--model", model, "-o", tmp_path / "out", "--chunk-items", 7, "--progress", "json"]
    for _ in range(2):  # a continuation opens other files than a beginning
        environment = {"PATH": os.environ["PATH"]}  # without HOME there is no cache, whose files come in between
        subprocess.run([str(word) for word in closed + arguments], env=environment, check=True, timeout=300)
        lines = (tmp_path / "out" / "manifest.jsonl").read_text().splitlines()
        assert sorted(json.loads(line).get("chunk", -1) for line in lines) == list(range(9))
    command = [*closed, "run", "-", "--model", model, "-o", tmp_path / "none"]
    refused = subprocess.run([str(word) for word in command], timeout=300)
    assert refused.returncode == 2  # an empty list, not the run's own lock


def test_the_same_command_continues_and_another_is_refused(run_smol, model, pictures, tmp_path):
    arguments = ["run", pictures, "--model", model, "-o", tmp_path / "out"]
    run_smol(*arguments)
    before = read_rows(tmp_path / "out")
    run_smol(*arguments)
    assert read_rows(tmp_path / "out") == before
    run_smol("run", f"{pictures}/", *arguments[2:])
    refused = run_smol(*arguments, "--topk", 2, check=False)
    assert refused.returncode == 2
    message = refused.stderr.decode()
    assert message.count("\n") == 1 and "--overwrite" in message
    run_smol(*arguments, "--topk", 2, "--overwrite")
    assert "label_3" not in read_rows(tmp_path / "out")[0]


def test_two_runs_give_identical_rows(run_smol, model, pictures, tmp_path):
    for name in ("a", "b"):
        run_smol("run", pictures, "--model", model, "-o", tmp_path / name, "--chunk-items", 7)
    assert read_rows(tmp_path / "a") == read_rows(tmp_path / "b")
    for part in sorted((tmp_path / "a" / "parts").iterdir()):
        assert part.read_bytes() == (tmp_path / "b" / "parts" / part.name).read_bytes()


def test_lists_stdin_limits_and_samples(run_smol, model, pictures, tmp_path):
    paths = [str(pictures / f"{i:04d}.jpg") for i in (3, 1, 2, 1)]
    listing = "\n".join(paths) + "\n"
    (tmp_path / "list.txt").write_text(listing)
    run_smol("run", tmp_path / "list.txt", "--model", model, "-o", tmp_path / "list")
    run_smol("run", "-", "--model", model, "-o", tmp_path / "stdin", input=listing.encode())
    for out in ("list", "stdin"):
        assert [row["path"] for row in read_rows(tmp_path / out)] == paths  # duplicates stay
    run_smol("run", pictures, "--model", model, "-o", tmp_path / "limit", "--limit", 5, "--exclude", "000[0-3].jpg")
    assert [row["id"] for row in read_rows(tmp_path / "limit")] == [f"{i:04d}.jpg" for i in range(4, 9)]
    run_smol("run", "--include", "*7.jpg", pictures, "--model", model, "-o", tmp_path / "before")  # then the inputs
    assert [row["id"] for row in read_rows(tmp_path / "before")] == [f"00{i}7.jpg" for i in range(6)]
    for out in ("s1", "s2"):
        run_smol("run", pictures, "--model", model, "-o", tmp_path / out, "--sample", 9, "--seed", 5)
    sampled = [row["id"] for row in read_rows(tmp_path / "s1")]
    assert len(set(sampled)) == 9 and sampled == sorted(sampled)
    assert sampled == [row["id"] for row in read_rows(tmp_path / "s2")]


def test_short_chunks_and_bad_files_do_not_hold_a_batch_up(run_smol, model, tmp_path):
    folder = save_pictures(tmp_path / "in", 1)
    for i in range(400):
        (folder / f"bad{i:03d}.jpg").write_text("not a picture")
    run_smol("run", folder, "--model", model, "-o", tmp_path / "out", "--chunk-items", 2, "--batch", 32)
    rows = read_rows(tmp_path / "out")
    assert len(rows) == 401
    assert [row["status"] for row in rows].count("ok") == 1
    assert {row["error_code"] for row in rows} == {None, "unknown_format"}


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["run", "{pictures}", "--model", "{model}"], "-o"),
        (["run", "{pictures}", "--model", "/does/not/exist.onnx", "-o", "{out}"], "exist.onnx"),
        (["run", "/does/not/exist", "--model", "{model}", "-o", "{out}"], "/does/not/exist"),
        (["run", "{pictures}", "--model", "{model}", "-o", "{out}", "--topk", "none"], "--topk"),
        (["run", "{pictures}", "--model", "{model}", "-o", "{out}", "--softmx"], "softmx"),
        (["run", "{pictures}", "--model", "{model}", "-o", "{out}", "--limit", "-1"], "--limit"),
        (["run", "{pictures}", "--model", "{model}", "-o", "{out}", "--labels", "{model}"], "labels"),
        (["run", "{pictures}", "--model", "{model}", "-o", "{pictures}"], "{pictures}"),
        (["run", "{pictures}", "--model", "{model}", "-o", "{out}", "--preprocessing", "[{{}}]"], "--preprocessing"),
        (["run", "{empty}", "--model", "{model}", "-o", "{out}"], "{empty}"),
        (["frobnicate"], "frobnicate"),
        ([], "subcommand"),
    ],
)
def test_mistakes_are_one_line_that_names_them(run_smol, model, pictures, tmp_path, arguments, named):
    (tmp_path / "empty").mkdir()
    places = {"pictures": pictures, "model": model, "out": tmp_path / "out", "empty": tmp_path / "empty"}
    done = run_smol(*[argument.format(**places) for argument in arguments], check=False)
    message = done.stderr.decode()
    assert done.returncode == 2, message
    assert message.startswith("smol: ") and message.count("\n") == 1, message
    assert named.format(**places) in message


def test_a_model_without_manifest_needs_a_preset(run_smol, model, pictures, tmp_path):
    bare = shutil.copy(model, tmp_path / "bare.onnx")
    refused = run_smol("run", pictures, "--model", bare, "-o", tmp_path / "out", check=False)
    assert refused.returncode == 2 and "--preset" in refused.stderr.decode()
    run_smol("run", pictures, "--model", bare, "--preset", "imagenet", "-o", tmp_path / "out")
    assert len(read_rows(tmp_path / "out")) == 60


def test_exit_codes_for_failed_items(run_smol, model, tmp_path):
    folder = save_pictures(tmp_path / "in", 3)
    (folder / "bad.jpg").write_bytes(b"")
    assert run_smol("run", folder, "--model", model, "-o", tmp_path / "a", check=False).returncode == 0
    done = run_smol("run", folder, "--model", model, "-o", tmp_path / "b", "--max-failure-rate", 0.1, check=False)
    assert done.returncode == 3
    assert len(read_rows(tmp_path / "b")) == 4
    for picture in folder.glob("0*.jpg"):
        picture.unlink()
    assert run_smol("run", folder, "--model", model, "-o", tmp_path / "c", check=False).returncode == 3


def test_progress_is_json_lines_and_the_report_adds_up(run_smol, model, pictures, tmp_path):
    done = run_smol("run", pictures, "--model", model, "-o", tmp_path / "out", "--progress", "json")
    events = [json.loads(line) for line in done.stderr.decode().splitlines()]
    assert events[-1]["event"] == "finished" and events[-1]["items"] == events[-1]["total"] == 60
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["items"] == report["items_now"] == 60 and report["failed"] == 0
    assert set(report["stages"]) == {"read", "decode", "preprocess", "infer", "sink"}
    busy = sum(stage["core_seconds"] for stage in report["stages"].values())
    assert busy == pytest.approx(report["cpu_seconds"], rel=0.1)
    assert report["bottleneck"]["stage"] in report["stages"]
    assert run_smol("run", pictures, "--model", model, "-o", tmp_path / "q", "--progress", "none").stderr == b""


def test_scaled_decoding_is_another_plan_with_similar_answers(run_smol, model, tmp_path):
    folder = save_pictures(tmp_path / "in", 12, sizes=((300, 400),))
    rows = {}
    for scale in ("full", "1/2", "1/4"):
        out = tmp_path / scale.replace("/", "-")
        run_smol("run", folder, "--model", model, "-o", out, "--decode", scale, "--output", "logits")
        rows[scale] = read_rows(out)
    assert len({row["plan_id"] for scale in rows for row in rows[scale]}) == 3
    for full, half, quarter in zip(*rows.values(), strict=True):
        assert (half["width"], half["height"]) == (400, 300)
        assert half["logits"] != full["logits"]
        for scaled in (half, quarter):
            drift = max(abs(a - b) for a, b in zip(full["logits"], scaled["logits"], strict=True))
            assert drift < 0.1 * (max(full["logits"]) - min(full["logits"]))


def test_dry_run_touches_nothing(run_smol, model, pictures, tmp_path):
    done = run_smol("run", pictures, "--model", model, "-o", tmp_path / "out", "--dry-run")
    assert b"60 items" in done.stdout
    assert not (tmp_path / "out").exists()


def test_sigint_ends_cleanly_and_the_same_command_continues(smol, run_smol, model, tmp_path):
    folder = save_pictures(tmp_path / "in", 50)
    listing = tmp_path / "list"
    listing.write_text("\n".join(str(folder / f"{i % 50:04d}.jpg") for i in range(40000)))
    arguments = ["run", listing, "--model", model, "-o", tmp_path / "out", "--chunk-items", "64", "--batch", "8"]
    process = subprocess.Popen([str(smol), *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    manifest = tmp_path / "out" / "manifest.jsonl"
    while not (manifest.exists() and manifest.stat().st_size) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    assert b"continues" in stderr
    assert 0 < len(read_rows(tmp_path / "out")) < 40000
    run_smol(*arguments)
    assert [row["item"] for row in read_rows(tmp_path / "out")] == list(range(40000))


def test_sigint_while_waiting_for_a_list_on_stdin(smol, model, tmp_path):
    command = [str(smol), "run", "-", "--model", str(model), "-o", str(tmp_path / "out")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    time.sleep(0.5)
    process.send_signal(signal.SIGUSR1)  # is for smol's own use: from elsewhere it must not end the watch
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    try:
        assert process.wait(timeout=30) == 130
    finally:
        process.kill()


def test_output_that_cannot_be_written_is_a_failure(smol, pictures):
    for arguments in (["inspect", str(pictures), "--json"], ["doctor"], ["run", "--help"]):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([str(smol), *arguments], stdout=full, stderr=subprocess.PIPE, timeout=60)
        assert done.returncode == 1 and done.stderr.count(b"\n") == 1, done.stderr


def test_inspect_and_doctor_speak_json(run_smol, pictures):
    one = json.loads(run_smol("inspect", pictures / "0000.jpg", "--json").stdout)
    assert (one["format"], one["height"], one["width"], one["subsampling"]) == ("jpeg", 60, 80, "4:2:0")
    many = json.loads(run_smol("inspect", pictures, "--json").stdout)
    assert many["images"] == 60 and many["formats"] == {"jpeg": 60}
    findings = json.loads(run_smol("doctor", "--json").stdout)["findings"]
    assert {"openvino", "jpeg", "png", "cores"} <= {finding["name"] for finding in findings}
