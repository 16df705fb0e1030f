"""`make bench-peers`: smol against the same folder-to-labels job as people do it today, interleaved in one run.

Prints a table, then one line a bar: `bar NAME FIGURE NEEDED ok|short`; exits 1 if one is short. Each figure is the best
of the rounds (and beside it the ratio of the medians), each peer at its best of batch 1 and 8 and of two OpenVINO
configurations; smol as it comes.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
VENV = ROOT / "build/venv-peers"
SPEEDUP, SHARE, FLOOR = 1.15, 0.30, 0.97  # needed where preprocessing is at least SHARE of the work, and elsewhere
WORKLOADS = [
    ("500x375-mobilenet128", "var/photos-500", "mobilenetv2-0.35", 2000),
    ("500x375-tiny64", "var/photos-500", "tiny-10mmac", 2000),
    ("500x375-lite0", "var/photos-500", "efficientnet-lite0", 1000),
    ("12MP-lite0", "var/photos-12mp", "efficientnet-lite0", 0),
]
PEERS = {"dataloader": ["dataloader.py"], "opencv-pool": ["opencv_pool.py"]}


def install_peers():
    wanted = (HERE / "requirements.txt").read_text()
    stamp = VENV / ".requirements"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print("installing the peers into build/venv-peers", flush=True)
    subprocess.run([ROOT / ".venv/bin/python", "-m", "venv", VENV], check=True)
    subprocess.run(
        [VENV / "bin/pip", "install", "-q", "-r", HERE / "requirements.txt"], check=True, stderr=subprocess.DEVNULL
    )
    stamp.write_text(wanted)


def run_peer(script, folder, model, batch, config, limit):
    command = [
        VENV / "bin/python",
        HERE / script[0],
        folder,
        model,
        "--batch",
        batch,
        "--config",
        config,
        "--limit",
        limit,
        *script[1:],
    ]
    with tempfile.NamedTemporaryFile(suffix=".csv") as rows:
        done = subprocess.run([*map(str, command), "--rows", rows.name], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return json.loads(done.stdout)["items_per_s"]


def run_smol(program, folder, model, limit):
    with tempfile.TemporaryDirectory() as out:
        command = [
            program,
            "run",
            folder,
            "--model",
            model,
            "-o",
            out,
            "--progress",
            "none",
            *(["--limit", limit] if limit else []),
        ]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(done.stderr)
        report = json.loads((pathlib.Path(out) / "report.json").read_text())
    busy = {name: stage["core_seconds"] for name, stage in report["stages"].items()}
    preprocessing = busy["read"] + busy["decode"] + busy["preprocess"]
    return {
        "items_per_s": report["items_per_s"],
        "preprocessing_share": preprocessing / sum(busy.values()),
        "batch": report["engine"]["batch"],
    }


def measure(workload, rounds, program):
    name, photos, model_name, limit = workload
    folder, model = ROOT / photos, ROOT / f"var/models/{model_name}.onnx"
    # The best setting of each peer is found first, on a part of the pictures.
    settings = {}
    for peer, script in PEERS.items():
        tried = {
            (batch, config): run_peer(script, folder, model, batch, config, min(limit or 16, 400))
            for batch in (1, 8)
            for config in ("hint", "streams")
        }
        settings[peer] = max(tried, key=tried.get)
    contestants = {peer: (script, settings[peer]) for peer, script in PEERS.items()}
    # Beside, without a bar, as they give other answers: OpenCV without antialiasing, and with less decoding.
    contestants["opencv-linear"] = (["opencv_pool.py", "--linear"], settings["opencv-pool"])
    if name.startswith("12MP"):
        contestants["opencv-reduced-8"] = (["opencv_pool.py", "--reduced"], settings["opencv-pool"])
    figures = {peer: [] for peer in contestants} | {"smol": []}
    shares, batch = [], 0
    for _ in range(rounds):
        ours = run_smol(program, folder, model, limit)
        figures["smol"].append(ours["items_per_s"])
        shares.append(ours["preprocessing_share"])
        batch = ours["batch"]
        for peer, (script, (peer_batch, config)) in contestants.items():
            figures[peer].append(run_peer(script, folder, model, peer_batch, config, limit))
    best = {peer: max(values) for peer, values in figures.items()}
    medians = {peer: statistics.median(values) for peer, values in figures.items()}
    share = statistics.median(shares)
    return {
        "name": name,
        "items_per_s": best,
        "all_rounds": figures,
        "peer_settings": {peer: f"batch {b}, {c}" for peer, (b, c) in settings.items()},
        "smol_batch": batch,
        "preprocessing_share": share,
        "ratio": best["smol"] / max(best[peer] for peer in PEERS),
        "median_ratio": medians["smol"] / max(medians[peer] for peer in PEERS),
        "needed": SPEEDUP if share >= SHARE else FLOOR,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", default=ROOT / "build/release/smol")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", help="only the workload of this name")
    parser.add_argument("--json", help="write the figures here too")
    arguments = parser.parse_args()
    install_peers()
    results = []
    print(
        f"{'workload':<22} {'smol':>8} {'dataloader':>11} {'opencv':>8} {'ratio':>6} {'median':>6} {'preproc':>8}  items/s, best of {arguments.rounds}"
    )
    for workload in WORKLOADS:
        if arguments.only not in (None, workload[0]):
            continue
        result = measure(workload, arguments.rounds, arguments.program)
        results.append(result)
        speed = result["items_per_s"]
        beside = "".join(f"; {peer} {speed[peer]:.1f}" for peer in speed if peer not in {*PEERS, "smol"})
        print(
            f"{result['name']:<22} {speed['smol']:8.1f} {speed['dataloader']:11.1f} {speed['opencv-pool']:8.1f} "
            f"{result['ratio']:6.2f} {result['median_ratio']:6.2f} {result['preprocessing_share']:8.0%}  smol batch {result['smol_batch']}, "
            f"peers {result['peer_settings']}{beside}",
            flush=True,
        )
    for result in results:
        result["ok"] = result["ratio"] >= result["needed"]
        print(
            f"bar peers/{result['name']} {result['ratio']:.3f} {result['needed']} {'ok' if result['ok'] else 'short'}"
        )
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps(results, indent=2) + "\n")
    return 0 if all(result["ok"] for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
