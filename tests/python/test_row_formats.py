"""What pyarrow, DuckDB and pandas make of the three row formats (docs/rows.md).

The rows come from the program encode_rows (tests/tools/encode_rows.cpp) in the build folder SMOL_BUILD.
"""

import json
import math
import os
import subprocess
from pathlib import Path

import duckdb
import pandas
import pyarrow
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet
import pytest

ROWS = 20
TOPK = 3
ELEMENTS = 4
LABELS = ["tench", 'goldfish, "common"', "größer", "caf\\xE9"]
IDS = [
    "a.jpg",
    'comma, quote".jpg',
    "line\nbreak.jpg",
    "\\xFF\\xFE.jpg",
    "größe 😀.jpg",
    "tab\tcr\r.jpg",
    " space .jpg",
    "null",
    "NaN",
    "12",
]
COMMON = ["item", "id", "path", "rendition", "status", "error_code", "error", "width", "height"]
# Texts that look like null or like numbers are a reader's own trap in CSV: say what a null is, and which column is text.
TEXT = ["id", "path", "rendition", "status", "error_code", "error", "plan_id"]


def f32(value):
    return pyarrow.scalar(value, pyarrow.float32()).as_py()


def expected_rows(outputs):
    """The rows of encode_rows.cpp, in Python's own words."""
    rows = []
    for i in range(ROWS):
        ok = i % 5 != 4
        row = {
            "item": i,
            "id": IDS[i % len(IDS)],
            "path": "photos/" + IDS[i % len(IDS)],
            "rendition": "full",
            "status": "ok" if ok else "error",
            "error_code": None if ok else "corrupt",
            "error": None if ok else 'bad marker, "0x00"',
            "width": None if i % 10 == 9 else 500 + i,
            "height": None if i % 10 == 9 else 375,
        }
        if outputs in ("labelled", "unlabelled"):
            for rank in range(TOPK):
                index = (i + rank) % 4
                row[f"class_{rank + 1}"] = index if ok else None
                if outputs == "labelled":
                    row[f"label_{rank + 1}"] = LABELS[index] if ok else None
                row[f"score_{rank + 1}"] = f32(1 / (i + rank + 1)) if ok else None
        else:
            tenth = f32(0.1)
            row[outputs] = [f32(tenth * (i * ELEMENTS + k)) for k in range(ELEMENTS)] if ok else None
            if i == 1:
                row[outputs][2] = math.nan
        row["plan_id"] = "plan-1"
        rows.append(row)
    return rows


@pytest.fixture(scope="session")
def parts(tmp_path_factory):
    root = Path(__file__).resolve().parents[2]
    build = Path(os.environ.get("SMOL_BUILD", root / "build" / "release"))
    folder = tmp_path_factory.mktemp("rows")
    subprocess.run([build / "encode_rows", folder], check=True)
    return folder


def assert_same(actual, expected, nan_is_null=False):
    """Row by row: nulls are None, floats equal after rounding to f32."""

    def plain(value):
        if isinstance(value, list):
            return [plain(element) for element in value]
        if isinstance(value, float):
            if math.isnan(value):
                return None if nan_is_null else "nan"
            return f32(value)
        return value

    assert [list(row) for row in actual] == [list(row) for row in expected]
    for actual_row, expected_row in zip(actual, expected, strict=True):
        for name, value in expected_row.items():
            assert plain(actual_row[name]) == plain(value), f"{name} of item {expected_row['item']}"


def from_pandas(frame):
    def plain(value):
        if hasattr(value, "tolist"):
            value = value.tolist()
        if isinstance(value, list):
            return value
        return None if pandas.isna(value) else value

    return [{name: plain(value) for name, value in row.items()} for row in frame.to_dict("records")]


def from_duckdb(query):
    result = duckdb.connect().execute(query)
    names = [column[0] for column in result.description]
    return [
        {name: list(value) if isinstance(value, tuple) else value for name, value in zip(names, row, strict=True)}
        for row in result.fetchall()
    ]


ALL_OUTPUTS = ["labelled", "unlabelled", "logits", "embedding"]
LISTS = ["logits", "embedding"]


