"""Datasets with several renditions of each item: which is read, what falls back, and what is refused."""

import io
import json
import os
import shutil
import subprocess
import time
import tomllib

import numpy as np
import pytest
from conftest import read_rows, save_pictures
from PIL import Image, ImageOps

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
                Image.open(picture).reduce(2).save(file)
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
        assert (min(row["width"], row["height"]) < 40) == (expected == "thumb")
    plan = json.loads((tmp_path / "out" / "plan.json").read_text())
    assert [entry["rendition"] for entry in plan["stages"][0]["formats"]] == ["thumb", "full"]


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
    assert plans[0]["id"] != plans[1]["id"]
    assert [entry["rendition"] for entry in plans[1]["stages"][0]["formats"]] == ["full", "thumb"]


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
    refused = run_smol(
        *arguments, "--rendition", "thumb=t/{id}.png", "--rendition", "full=full/{id}.jpg", check=False
    )
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


def test_inspect_proposes_a_dataset_file_that_works(run_smol, model, dataset, tmp_path):
    text = run_smol("inspect", dataset).stdout.decode()
    snippet = text[text.index("[renditions]") :]
    assert tomllib.loads(snippet)["renditions"] == {"full": "full/{id}.jpg", "thumb161": "thumb161/{id}.png"}
    assert "6 of 7 items" in snippet and "5 of 7 items" in snippet
    (dataset / "dataset.toml").write_text(snippet)
    run_smol("run", dataset, "--model", model, "-o", tmp_path / "out")
    assert {row["id"]: row["rendition"] for row in read_rows(tmp_path / "out")} == {
        item: "thumb161" if item in ONLY_THUMB else "full" for item in IDS
    }


def test_inspect_counts_exif_thumbnails_as_a_rendition(run_smol, tmp_path):
    folder = save_pictures(tmp_path / "in", 5)
    assert json.loads(run_smol("inspect", folder, "--json").stdout)["renditions"] == []
    assert b"rendition" not in run_smol("inspect", folder).stdout
    for i in range(2):
        picture = Image.open(folder / f"{i:04d}.jpg")
        thumbnail = io.BytesIO()
        picture.resize((40, 30)).save(thumbnail, "JPEG")
        save_with_thumbnail(picture, thumbnail.getvalue(), folder / f"{i:04d}.jpg")
    found = json.loads(run_smol("inspect", folder, "--json").stdout)["renditions"]
    assert found == [{"name": "exif-thumbnail", "decode": "thumbnail", "files": 2}]
    assert b"exif-thumbnail: 2 files" in run_smol("inspect", folder).stdout


def save_with_thumbnail(picture, thumbnail, path):
    """An EXIF block by hand, as Pillow writes no thumbnails: IFD0 empty, IFD1 with offset and length of the JPEG."""

    def entry(tag, value):
        return (
            tag.to_bytes(2, "little")
            + (4).to_bytes(2, "little")
            + (1).to_bytes(4, "little")
            + value.to_bytes(4, "little")
        )

    ifd1 = (2).to_bytes(2, "little") + entry(0x201, 8 + 6 + 30) + entry(0x202, len(thumbnail)) + bytes(4)
    ifd0 = (0).to_bytes(2, "little") + (14).to_bytes(4, "little")
    tiff = b"II*\0" + (8).to_bytes(4, "little") + ifd0 + ifd1 + thumbnail
    picture.save(path, exif=b"Exif\0\0" + tiff)


def test_folders_of_classes_are_no_renditions(run_smol, tmp_path):
    for name, sizes in (("cats", ((60, 80), (50, 90))), ("dogs", ((80, 60), (70, 30)))):
        save_pictures(tmp_path / "in" / name, 6, sizes=sizes)
    assert json.loads(run_smol("inspect", tmp_path / "in", "--json").stdout)["renditions"] == []


TARGETS = ["--to", "t40:short=40,format=png", "--to", "q75:short=40,format=jpeg,q=75,filter=bicubic"]


def decoded(file):
    return ImageOps.exif_transpose(Image.open(file).convert("RGB"))


