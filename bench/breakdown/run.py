"""`make bench-breakdown`: where the time goes operation by operation (the paper's Figure 1), and what each of the means
and each rule of the optimiser gives, taken away and added in turn (Figures 5 to 8), for three workloads. Prints tables; there are no bars.
"""

import argparse
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORKLOADS = [
    ("500x375, EfficientNet-Lite0", "var/photos-500", "var/models/efficientnet-lite0.onnx"),
    ("500x375, 11 MMAC at 64x64", "var/photos-500", "var/models/tiny-10mmac.onnx"),
    ("12 MP, EfficientNet-Lite0", "var/photos-12mp", "var/models/efficientnet-lite0.onnx"),
]


def figures_of(command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr.strip())
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", default=ROOT / "build/release/breakdown_bench")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.5, help="of each measurement")
    parser.add_argument("--json", help="write the figures here too")
    arguments = parser.parse_args()
    results = {}
    print("milliseconds of one core an item: the graph as written, a pass for each operation, and smol")
    for name, photos, model in WORKLOADS:
        found = figures_of([arguments.program, "operations", ROOT / photos, ROOT / model, 200])
        results[name] = found
        for who, times in found.items():
            text = "  ".join(f"{operation} {ms:.3f}" for operation, ms in times.items())
            print(f"  {name:<28} {who:<10} {sum(times.values()):7.3f}   {text}", flush=True)
    print("\nitems/s, best of the rounds; in brackets the median, then the share of all of them")
    for what, title in (
        ("means", "the engine's means"),
        ("rules", "the optimiser's rules, a pass an operation, and fusion"),
    ):
        for name, photos, model in WORKLOADS:
            command = [arguments.program, what, ROOT / photos, ROOT / model, arguments.seconds, arguments.rounds]
            found = figures_of(command)
            results[name][what] = found
            everything = found[0]["best"]
            print(f"  {name}: {title}")
            for entry in found:
                print(
                    f"    {entry['table']:<7} {entry['name']:<26} {entry['best']:9.1f} ({entry['median']:9.1f}) {entry['best'] / everything:6.2f}",
                    flush=True,
                )
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps(results, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
