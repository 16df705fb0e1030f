"""`make demo-plan`: smol chooses, and what it chose is compared with the naive plan on pictures that it has not seen.

For the 12-megapixel and the 500x375 composites: `smol plan` on the calibration split (six DNNs, every input format), then both
plans on the test split: accuracy by `smol eval`, throughput in turns, best of three. Naive: the largest DNN on full decodes, its
preprocessing graph as written (a pass an operation), in smol's own pipeline. Beside it the same DNN on full decodes as smol runs it.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SMOL = ROOT / "build/release/smol"
BREAKDOWN = ROOT / "build/release/breakdown_bench"
MODELS = [ROOT / f"var/models/efficientnet-lite{size}{kind}.onnx" for size in (0, 1, 2) for kind in ("", "-int8")]
NAIVE = ROOT / "var/models/efficientnet-lite2.onnx"
ROUNDS = 3
NEEDED = {"camera": 2.0}  # times the naive plan's throughput


def smol(*arguments, **options):
    return subprocess.run([str(word) for word in (SMOL, *arguments)], check=True, text=True, **options)


def throughput(inputs, plan_flags, out):
    smol("run", inputs, *plan_flags, "-o", out, "--overwrite", "--progress", "none", stdout=subprocess.DEVNULL)
    return json.loads((out / "report.json").read_text())["items_per_s"]


def as_written(pictures):
    """Of the naive plan; for about six seconds."""
    done = subprocess.run([BREAKDOWN, "written", pictures, NAIVE, "3"], check=True, text=True, capture_output=True)
    return json.loads(done.stdout)["items_per_s"]


def outcomes(inputs, model, format_name, folder):
    file = folder / "evaluation.json"
    flags = ("--model", model, "--format", format_name, "-o", file, "--progress", "none")
    smol("eval", inputs, *flags, stdout=subprocess.DEVNULL)
    return json.loads(file.read_text())["candidates"][0]["outcomes"]


def show(kind, max_loss, folder):
    data = ROOT / "var/composites" / kind
    plan_file = ROOT / f"var/demo-plan-{kind}.json"
    words = ["plan", data / "calibration", "--max-loss", max_loss, "-o", plan_file]
    for model in MODELS:
        words += ["--model", model]
    print(f"\n$ smol plan {kind}/calibration --model ...(x{len(MODELS)}) --max-loss {max_loss}", flush=True)
    smol(*words)
    plan = json.loads(plan_file.read_text())
    stage = plan["stages"][0]
    chosen = stage["formats"][0]
    format_name = chosen["rendition"] + ("" if chosen["decode"]["spec"] == "full" else "@" + chosen["decode"]["spec"])
    naive_right = outcomes(data / "test", NAIVE, "full", folder)
    chosen_right = outcomes(data / "test", stage["model"], format_name, folder)
    naive_speed, full_speed, chosen_speed = 0.0, 0.0, 0.0
    for _ in range(ROUNDS):
        naive_speed = max(naive_speed, as_written(data / "test/full"))
        full_speed = max(full_speed, throughput(data / "test", ("--use", "full", "--model", NAIVE), folder / "naive"))
        chosen_speed = max(chosen_speed, throughput(data / "test", ("--plan", plan_file), folder / "chosen"))
    naive_accuracy = sum(naive_right) / len(naive_right)
    chosen_accuracy = sum(chosen_right) / len(chosen_right)
    loss = naive_accuracy - chosen_accuracy
    name = pathlib.Path(stage["model"]).stem
    print(f"on {len(naive_right)} pictures of other objects (test):")
    print(f"  naive   {NAIVE.stem} on full, graph as written: {naive_speed:.1f} items/s, {naive_accuracy:.1%} top-1")
    print(f"  fused   {NAIVE.stem} on full, as smol runs it: {full_speed:.1f} items/s")
    print(f"  chosen  {name} on {format_name}: {chosen_speed:.1f} items/s, {chosen_accuracy:.1%} top-1")
    print(
        f"  {chosen_speed / naive_speed:.2f} times as fast as naive, {chosen_speed / full_speed:.2f} as fused; loses {100 * loss:.1f} points"
    )
    report = plan_file.with_suffix(".html")
    smol("report", plan_file, "-o", report)
    short = loss > max_loss or chosen_speed / naive_speed < NEEDED.get(kind, 0)
    print(f"bar demo-plan/{kind}-loss {loss:.3f} {max_loss} {'ok' if loss <= max_loss else 'short'}")
    if kind in NEEDED:
        met = chosen_speed / naive_speed >= NEEDED[kind]
        print(
            f"bar demo-plan/{kind}-speed {chosen_speed / naive_speed:.2f} {NEEDED[kind]} {'ok' if met else 'short'}"
        )
    return short


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--max-loss", type=float, default=0.1, help="share, at the upper 95 %% bound (default: 0.1)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        short = [show(kind, arguments.max_loss, pathlib.Path(folder)) for kind in ("camera", "small")]
    return 1 if any(short) else 0


if __name__ == "__main__":
    sys.exit(main())
