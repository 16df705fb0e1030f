"""`make bench-cost-model`: how well four cost models predict real plans, and what it costs to believe them.

As the paper's Table 4: throughput of preprocessing alone, of the DNN alone, measured end to end, and estimates by the
resource model (ours), the paper's min (eq. 4), no overlap (eq. 3) and execution only (eq. 2), with errors. Then the regret:
somebody who needs a DNN of at least a certain size takes the plan that a model calls the fastest; how much slower is it than
the plan that was measured to be the fastest? (Of plans that a model cannot tell apart, the mean.) Plans on the CPU share its
cores between decoding and DNN; those on a simulated device (no CPU used, as a GPU) overlap. The last column compares the sum of
the demands with the CPU time that an item took end to end: it holds on a machine that is not quiet, too.

Prints `bar NAME FIGURE NEEDED ok|short` lines; exits 1 if one is short. About 5 minutes.
"""

import argparse
import csv
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = {  # by size, the smallest first
    "tiny": ("tiny-10mmac", 32),
    "mbv2": ("mobilenetv2-0.35", 8),
    "lite0": ("efficientnet-lite0", 8),
    "lite1": ("efficientnet-lite1", 8),
    "lite2": ("efficientnet-lite2", 8),
}
SIZES = {"tiny": 1, "mbv2": 2, "lite0": 3, "lite1": 4, "lite2": 5}
SMALL, LARGE, THUMBS = "500x375", "12 MP", "161 PNG"
PICTURES = {SMALL: ("var/photos-500", 256), LARGE: ("var/photos-12mp", 40), THUMBS: ("var/thumbs-161", 256)}
ROI = "roi"  # a quarter of the picture, as an item of its own
PLANS = [  # pictures, how they are decoded, DNN
    (LARGE, "full", "tiny"),
    (LARGE, "full", "lite0"),
    (LARGE, "full", "lite2"),
    (LARGE, "1/8", "tiny"),
    (LARGE, "1/8", "lite0"),
    (LARGE, "1/4", "lite1"),
    (SMALL, "full", "tiny"),
    (SMALL, "1/8", "tiny"),
    (SMALL, ROI, "tiny"),
    (SMALL, "full", "mbv2"),
    (SMALL, "1/2", "mbv2"),
    (THUMBS, "full", "mbv2"),
    (SMALL, "full", "lite0"),
    (THUMBS, "full", "lite0"),
    (SMALL, "1/2", "lite1"),
    (SMALL, "full", "lite2"),
]
PROBE = (SMALL, "1/4")  # what DNNs are run with to see what sharing the cores costs them; in none of the plans
DEVICE_SPEEDS = {"preprocessing-bound": 2.5, "balanced": 1.0, "device-bound": 0.4}  # times preprocessing on the cores
DEVICE_PLANS = [(SMALL, "full", "mbv2"), (LARGE, "1/8", "lite0")]
COLUMNS = [
    ("resource_model", "resource"),
    ("paper_min", "min"),
    ("no_overlap", "no overlap"),
    ("execution_only", "exec only"),
]
NEEDED_MEAN, NEEDED_WORST, NEEDED_REGRET = 0.05, 0.12, 0.05


