"""The labels of a few photographs or video frames of a finished run, and where the rows are."""

import pathlib
import sys

import pyarrow.parquet as pq

SHOWN = ("camera/pic2-img", "ladybird", "cups", "yellowflower", "dragonfly", "picosdeeuropa", "friends", "picture_1a")
FRAMES_SHOWN = 4  # of each video


def is_shown(row, frames_before):
    if row.get("frame") is not None:
        return frames_before < FRAMES_SHOWN
    return any(word in row["id"].lower() for word in SHOWN)


def main():
    out = pathlib.Path(sys.argv[1])
    rows = [row for part in sorted(out.glob("parts/*.parquet")) for row in pq.read_table(part).to_pylist()]
    print(f"\n{'picture, or video at a time':<52} top labels")
    frames_of = {}
    for row in rows:
        if row["status"] != "ok" or not is_shown(row, frames_of.get(row["id"], 0)):
            continue
        name = row["id"]
        if row.get("frame") is not None:
            frames_of[name] = frames_of.get(name, 0) + 1
            name += f"  frame {row['frame']}, {row['timestamp']:.2f} s"
        labels = ", ".join(f"{row[f'label_{k}']} {row[f'score_{k}']:.2f}" for k in (1, 2, 3))
        print(f"{name:<52} {labels}")
    print(f"\n{len(rows)} rows in {out}/parts/*.parquet; try:")
    print(
        f'  .venv/bin/python -c "import duckdb; duckdb.sql(\\"select id, label_1, score_1 from \'{out}/parts/*.parquet\'\\").show()"'
    )


if __name__ == "__main__":
    main()
