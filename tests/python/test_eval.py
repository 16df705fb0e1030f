"""smol eval against a numpy twin: metrics, several right labels, agreement, what is kept, and what is refused."""

import csv
import json
import os
import shutil

import numpy as np
import pandas as pd
import pytest
from conftest import CLASSES, read_rows, save_classifier, save_pictures

ITEMS = 20


def write_labels(path, rows, header=("id", "label", "group")):
    with open(path, "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(header)
        table.writerows(rows)


@pytest.fixture(scope="module")
def truth(tmp_path_factory, run_smol, model):
    """A folder of pictures and the classes by `tiny`, best first: {id: [...]}."""
    folder = save_pictures(tmp_path_factory.mktemp("eval") / "in", ITEMS, seed=3)
    out = tmp_path_factory.mktemp("eval-truth") / "out"
    run_smol("run", folder, "--model", model, "-o", out, "--output", "logits")
    ranked = {row["id"]: list(np.argsort(-np.asarray(row["logits"]), kind="stable")) for row in read_rows(out)}
    return folder, ranked


def evaluate(run_smol, folder, models, out, *flags, cache=None, **options):
    words = ["eval", folder, "--cache", cache or "", "-o", out / "evaluation.json", "--progress", "json"]
    for one in models:
        words += ["--model", one]
    done = run_smol(*words, *flags, **options)
    file = out / "evaluation.json"
    return done, json.loads(file.read_text()) if file.exists() else None


def values(candidate):
    return {metric: entry["value"] for metric, entry in candidate["metrics"].items()}


def test_top_k_with_several_right_labels(run_smol, model, truth, tmp_path):
    folder, ranked = truth
    rng = np.random.default_rng(5)
    right = {item: sorted(rng.choice(CLASSES, size=rng.integers(1, 4), replace=False)) for item in ranked}
    rows = [(item, "|".join(map(str, classes)), f"g{i // 2}") for i, (item, classes) in enumerate(right.items())]
    write_labels(tmp_path / "labels.csv", rows)
    done, found = evaluate(
        run_smol, folder, [model], tmp_path, "--format", "full", "--labels-csv", tmp_path / "labels.csv"
    )
    (candidate,) = found["candidates"]
    hits = [[bool(set(ranked[item][:k]) & set(right[item])) for item in ranked] for k in (1, 5)]
    assert values(candidate)["top1"] == pytest.approx(np.mean(hits[0]))
    assert values(candidate)["top5"] == pytest.approx(np.mean(hits[1]))
    assert candidate["outcomes"] == [float(hit) for hit in hits[0]]
    assert b"20 items in 10 groups; top1" in done.stdout


def test_formats_are_compared_with_the_full_decode(run_smol, model, truth, tmp_path):
    folder, ranked = truth
    write_labels(tmp_path / "labels.csv", [(item, classes[0], "") for item, classes in ranked.items()])
    _, found = evaluate(
        run_smol,
        folder,
        [model],
        tmp_path,
        "--format",
        "full",
        "--format",
        "full@1/8",
        "--labels-csv",
        tmp_path / "labels.csv",
    )
    full, eighth = found["candidates"]
    assert values(full)["top1"] == 1 and found["reference"] == 0
    run_smol("run", folder, "--model", model, "-o", tmp_path / "eighth", "--decode", "1/8", "--output", "logits")
    best = {row["id"]: int(np.argmax(row["logits"])) for row in read_rows(tmp_path / "eighth")}
    expected = np.mean([best[item] == ranked[item][0] for item in ranked])
    assert values(eighth)["top1"] == pytest.approx(expected)
    assert eighth["difference"]["value"] == pytest.approx(expected - 1)
    assert eighth["difference"]["low"] <= expected - 1 <= eighth["difference"]["high"]


def save_model(model, folder, outputs):
    """A model with this many outputs, and the manifest of `model` without its labels."""
    save_classifier(folder / "small.onnx", outputs)
    manifest = json.loads(model.with_suffix(".json").read_text())
    del manifest["labels"]
    (folder / "small.json").write_text(json.dumps(manifest))
    return folder / "small.onnx"


def raw_outputs(run_smol, folder, model, out):
    run_smol("run", folder, "--model", model, "-o", out, "--output", "logits")
    return {row["id"]: np.asarray(row["logits"]) for row in read_rows(out) if row["status"] == "ok"}


@pytest.mark.parametrize("positive", [0, 1])
def test_two_classes_have_f1_precision_and_recall(run_smol, model, truth, tmp_path, positive):
    folder = shutil.copytree(truth[0], tmp_path / "in")
    two = save_model(model, tmp_path, 2)
    outputs = raw_outputs(run_smol, folder, two, tmp_path / "out")
    (folder / "0004.jpg").write_bytes(b"no picture")
    rng = np.random.default_rng(2)
    table = pd.DataFrame({"id": list(outputs), "label": rng.integers(0, 2, ITEMS)})
    table["said"] = [int(np.argmax(outputs[item])) for item in table.id]
    broken = table.id == "0004.jpg"
    table.loc[broken, "said"] = 1 - table.label[broken]  # a failed item counts as the wrong answer
    table[["id", "label"]].to_csv(folder / "labels.csv", index=False)
    flags = ("--format", "full", "--positive", positive)
    _, found = evaluate(run_smol, folder, [two], tmp_path, *flags)
    truly, said = table.label == positive, table.said == positive
    precision, recall = (truly & said).sum() / said.sum(), (truly & said).sum() / truly.sum()
    assert found["metric"] == "f1"
    assert values(found["candidates"][0]) == pytest.approx(
        {
            "f1": 2 * precision * recall / (precision + recall),
            "precision": precision,
            "recall": recall,
            "top1": (table.label == table.said).mean(),
        }
    )


def test_one_output_has_the_mean_absolute_error(run_smol, model, truth, tmp_path):
    folder = shutil.copytree(truth[0], tmp_path / "in")
    one = save_model(model, tmp_path, 1)
    outputs = raw_outputs(run_smol, folder, one, tmp_path / "out")
    (folder / "0004.jpg").write_bytes(b"no picture")
    table = pd.DataFrame({"id": list(outputs), "label": np.random.default_rng(2).integers(0, 9, ITEMS)})
    table["said"] = [float(outputs[item][0]) if item != "0004.jpg" else 0.0 for item in table.id]
    table[["id", "label"]].to_csv(folder / "labels.csv", index=False)
    done, found = evaluate(run_smol, folder, [one], tmp_path, "--format", "full")
    assert found["metric"] == "mae" and b"mae" in done.stdout
    assert values(found["candidates"][0])["mae"] == pytest.approx((table.said - table.label).abs().mean(), rel=1e-5)


def test_kept_predictions_are_not_made_again_and_a_new_model_costs_only_itself(run_smol, model, truth, tmp_path):
    """Bytes are taken away behind an unchanged size and time: whoever decodes them fails."""
    folder = shutil.copytree(truth[0], tmp_path / "in")
    write_labels(folder / "labels.csv", [(item, classes[0], "") for item, classes in truth[1].items()])
    flags = ("--format", "full", "--format", "full@1/2")
    _, first = evaluate(run_smol, folder, [model], tmp_path, *flags, cache=tmp_path / "cache")
    for path in folder.glob("*.jpg"):
        before = path.stat()
        path.write_bytes(bytes(before.st_size))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    _, again = evaluate(run_smol, folder, [model], tmp_path, *flags, cache=tmp_path / "cache")
    assert again == first
    save_classifier(tmp_path / "other.onnx")
    with open(tmp_path / "other.onnx", "ab") as file:
        file.write(b"\x32\x05other")  # doc_string: other bytes, the same network
    shutil.copy(model.with_suffix(".json"), tmp_path / "other.json")
    shutil.copy(model.parent / "labels.txt", tmp_path)
    models = [model, tmp_path / "other.onnx"]
    _, both = evaluate(run_smol, folder, models, tmp_path, *flags, cache=tmp_path / "cache")
    outcomes = {(one["model_path"], one["format"]): one["outcomes"] for one in both["candidates"]}
    for one in first["candidates"]:
        assert outcomes[(str(model), one["format"])] == one["outcomes"]
        assert not any(outcomes[(str(models[1]), one["format"])])


def test_failed_items_are_wrong_and_named(run_smol, model, truth, tmp_path):
    folder, ranked = truth
    damaged = shutil.copytree(folder, tmp_path / "in")
    (damaged / "0003.jpg").write_bytes(b"\xff\xd8 not much of a picture")
    write_labels(damaged / "labels.csv", [(item, classes[0], "") for item, classes in ranked.items()])
    done, found = evaluate(run_smol, damaged, [model], tmp_path, "--format", "full")
    (candidate,) = found["candidates"]
    assert values(candidate)["top1"] == pytest.approx((ITEMS - 1) / ITEMS)
    assert [item["id"] for item in candidate["failed"]] == ["0003.jpg"]
    assert b"0003.jpg" in done.stderr


def test_folders_as_classes(run_smol, model, truth, tmp_path):
    folder, ranked = truth
    for item, classes in ranked.items():
        place = tmp_path / "in" / f"label {classes[0]}" / item
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(folder / item, place)
    _, found = evaluate(run_smol, tmp_path / "in", [model], tmp_path, "--folder-labels", "--format", "full")
    assert values(found["candidates"][0])["top1"] == 1


def test_agreement_is_not_called_accuracy(run_smol, model, truth, tmp_path):
    done, found = evaluate(
        run_smol, truth[0], [model], tmp_path, "--reference-model", model, "--format", "full", "--format", "full@1/8"
    )
    assert values(found["candidates"][0])["top1"] == 1
    assert found["labelled"] is False
    assert b"agreement" in done.stdout and b"no accuracy" in done.stdout and b"accuracy of" not in done.stdout


def test_kept_predictions_cost_nothing_and_survive_damage(run_smol, model, truth, tmp_path):
    folder, ranked = truth
    write_labels(tmp_path / "labels.csv", [(item, classes[0], "") for item, classes in ranked.items()])
    cache = tmp_path / "cache"

    def again(models):
        flags = ("--format", "full", "--labels-csv", tmp_path / "labels.csv")
        return evaluate(run_smol, folder, models, tmp_path, *flags, cache=cache)[1]

    first = again([model])
    files = {file: file.read_bytes() for file in (cache / "predictions").iterdir()}
    assert len(files) == 1
    assert again([model]) == first
    assert {file: file.read_bytes() for file in (cache / "predictions").iterdir()} == files  # nothing was added
    other = tmp_path / "other.onnx"
    save_classifier(other)
    with open(other, "ab") as file:
        file.write(b"\x32\x05other")  # doc_string: other bytes, the same network
    shutil.copy(model.with_suffix(".json"), other.with_suffix(".json"))
    shutil.copy(model.parent / "labels.txt", tmp_path)
    both = again([model, other])
    assert both["candidates"][0]["outcomes"] == first["candidates"][0]["outcomes"]
    for file, content in files.items():
        assert file.read_bytes() == content  # the new model has a file of its own
        file.write_bytes(content[: len(content) // 2] + b"\0" * 40)
    assert again([model]) == first


@pytest.mark.parametrize(
    ("rows", "header", "words"),
    [
        ([("0000.jpg", "label 3", "")], ("id", "class", "group"), "label"),
        ([("0000.jpg", "99", "")], ("id", "label", "group"), "99"),
        ([("0000.jpg", "a dog", "")], ("id", "label", "group"), "a dog"),
        ([("0000.jpg", "1", ""), ("0000.jpg", "2", "")], ("id", "label", "group"), "0000.jpg"),
        ([], ("id", "label", "group"), "labels.csv"),
    ],
)
def test_bad_labels_are_one_line(run_smol, model, truth, tmp_path, rows, header, words):
    write_labels(tmp_path / "labels.csv", rows, header)
    done, found = evaluate(
        run_smol, truth[0], [model], tmp_path, "--labels-csv", tmp_path / "labels.csv", check=False
    )
    assert done.returncode == 2 and found is None
    message = done.stderr.decode()
    assert message.startswith("smol: ") and message.count("\n") == 1 and words in message


def test_a_format_that_is_not_there_and_no_labels_are_refused(run_smol, model, truth, tmp_path):
    write_labels(tmp_path / "labels.csv", [(item, 1, "") for item in truth[1]])
    for flags in (("--format", "thumb", "--labels-csv", tmp_path / "labels.csv"), ("--format", "full")):
        done, _ = evaluate(run_smol, truth[0], [model], tmp_path, *flags, check=False)
        assert done.returncode == 2 and done.stderr.count(b"\n") == 1
