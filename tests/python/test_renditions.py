"""Datasets with several renditions of each item: which is read, what falls back, and what is refused."""

import json
import shutil

import pytest
from conftest import read_rows, save_pictures
from PIL import Image

IDS = ("0000", "0001", "0002", "a b/0003", "ünï/日本", "x{y}", "deep/er/0004")
NO_THUMB = {"0001", "deep/er/0004"}
ONLY_THUMB = {"x{y}"}


@pytest.fixture
def dataset(tmp_path):
    """full/ID.jpg of all but one, thumb161/ID.png of most, and files that belong to neither."""
    source = save_pictures(tmp_path / "source", len(IDS))
    root = tmp_path / "data set"
    for i, item in enumerate(IDS):
        picture = source / f"{i:04d}.jpg"
        for folder, suffix in (("full", ".jpg"), ("thumb161", ".png")):
            if item in (ONLY_THUMB if folder == "full" else NO_THUMB):
                continue
            file = root / folder / (item + suffix)
            file.parent.mkdir(parents=True, exist_ok=True)
            if suffix == ".jpg":
                shutil.copy(picture, file)
            else:
                Image.open(picture).resize((24, 20)).save(file)
    (root / "full" / "notes.txt").write_text("not an item")
    (root / "elsewhere").mkdir()
    shutil.copy(source / "0000.jpg", root / "elsewhere" / "9999.jpg")
    return root


def write_toml(root, text='[renditions]\nthumb = "thumb161/{id}.png"\nfull = "full/{id}.jpg"\n'):
    (root / "dataset.toml").write_text(text)
    return root


FLAGS = ["--rendition", "thumb=thumb161/{id}.png", "--rendition", "full=full/{id}.jpg"]


def test_rows_say_which_rendition_was_used(run_smol, model, dataset, tmp_path):
    run_smol("run", dataset, "--model", model, "-o", tmp_path / "out", *FLAGS)
    rows = read_rows(tmp_path / "out")
    assert [row["id"] for row in rows] == sorted(IDS, key=lambda item: item.encode())
    for row in rows:
        expected = "full" if row["id"] in NO_THUMB else "thumb"
        assert (row["status"], row["rendition"]) == ("ok", expected)
        place = f"full/{row['id']}.jpg" if expected == "full" else f"thumb161/{row['id']}.png"
        assert row["path"] == f"{dataset}/{place}"
        assert ((row["width"], row["height"]) == (24, 20)) == (expected == "thumb")
    plan = json.loads((tmp_path / "out" / "plan.json").read_text())
    assert plan["rendition"] == "thumb,full"


def test_the_order_of_the_file_and_of_use(run_smol, model, dataset, tmp_path):
    write_toml(dataset)
    run_smol("run", dataset, "--model", model, "-o", tmp_path / "file")
    run_smol("run", dataset / "dataset.toml", "--model", model, "-o", tmp_path / "named")
    run_smol("run", dataset, "--model", model, "-o", tmp_path / "flags", *FLAGS)
    assert read_rows(tmp_path / "file") == read_rows(tmp_path / "flags") == read_rows(tmp_path / "named")
    run_smol("run", dataset, "--model", model, "-o", tmp_path / "use", "--use", "full,thumb")
    used = {row["id"]: row["rendition"] for row in read_rows(tmp_path / "use")}
    assert used == {item: "thumb" if item in ONLY_THUMB else "full" for item in IDS}
    plans = [json.loads((tmp_path / out / "plan.json").read_text()) for out in ("file", "use")]
    assert plans[0]["id"] != plans[1]["id"] and plans[1]["rendition"] == "full,thumb"


def test_an_item_without_a_rendition_in_use_is_an_error_row(run_smol, model, dataset, tmp_path):
    write_toml(dataset)
    run_smol("run", dataset, "--model", model, "-o", tmp_path / "out", "--use", "thumb")
    rows = {row["id"]: row for row in read_rows(tmp_path / "out")}
    assert set(rows) == set(IDS)
    for item, row in rows.items():
        assert row["rendition"] == "thumb"
        assert row["error_code"] == ("not_found" if item in NO_THUMB else None)


def test_the_answers_are_those_of_the_file_alone(run_smol, model, dataset, tmp_path):
    run_smol("run", dataset, "--model", model, "-o", tmp_path / "out", "--output", "logits", *FLAGS)
    rows = read_rows(tmp_path / "out")
    (tmp_path / "list").write_text("\n".join(row["path"] for row in rows))
    run_smol("run", tmp_path / "list", "--model", model, "-o", tmp_path / "list-out", "--output", "logits")
    listed = read_rows(tmp_path / "list-out")
    assert [row["logits"] for row in rows] == [row["logits"] for row in listed]
    assert {row["rendition"] for row in listed} == {"full"}