def write_regions(path):
    """The middle quarter of each of the small pictures."""
    with open(path, "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "x", "y", "w", "h"])
        folder = ROOT / PICTURES[SMALL][0]
        for picture in sorted(folder.iterdir()):
            with Image.open(picture) as image:
                width, height = image.size
            rows.writerow([picture.name, width // 4, height // 4, width // 2, height // 2])


def plan_of(pictures, decode, model, regions):
    folder, items = PICTURES[pictures]
    name, batch = MODELS[model]
    plan = {
        "name": f"{pictures} {decode} {model}",
        "inputs": str(ROOT / folder),
        "items": items,
        "model": str(ROOT / f"var/models/{name}.onnx"),
        "batch": 8 if pictures == LARGE else batch,  # a batch of 32 would take a second to fill
    }
    return plan | ({"regions": str(regions)} if decode == ROI else {"decode": decode})


def error(estimate, measured):
    return estimate / measured - 1


def core_error(result):
    """Of the sum of the demands against the CPU time that an item took end to end; other programs hardly change it."""
    demands = result["demands"]
    execution = demands["execution_core_s"] * (1 + demands["contention"])
    needed = demands["prefix_core_s"] + execution + demands["sink_core_s"]
    return needed / result["core_s"] - 1


def print_table(title, results):
    print(f"\n{title:<34} {'preproc':>8} {'DNN':>8} {'measured':>8}", end="")
    print("".join(f"{name:>19}" for _, name in COLUMNS) + "   core-s")
    for result in results:
        print(
            f"{result['name']:<34} {result['preprocessing']:8.1f} {result['execution']:8.1f} {result['measured']:8.1f}",
            end="",
        )
        for key, _ in COLUMNS:
            estimate = result["estimates"][key]
            print(f"{estimate:10.1f} {error(estimate, result['measured']):+7.1%} ", end="")
        print(f" {core_error(result):+7.1%}")
    for name, of in (("mean error", statistics.mean), ("worst error", max)):
        print(f"{name:<34} {'':26}", end="")
        for key, _ in COLUMNS:
            print(f"{of(abs(error(r['estimates'][key], r['measured'])) for r in results):18.1%} ", end="")
        print(f" {of(abs(core_error(r)) for r in results):7.1%}")


def regrets(results, key):
    """One figure a decision: a set of pictures, and the size of DNN that is large enough."""
    found = []
    for pictures in {result["pictures"] for result in results}:
        for least in SIZES.values():
            choices = [r for r in results if r["pictures"] == pictures and SIZES[r["model"]] >= least]
            if len(choices) < 2:
                continue
            best = max(r["measured"] for r in choices)
            most = max(r["estimates"][key] for r in choices)
            picked = [r["measured"] for r in choices if r["estimates"][key] >= most * (1 - 1e-6)]
            found.append(1 - statistics.mean(picked) / best)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=ROOT / "build/release/cost_model_bench")
    parser.add_argument("--smol", default=ROOT / "build/release/smol")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.2, help="of each end-to-end run")
    parser.add_argument("--json", help="write the figures here too")
    arguments = parser.parse_args()
    thumbs = ROOT / PICTURES[THUMBS][0]
    if not thumbs.exists():
        command = [arguments.smol, "data", "render", ROOT / PICTURES[SMALL][0], "--limit", PICTURES[THUMBS][1]]
        command += ["--to", "thumb161:short=161,format=png", "-o", thumbs]
        subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)
    with tempfile.TemporaryDirectory() as folder:
        regions = pathlib.Path(folder) / "regions.csv"
        write_regions(regions)
        plans = [plan_of(*plan, regions) for plan in PLANS]
        for plan in DEVICE_PLANS:
            for condition, speed in DEVICE_SPEEDS.items():
                base = plan_of(*plan, regions)
                plans.append(base | {"name": f"{plan[0]} {plan[1]}, {condition}", "device_speed": speed})
        cases = pathlib.Path(folder) / "cases.json"
        probe = plan_of(*PROBE, "tiny", regions)  # of any DNN: it has each one's preprocessing
        rounds = {"rounds": arguments.rounds, "seconds": arguments.seconds}
        cases.write_text(json.dumps(rounds | {"probe": probe, "plans": plans}))
        done = subprocess.run([arguments.program, cases], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(done.returncode)
    results = json.loads(done.stdout)
    for result, (pictures, _, model) in zip(results, PLANS, strict=False):
        # Thumbnails are another way to read the small pictures.
        result |= {"pictures": SMALL if pictures == THUMBS else pictures, "model": model}
    shared, overlapped = results[: len(PLANS)], results[len(PLANS) :]
    print_table("on shared cores, items/s", shared)
    print_table("with a simulated device, items/s", overlapped)
    print(f"\n{'regret':<34} {'':26}" + "".join(f"{name:>18} " for _, name in COLUMNS))
    for name, of in (("mean of the decisions", statistics.mean), ("worst", max)):
        print(f"{name:<34} {'':26}" + "".join(f"{of(regrets(shared, key)):18.1%} " for key, _ in COLUMNS))
    disturbed = max(result["others_busy"] for result in results)
    if disturbed > 0.1:
        print(
            f"\nDISTURBED: other programs used up to {disturbed:.1f} cores: rates end to end are too low, errors too large."
        )
    short = False
    for kind, of in (("shared", shared), ("device", overlapped)):
        errors = [abs(error(r["estimates"]["resource_model"], r["measured"])) for r in of]
        for name, figure, needed in (
            ("mean", statistics.mean(errors), NEEDED_MEAN),
            ("worst", max(errors), NEEDED_WORST),
        ):
            short |= figure > needed
            print(f"bar cost-model/{kind}-{name} {figure:.3f} {needed} {'ok' if figure <= needed else 'short'}")
    worst_regret = max(regrets(shared, "resource_model"))
    short |= worst_regret > NEEDED_REGRET
    print(
        f"bar cost-model/regret {worst_regret:.3f} {NEEDED_REGRET} {'ok' if worst_regret <= NEEDED_REGRET else 'short'}"
    )
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps(results, indent=2) + "\n")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
