"""The labels of a few photographs of a finished run, and where the rows are."""

import pathlib
import sys

import pyarrow.parquet as pq

SHOWN = ("camera/pic2-img", "ladybird", "cups", "yellowflower", "dragonfly", "picosdeeuropa", "friends", "picture_1a")


def main():
    out = pathlib.Path(sys.argv[1])
    rows = [row for part in sorted(out.glob("parts/*.parquet")) for row in pq.read_table(part).to_pylist()]
    print(f"\n{'photograph':<52} top labels")
    for row in rows:
        if row["status"] == "ok" and any(word in row["id"].lower() for word in SHOWN):
            labels = ", ".join(f"{row[f'label_{k}']} {row[f'score_{k}']:.2f}" for k in (1, 2, 3))
            print(f"{row['id']:<52} {labels}")
    print(f"\n{len(rows)} rows in {out}/parts/*.parquet; try:")
    print(
        f'  .venv/bin/python -c "import duckdb; duckdb.sql(\\"select id, label_1, score_1 from \'{out}/parts/*.parquet\'\\").show()"'
    )


if __name__ == "__main__":
    main()