def test_siblings_belong_to_the_more_specific_pattern(run_smol, model, tmp_path):
    folder = save_pictures(tmp_path / "in", 4)
    for i in range(3):
        shutil.copy(folder / f"{i:04d}.jpg", folder / f"{i:04d}_small.jpg")
    flags = ["--rendition", "full={id}.jpg", "--rendition", "small={id}_small.jpg"]
    run_smol("run", folder, "--model", model, "-o", tmp_path / "out", *flags, "--use", "small,full")
    rows = read_rows(tmp_path / "out")
    assert [(row["id"], row["rendition"]) for row in rows] == [
        ("0000", "small"),
        ("0001", "small"),
        ("0002", "small"),
        ("0003", "full"),
    ]


def test_globs_samples_limits_and_labels_of_datasets(run_smol, model, dataset, tmp_path):
    write_toml(dataset, 'labels = "names.txt"\n[renditions]\nfull = "full/{id}.jpg"\nthumb = "thumb161/{id}.png"\n')
    (dataset / "names.txt").write_text("".join(f"name {i}\n" for i in range(10)))
    run_smol("run", dataset, "--model", model, "-o", tmp_path / "a", "--exclude", "deep", "--limit", 4)
    rows = read_rows(tmp_path / "a")
    assert [row["id"] for row in rows] == ["0000", "0001", "0002", "a b/0003"]
    assert rows[0]["label_1"] == f"name {rows[0]['class_1']}"
    run_smol("run", dataset, "--model", model, "-o", tmp_path / "b", "--exclude", "deep", "--exclude", "000*")
    assert {row["id"] for row in read_rows(tmp_path / "b")} == {"ünï/日本", "x{y}"}
    run_smol("run", dataset, "--model", model, "-o", tmp_path / "c", "--sample", 3, "--use", "thumb,full")
    for row in read_rows(tmp_path / "c"):
        assert row["rendition"] == ("full" if row["id"] in NO_THUMB else "thumb")


def test_a_run_keeps_the_renditions_that_it_began_with(run_smol, model, dataset, tmp_path):
    write_toml(dataset)
    arguments = ["run", dataset, "--model", model, "-o", tmp_path / "out"]
    run_smol(*arguments)
    before = read_rows(tmp_path / "out")
    shutil.copy(dataset / "thumb161/0000.png", dataset / "thumb161/0001.png")
    run_smol(*arguments)
    assert read_rows(tmp_path / "out") == before
    refused = run_smol(*arguments, "--rendition", "thumb=t/{id}.png", "--rendition", "full=full/{id}.jpg", check=False)
    assert refused.returncode == 2 and "renditions" in refused.stderr.decode()


@pytest.mark.parametrize(
    ("toml", "arguments", "named"),
    [
        (None, ["--use", "thumb"], "--rendition"),
        (None, ["--rendition", "thumb"], "NAME=PATTERN"),
        (None, ["--rendition", "thumb=t/x.png"], "{id}"),
        (None, ["--rendition", "thumb=../{id}.png"], "below"),
        (None, ["--rendition", "a,b=t/{id}.png"], "a,b"),
        (None, ["--rendition", "a=t/{id}.png", "--rendition", "a=u/{id}.png"], "two renditions"),
        (None, ["--dataset", "/no/such.toml"], "/no/such.toml"),
        ('[renditions]\nfull = "full/{id}.jpg"\n', ["--use", "thumb"], "full): thumb"),
        ('[renditions]\nfull = "full/{id}.jpg"\n', ["--use", "full,full"], "twice"),
        ('lables = "x"\n[renditions]\nfull = "full/{id}.jpg"\n', [], "unknown key 'lables'"),
        ("[renditions]\nfull = 3\n", [], "renditions.full"),
        ("[renditions\n", [], "line 1"),
        ('labels = "x"\n', [], "no rendition"),
        ('renditions = "full"\n', [], "[renditions]"),
    ],
)
def test_mistakes_are_one_line_that_names_them(run_smol, model, dataset, tmp_path, toml, arguments, named):
    if toml is not None:
        write_toml(dataset, toml)
    done = run_smol("run", dataset, "--model", model, "-o", tmp_path / "out", *arguments, check=False)
    message = done.stderr.decode()
    assert done.returncode == 2, message
    assert message.startswith("smol: ") and message.count("\n") == 1, message
    assert named in message
    if toml is not None and not arguments:
        assert "dataset.toml" in message


def test_regions_need_one_rendition(run_smol, model, dataset, tmp_path):
    write_toml(dataset)
    (dataset / "regions.csv").write_text("id,x,y,w,h\n0000,1,2,20,10\nx{y},0,0,5,5\n")
    arguments = ["run", dataset, "--model", model, "-o", tmp_path / "out", "--regions", dataset / "regions.csv"]
    refused = run_smol(*arguments, check=False)
    assert refused.returncode == 2 and "--use" in refused.stderr.decode()
    run_smol(*arguments, "--use", "thumb")
    rows = read_rows(tmp_path / "out")
    assert [(row["id"], row["rendition"], row["region_w"]) for row in rows] == [
        ("0000", "thumb", 20),
        ("x{y}", "thumb", 5),
    ]
