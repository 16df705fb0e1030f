"""Regions of interest: a row each, from one decode, with the answers that cropping first would give."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import read_rows, save_pictures
from PIL import Image, ImageOps

REGIONS = [(0, 0, 80, 60), (3, 5, 40, 41), (31, 17, 33, 36), (47, 24, 33, 36)]  # x, y, w, h


@pytest.fixture
def pictures(tmp_path):
    """Two upright pictures and one that EXIF turns."""
    folder = save_pictures(tmp_path / "in", 3, sizes=((60, 80),))
    turned = Image.open(folder / "0002.jpg").rotate(90, expand=True)
    exif = turned.getexif()
    exif[0x0112] = 6
    turned.save(folder / "0002.jpg", quality=95, exif=exif)
    return folder


def csv_of(entries):
    return "id,x,y,w,h\n" + "".join(f"{name},{x},{y},{w},{h}\n" for name, (x, y, w, h) in entries)


def test_each_region_answers_as_its_crop_would(run_smol, model, pictures, tmp_path):
    names = sorted(path.name for path in pictures.iterdir())
    (tmp_path / "regions.csv").write_text(csv_of((name, region) for name in names for region in REGIONS))
    run_smol(
        "run",
        pictures,
        "--model",
        model,
        "--regions",
        tmp_path / "regions.csv",
        "-o",
        tmp_path / "out",
        "--output",
        "logits",
    )
    crops = tmp_path / "crops"
    crops.mkdir()
    for i, name in enumerate(names):
        upright = ImageOps.exif_transpose(Image.open(pictures / name))
        for k, (x, y, w, h) in enumerate(REGIONS):
            upright.crop((x, y, x + w, y + h)).save(crops / f"{i}-{k}.png")
    run_smol("run", crops, "--model", model, "-o", tmp_path / "cropped", "--output", "logits")
    rows, expected = read_rows(tmp_path / "out"), read_rows(tmp_path / "cropped")
    assert len(rows) == len(expected) == 3 * len(REGIONS)
    for k, (row, crop) in enumerate(zip(rows, expected, strict=True)):
        assert row["status"] == "ok" and row["item"] == k
        assert row["id"] == names[k // len(REGIONS)]
        assert tuple(row[f"region_{side}"] for side in "xywh") == REGIONS[k % len(REGIONS)]
        assert (row["width"], row["height"]) == (80, 60)
        assert row["logits"] == crop["logits"], row


def test_parquet_regions_sampling_limits_and_pictures_without_one(run_smol, model, pictures, tmp_path):
    table = pa.table(
        {"id": ["0001.jpg"] * 3, "x": [1, 2, 3], "y": [0, 0, 0], "w": [9, 9, 9], "h": [9, 9, 9], "score": [1, 2, 3]}
    )
    pq.write_table(table, tmp_path / "regions.parquet")
    arguments = ["run", pictures, "--model", model, "--regions", tmp_path / "regions.parquet"]
    run_smol(*arguments, "-o", tmp_path / "out")
    assert [(row["id"], row["region_x"]) for row in read_rows(tmp_path / "out")] == [
        ("0001.jpg", x) for x in (1, 2, 3)
    ]
    run_smol(*arguments, "-o", tmp_path / "limited", "--limit", 2)
    assert [row["region_x"] for row in read_rows(tmp_path / "limited")] == [1, 2]


@pytest.mark.parametrize(
    "kind", [pa.string(), pa.large_string(), pa.binary(), pa.dictionary(pa.int32(), pa.string())]
)
def test_parquet_ids_of_every_text_type(run_smol, model, pictures, tmp_path, kind):
    columns = {"x": [1, 2], "y": [0, 0], "w": [9, 9], "h": [9, 9]}
    arguments = ["run", pictures, "--model", model, "--regions", tmp_path / "regions.parquet", "-o", tmp_path / "out"]
    ids = pa.array(["0001.jpg", "0001.jpg"]).cast(kind)
    pq.write_table(pa.table({"id": ids, **columns}), tmp_path / "regions.parquet")
    run_smol(*arguments)
    assert [row["region_x"] for row in read_rows(tmp_path / "out")] == [1, 2]
    pq.write_table(pa.table({"id": [*ids.slice(0, 1).to_pylist(), None], **columns}), tmp_path / "regions.parquet")
    refused = run_smol(*arguments, "--overwrite", check=False)
    assert refused.returncode == 2 and b"id must not be null" in refused.stderr


def test_bad_regions_and_bad_pictures_are_rows(run_smol, model, pictures, tmp_path):
    (pictures / "0000.jpg").write_bytes((pictures / "0000.jpg").read_bytes()[:600])
    (tmp_path / "regions.csv").write_text(
        csv_of(
            [
                ("0000.jpg", (0, 0, 80, 60)),
                ("0000.jpg", (0, 0, 60, 60)),
                ("0001.jpg", (50, 0, 40, 10)),
                ("0001.jpg", (5, 5, 9, 9)),
            ]
        )
    )
    run_smol(
        "run",
        pictures,
        "--model",
        model,
        "--regions",
        tmp_path / "regions.csv",
        "-o",
        tmp_path / "out",
        "--chunk-items",
        3,
    )
    rows = read_rows(tmp_path / "out")
    assert [row["error_code"] for row in rows] == ["truncated", "truncated", "bad_region", None]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "id,x,y,w,h"),
        ("id,x,y,w\n", "there is no h"),
        ("id,x,y,w,h\na.jpg,1,2,3\n", "record 2: h must be a whole number"),
        ("id,x,y,w,h\na.jpg,1,2,3,x\n", "h must be a whole number: x"),
        ("id,x,y,w,h\na.jpg,-1,2,3,4\n", "must not be negative"),
        ("id,x,y,w,h\na.jpg,1,2,0,4\n", "w and h positive"),
        ('id,x,y,w,h,note\n0000.jpg,1,2,3,4,"5 inch\n0001.jpg,1,2,3,4,\n', "record 2: a quote is not closed"),
        ("id,x,y,w,h\n", "holds no region"),
        ("PAR1 but not Parquet", "regions.csv"),
        ("id,x,y,w,h\n./0000.jpg,1,2,3,4\n", "none of the 3 pictures has a region"),
    ],
)
def test_mistakes_in_the_file_are_named(run_smol, model, pictures, tmp_path, text, says):
    (tmp_path / "regions.csv").write_text(text)
    done = run_smol(
        "run", pictures, "--model", model, "--regions", tmp_path / "regions.csv", "-o", tmp_path / "out", check=False
    )
    message = done.stderr.decode()
    assert done.returncode == 2 and message.count("\n") == 1 and says in message, message