def test_rendered_pictures_are_those_of_pillow(run_smol, tmp_path):
    folder = save_pictures(tmp_path / "in", 9, sizes=((120, 161), (99, 64), (48, 48), (41, 300), (30, 20)))
    for orientation in range(2, 9):
        exif = Image.Exif()
        exif[0x112] = orientation
        Image.open(folder / "0000.jpg").save(folder / f"turned{orientation}.jpg", exif=exif, quality=90)
    done = run_smol("data", "render", folder, *TARGETS, "-o", tmp_path / "out")
    assert done.stdout == b"16 items, 0 failed; 32 files stored, 0 kept\n"
    for source in sorted(folder.iterdir()):
        picture = ImageOps.exif_transpose(Image.open(source))
        short = min(picture.size)
        size = tuple(side * min(short, 40) // short for side in picture.size)
        stored = Image.open(tmp_path / "out/t40" / (source.stem + ".png"))
        assert stored.size == size and stored.mode == "RGB"
        expected = np.asarray(picture.resize(size, Image.Resampling.BILINEAR), dtype=int)
        allowed = 1 if source.stem.startswith("turned") else 0  # the passes may come in the other order
        assert np.abs(np.asarray(stored, dtype=int) - expected).max() <= allowed, source
        jpeg = Image.open(tmp_path / "out/q75" / (source.stem + ".jpg"))
        buffer = io.BytesIO()
        picture.resize(size, Image.Resampling.BICUBIC).save(
            buffer, "JPEG", quality=75, subsampling="4:2:0", optimize=True
        )
        assert jpeg.quantization == Image.open(buffer).quantization
        difference = np.asarray(jpeg, dtype=int) - np.asarray(Image.open(buffer), dtype=int)
        assert np.abs(difference).max() <= (30 if allowed else 0), source


def test_a_rendered_folder_is_a_dataset(run_smol, model, tmp_path):
    folder = save_pictures(tmp_path / "in" / "2019 a", 4).parent
    Image.open(folder / "2019 a" / "0000.jpg").save(folder / "ünï.png")
    command = ["data", "render", folder, *TARGETS, "-o", folder]
    run_smol(*command)
    named = tomllib.loads((folder / "dataset.toml").read_text())["renditions"]
    assert named == {
        "full-jpg": "{id}.jpg",
        "full-png": "{id}.png",
        "t40": "t40/{id}.png",
        "q75": "q75/{id}.jpg",
    }
    run_smol("run", folder, "--model", model, "-o", tmp_path / "out", "--use", "t40,full-jpg,full-png")
    rows = read_rows(tmp_path / "out")
    assert [(row["id"], row["rendition"]) for row in rows] == [
        *((f"2019 a/000{i}", "t40") for i in range(4)),
        ("ünï", "t40"),
    ]
    # What was rendered is not rendered again, nor rendered from.
    assert run_smol(*command).stdout == b"5 items, 0 failed; 0 files stored, 10 kept\n"
    more = run_smol("data", "render", folder, "--to", "t20:short=20,format=png", "-o", folder)
    assert more.stdout == b"5 items, 0 failed; 5 files stored, 0 kept\n"
    assert list(tomllib.loads((folder / "dataset.toml").read_text())["renditions"])[-1] == "t20"


def test_rendering_resumes(run_smol, tmp_path):
    folder = save_pictures(tmp_path / "in", 6)
    out = tmp_path / "out"
    command = ["data", "render", folder, *TARGETS, "-o", out]
    run_smol(*command)
    stored = [file for file in sorted(out.rglob("*.*")) if file.is_file() and file.name != ".rendered"]
    before = {file: (file.read_bytes(), file.stat().st_ctime_ns) for file in stored}
    (out / "t40/0000.png").unlink()
    (out / "t40/0001.png").write_bytes(b"")
    (out / "t40/0002.png.tmp").write_bytes(b"half")
    os.utime(folder / "0003.jpg")  # newer than what was made of it
    os.utime(folder / "0004.jpg", (1e9, 1e9))  # older: as if another picture had been moved there
    done = run_smol(*command)
    assert done.stdout == b"6 items, 0 failed; 6 files stored, 6 kept\n"
    anew = {"t40/0000.png", "t40/0001.png", "t40/0003.png", "q75/0003.jpg", "t40/0004.png", "q75/0004.jpg"}
    for file, (content, changed) in before.items():
        assert file.read_bytes() == content
        assert (file.stat().st_ctime_ns != changed) == (str(file.relative_to(out)) in anew), file
    os.utime(folder / "0000.jpg", (1e9, 1e9))
    run_smol(*command)
    os.utime(folder / "0000.jpg", (1e9, 1e9 + 1.5))  # newer, by less than coarse file systems can tell
    assert b"; 2 files stored" in run_smol(*command).stdout


def test_pictures_of_another_source_are_not_taken_for_this_ones(run_smol, tmp_path):
    first, second = save_pictures(tmp_path / "a", 3), save_pictures(tmp_path / "b", 3, seed=1)
    for picture in second.iterdir():  # the ids and the times of the first
        os.utime(picture, ns=(0, (first / picture.name).stat().st_mtime_ns))
    out = tmp_path / "out"
    run_smol("data", "render", first, *TARGETS, "-o", out)
    before = {file: file.read_bytes() for file in out.rglob("*.*") if file.is_file()}
    refused = run_smol("data", "render", second, *TARGETS, "-o", out, check=False)
    message = refused.stderr.decode()
    assert refused.returncode == 2 and message.count("\n") == 1 and refused.stdout == b""
    assert "from other files" in message and f"{first}/{{id}}" in message and str(out / "t40") in message
    assert all(file.read_bytes() == content for file, content in before.items())
    os.chdir(tmp_path)  # however it is spelled, it is the same folder
    assert b"0 files stored, 6 kept" in run_smol("data", "render", "b/../a/", *TARGETS, "-o", "out").stdout


def test_pictures_of_another_rendition_are_not_taken_for_this_ones(run_smol, dataset, tmp_path):
    command = ["data", "render", dataset, *FLAGS, "--to", "t9:short=9,format=png", "-o", tmp_path / "out"]
    run_smol(*command, "--use", "full")
    refused = run_smol(*command, "--use", "thumb", check=False)
    assert refused.returncode == 2 and f"{dataset}/full/{{id}}" in refused.stderr.decode()
    assert b"0 files stored" in run_smol(*command, "--use", "full").stdout


@pytest.mark.parametrize(("source", "out"), [(".", "."), ("full", "."), (".", "small"), ("full", "full/small")])
def test_renditions_may_move_with_their_source(run_smol, tmp_path, source, out):
    save_pictures(tmp_path / "there" / source, 3)
    command = ["data", "render", source, *TARGETS, "-o", out]
    run_smol(*command, cwd=tmp_path / "there")
    (tmp_path / "there").rename(tmp_path / "elsewhere")
    for _ in range(2):
        assert b"3 items, 0 failed; 0 files stored, 6 kept" in run_smol(*command, cwd=tmp_path / "elsewhere").stdout


@pytest.mark.parametrize("name", ["small", "s[m]a*l/deep", "link"])
def test_what_was_rendered_below_the_source_is_no_source(run_smol, tmp_path, name):
    folder = save_pictures(tmp_path / "in", 3)
    save_pictures(folder / "x" / "t40", 1)  # of the same name as a rendition
    out = folder / name
    if name == "link":
        (tmp_path / "elsewhere").mkdir()
        out.symlink_to("../elsewhere")
    save_pictures(out / "mine", 2)  # lies in OUT, but was not rendered
    for stored, kept in ((12, 0), (0, 12)):
        done = run_smol("data", "render", folder, *TARGETS, "-o", out)
        assert done.stdout.decode() == f"6 items, 0 failed; {stored} files stored, {kept} kept\n"
    more = run_smol("data", "render", folder, "--to", "t20:short=20,format=png", "-o", out)
    assert more.stdout == b"6 items, 0 failed; 6 files stored, 0 kept\n"


def test_what_was_rendered_below_a_dataset_is_no_source(run_smol, tmp_path):
    folder = save_pictures(tmp_path / "in", 3)
    write_toml(folder, '[renditions]\nfull = "{id}.jpg"\n')
    for stored, kept in ((6, 0), (0, 6)):
        done = run_smol("data", "render", folder, *TARGETS, "-o", folder / "small")
        assert done.stdout.decode() == f"3 items, 0 failed; {stored} files stored, {kept} kept\n"


def test_a_file_that_cannot_be_written_fails_alone(run_smol, tmp_path):
    folder = save_pictures(tmp_path / "in", 4)
    long_name = "x" * 249 + ".jpg"
    for name in (long_name, "sub/a.jpg", "b.jpg", "c.jpg"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes((folder / "0000.jpg").read_bytes())
    out = tmp_path / "out"
    command = ["data", "render", folder, "--to", "t:short=20,format=png", "-o", out]
    run_smol(*command, "--include", "0000.jpg")
    (out / "t/sub").write_text("no folder")
    (out / "t/b.png").mkdir()
    (out / "t/c.png.tmp").mkdir()
    for stored, kept in ((3, 1), (0, 4)):
        done = run_smol(*command, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout.decode() == f"8 items, 4 failed; {stored} files stored, {kept} kept\n"
        reasons = {line.rsplit("/", 1)[1]: line for line in done.stderr.decode().splitlines()}
        assert all(line.startswith("smol: write_failed: cannot ") for line in reasons.values())
        for name, reason in (
            (long_name, "File name too long"),
            ("a.jpg", "Not a directory"),
            ("b.jpg", "Is a directory"),
            ("c.jpg", "Is a directory"),
        ):
            assert reason in reasons[name]
    assert [file.name for file in out.rglob("*.tmp")] == ["c.png.tmp"]


def test_a_full_disk_ends_rendering(run_smol, tmp_path):
    folder = save_pictures(tmp_path / "in", 40)
    out = tmp_path / "out"
    command = ["data", "render", folder, "--to", "t:short=20,format=png", "-o", out]
    run_smol(*command, "--include", "0000.jpg")
    for i in range(1, 40):
        (out / f"t/{i:04d}.png.tmp").symlink_to("/dev/full")
    done = run_smol(*command, check=False)
    assert done.returncode == 1 and done.stdout == b""
    assert done.stderr.decode().count("\n") == 1 and "No space left on device" in done.stderr.decode()


def test_a_folder_that_may_not_be_written_to_ends_rendering(run_smol, smol, tmp_path):
    folder = save_pictures(tmp_path / "in", 4)
    out = tmp_path / "out"
    command = ["data", "render", folder, "--to", "t:short=20,format=png", "-o", out]
    run_smol(*command, "--include", "0000.jpg")
    (out / "t").chmod(0o555)
    as_nobody = {}
    if os.geteuid() == 0:  # whom nothing is forbidden
        as_nobody = {"user": 65534}
        for parent in [folder, *folder.parents[:3]]:
            if parent.stat().st_mode & 0o005 != 0o005:
                parent.chmod(0o755)
        try:
            subprocess.run([str(smol), "--version"], check=True, capture_output=True, **as_nobody)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("the program cannot be run by another user")
    done = run_smol(*command, check=False, **as_nobody)
    assert done.returncode == 1, done.stderr
    assert done.stderr.decode().count("\n") == 1 and "Permission denied" in done.stderr.decode()


def test_rendering_goes_on_after_bad_pictures(run_smol, tmp_path):
    folder = save_pictures(tmp_path / "in", 3)
    (folder / "bad.jpg").write_bytes((folder / "0000.jpg").read_bytes()[:700])
    (folder / "empty.png").write_bytes(b"")
    command = ["data", "render", folder, *TARGETS, "-o", tmp_path / "out"]
    done = run_smol(*command, check=False)
    assert done.returncode == 0
    lines = sorted(done.stderr.decode().splitlines())
    assert len(lines) == 2 and lines[0].startswith("smol: empty_file") and lines[1].startswith("smol: truncated")
    assert all(str(folder) in line for line in lines)
    assert done.stdout == b"5 items, 2 failed; 6 files stored, 0 kept\n"
    assert run_smol(*command, "--max-failure-rate", 0.1, check=False).returncode == 3
    for picture in folder.glob("0*.jpg"):
        picture.unlink()
    assert run_smol(*command, check=False).returncode == 3
    assert not list(tmp_path.rglob("*.tmp"))


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["{in}", "-o", "{out}"], "--to"),
        (["{in}", "--to", "a:format=png"], "--out"),
        (["{in}", "--to", "a:short=161", "-o", "{out}"], "format="),
        (["{in}", "--to", "a:short=0,format=png", "-o", "{out}"], "short"),
        (["{in}", "--to", "a:format=png,q=3", "-o", "{out}"], "JPEG"),
        (["{in}", "--to", "a:format=jpeg,q=101", "-o", "{out}"], "1 to 100"),
        (["{in}", "--to", "a:format=webp", "-o", "{out}"], "webp"),
        (["{in}", "--to", ".a:format=png", "-o", "{out}"], ".a"),
        (["{in}", "--to", "a:format=png", "--to", "a:format=jpeg", "-o", "{out}"], "two renditions"),
        (["{in}", "--to", "used:format=png", "-o", "{out}"], "used"),
        (["{in}", "--to", "made:short=30,format=png", "-o", "{out}"], "made:short=20,format=png"),
        (["{twins}", "--to", "a:format=png", "-o", "{out}"], "extension only"),
        (["{in}/0000.jpg", "--to", "a:format=png", "-o", "{out}"], "folder"),
    ],
)
def test_mistakes_in_rendering_are_one_line(run_smol, tmp_path, arguments, named):
    places = {name: str(tmp_path / name) for name in ("in", "out", "twins")}
    save_pictures(tmp_path / "in", 2)
    save_pictures(tmp_path / "twins", 1)
    Image.open(tmp_path / "in/0000.jpg").save(tmp_path / "twins/0000.png")
    (tmp_path / "out/used").mkdir(parents=True)
    (tmp_path / "out/used/mine.png").write_text("mine")
    run_smol("data", "render", tmp_path / "in", "--to", "made:short=20,format=png", "-o", tmp_path / "out")
    done = run_smol("data", "render", *[argument.format(**places) for argument in arguments], check=False)
    message = done.stderr.decode()
    assert done.returncode == 2, message
    assert message.startswith("smol: ") and message.count("\n") == 1, message
    assert named in message