@pytest.mark.parametrize("outputs", ALL_OUTPUTS)
class TestParquet:
    def test_pyarrow(self, parts, outputs):
        table = pyarrow.parquet.read_table(parts / f"{outputs}.parquet")
        assert_same(table.to_pylist(), expected_rows(outputs))

    def test_duckdb(self, parts, outputs):
        assert_same(from_duckdb(f"from '{parts}/{outputs}.parquet'"), expected_rows(outputs))

    def test_pandas(self, parts, outputs):
        frame = pandas.read_parquet(parts / f"{outputs}.parquet")
        assert_same(from_pandas(frame), expected_rows(outputs))


def test_parquet_types_and_metadata(parts):
    schema = pyarrow.parquet.read_schema(parts / "labelled.parquet")
    assert schema.names == [
        *COMMON,
        *(f"{name}_{k}" for k in (1, 2, 3) for name in ("class", "label", "score")),
        "plan_id",
    ]
    assert schema.field("item") == pyarrow.field("item", pyarrow.int64(), nullable=False)
    assert schema.field("width") == pyarrow.field("width", pyarrow.int32())
    assert schema.field("class_1").type == pyarrow.int32()
    assert schema.field("score_1").type == pyarrow.float32()
    assert schema.field("path") == pyarrow.field("path", pyarrow.string(), nullable=False)
    assert schema.metadata[b"smol.schema_version"] == b"1"
    assert schema.metadata[b"smol.plan_id"] == b"plan-1"
    logits = pyarrow.parquet.read_schema(parts / "logits.parquet").field("logits").type
    assert pyarrow.types.is_fixed_size_list(logits) and logits.list_size == ELEMENTS
    assert pyarrow.parquet.ParquetFile(parts / "labelled.parquet").num_row_groups == 1


@pytest.mark.parametrize("outputs", ALL_OUTPUTS)
class TestJsonl:
    def test_json(self, parts, outputs):
        lines = (parts / f"{outputs}.jsonl").read_text(encoding="utf-8").split("\n")
        assert lines.pop() == ""
        assert_same([json.loads(line) for line in lines], expected_rows(outputs), nan_is_null=True)

    def test_pyarrow(self, parts, outputs):
        table = pyarrow.json.read_json(parts / f"{outputs}.jsonl")
        assert_same(table.to_pylist(), expected_rows(outputs), nan_is_null=True)

    def test_duckdb(self, parts, outputs):
        query = f"from read_json('{parts}/{outputs}.jsonl', sample_size=-1)"
        assert_same(from_duckdb(query), expected_rows(outputs), nan_is_null=True)

    def test_pandas(self, parts, outputs):
        frame = pandas.read_json(parts / f"{outputs}.jsonl", lines=True, dtype=False)
        assert_same(from_pandas(frame), expected_rows(outputs), nan_is_null=True)


def lists_parsed(rows, outputs):
    """The list columns of CSV hold JSON."""
    for row in rows:
        if outputs in LISTS and row[outputs] is not None:
            row[outputs] = json.loads(row[outputs])
    return rows


@pytest.mark.parametrize("outputs", ALL_OUTPUTS)
class TestCsv:
    def test_pyarrow(self, parts, outputs):
        table = pyarrow.csv.read_csv(
            parts / f"{outputs}.csv",
            parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(TEXT, pyarrow.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
        assert_same(lists_parsed(table.to_pylist(), outputs), expected_rows(outputs), nan_is_null=True)

    def test_duckdb(self, parts, outputs):
        types = ", ".join(f"'{name}': 'VARCHAR'" for name in TEXT + ([outputs] if outputs in LISTS else []))
        query = f"from read_csv('{parts}/{outputs}.csv', header=true, delim=',', quote='\"', escape='\"', types={{{types}}})"
        assert_same(lists_parsed(from_duckdb(query), outputs), expected_rows(outputs), nan_is_null=True)

    def test_pandas(self, parts, outputs):
        frame = pandas.read_csv(
            parts / f"{outputs}.csv", dtype=dict.fromkeys(TEXT, str), keep_default_na=False, na_values=[""]
        )
        assert_same(lists_parsed(from_pandas(frame), outputs), expected_rows(outputs), nan_is_null=True)
