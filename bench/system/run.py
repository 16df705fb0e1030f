"""`make bench-system`: is the pipeline as fast as the demands of its stages allow, in three regimes?

Prints a table, then one line a bar: `bar NAME FIGURE NEEDED ok|short`; exits 1 if one is short.
"""

import argparse
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
NEEDED = 0.95  # of 1 / (1/T_pre + 1/T_exec), the bound on shared cores (eq. 3)
REGIMES = [
    ("12MP-lite0", "var/photos-12mp", "var/models/efficientnet-lite0.onnx"),
    ("500x375-tiny64", "var/photos-500", "var/models/tiny-10mmac.onnx"),
    ("500x375-lite0", "var/photos-500", "var/models/efficientnet-lite0.onnx"),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", default=ROOT / "build/release/system_bench")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each measurement")
    parser.add_argument("--json", help="write the figures here too")
    arguments = parser.parse_args()
    results = []
    print(
        f"{'regime':<16} {'T_pre':>9} {'T_exec':>9} {'bound':>9} {'pipelined':>9} {'share':>7} {'median':>7}  items/s"
    )
    for name, photos, model in REGIMES:
        command = [
            arguments.program,
            ROOT / photos,
            ROOT / model,
            "--rounds",
            arguments.rounds,
            "--seconds",
            arguments.seconds,
        ]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(done.stderr.strip())
        figures = {"name": name, **json.loads(done.stdout)}
        results.append(figures)
        print(
            f"{name:<16} {figures['preprocess_items_per_s']:9.1f} {figures['execute_items_per_s']:9.1f} "
            f"{figures['bound_items_per_s']:9.1f} {figures['pipelined_items_per_s']:9.1f} "
            f"{figures['share_of_bound']:7.3f} {figures['median_share_of_bound']:7.3f}  batch {figures['batch']}"
        )
    short = False
    for figures in results:
        figures["needed"] = NEEDED
        figures["ok"] = figures["share_of_bound"] >= NEEDED
        short |= not figures["ok"]
        verdict = "ok" if figures["ok"] else "short"
        print(f"bar pipelined/{figures['name']} {figures['share_of_bound']:.3f} {NEEDED} {verdict}")
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps(results, indent=2) + "\n")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