def test_a_dataset_file_is_extended_in_place(run_smol, dataset, tmp_path):
    text = '# mine\n[renditions]\n"full" = "full/{id}.jpg" # big\n\n# the end'
    write_toml(dataset, text)
    run_smol("data", "render", dataset, "--to", "v1.5:short=9,format=jpeg", "-o", dataset)
    extended = (dataset / "dataset.toml").read_text()
    assert extended == text.replace("# big\n", '# big\n"v1.5" = "v1.5/{id}.jpg"\n')
    assert len(list((dataset / "v1.5").rglob("*.jpg"))) == 6
    write_toml(dataset, 'renditions = {full = "full/{id}.jpg"}\n')
    done = run_smol("data", "render", dataset, "--to", "x:format=png", "-o", dataset, check=False)
    assert done.returncode == 2 and "write them there" in done.stderr.decode()


def test_a_killed_rendering_goes_on(smol, run_smol, tmp_path):
    folder = save_pictures(tmp_path / "in", 200, sizes=((300, 400),))
    command = ["data", "render", folder, "--to", "t:short=150,format=png", "-o", tmp_path / "out"]
    process = subprocess.Popen([str(smol), *map(str, command)], stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not list((tmp_path / "out").glob("t/*.png")) and time.monotonic() < deadline:
        time.sleep(0.005)
    process.kill()
    process.wait()
    run_smol(*command)
    run_smol(*command[:-1], tmp_path / "whole", "--threads", 1)
    names = sorted(file.name for file in (tmp_path / "whole/t").iterdir())
    assert len(names) == 201 and names == sorted(file.name for file in (tmp_path / "out/t").iterdir())
    for name in names:
        assert (tmp_path / "out/t" / name).read_bytes() == (tmp_path / "whole/t" / name).read_bytes()


def test_renditions_named_later_are_another_configuration(run_smol, model, tmp_path):
    folder = save_pictures(tmp_path / "in", 3)
    arguments = ["run", folder, "--model", model, "-o", tmp_path / "out"]
    run_smol(*arguments)
    refused = run_smol(*arguments, "--rendition", "full={id}.jpg", check=False)
    assert refused.returncode == 2 and "renditions" in refused.stderr.decode()
    counted = run_smol(*arguments, "--rendition", "full={id}1.jpg", "--dry-run")
    assert b"would run 1 items" in counted.stdout


def test_inputs_may_stand_behind_options(run_smol, model, dataset, tmp_path):
    common = ["--model", model, "-o", tmp_path / "out"]
    run_smol("run", *common, *FLAGS, "--use", "full,thumb", dataset)
    assert len(read_rows(tmp_path / "out")) == len(IDS)
    run_smol("data", "render", "-o", tmp_path / "r", *TARGETS, dataset / "full")
    assert len(list((tmp_path / "r/t40").rglob("*.png"))) == len(IDS) - 1
