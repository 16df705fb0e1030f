"""`make bench-preproc`: preparing pictures for a DNN, one core, beside the same graph run step by step and beside other libraries.

Prints tables, then one line a bar: `bar NAME FIGURE NEEDED ok|short`; exits 1 if one is short. CPU time, best of the rounds on
every side, measured in turn in one run. Names of peers that antialias end in "+antialias".
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
VENVS = {
    "build/venv-preproc-peers": ("requirements.txt", ["torchvision==0.28.0"]),  # without its CUDA torch
    "build/venv-preproc-simd": ("requirements-simd.txt", []),
}
DECODES = ["full"]  # the first is exact, and what the bars are about
QUALITY = 0.7  # of 255: what Pillow's draft mode gives


def install_peers():
    for folder, (requirements, without_dependencies) in VENVS.items():
        venv = ROOT / folder
        wanted = (HERE / requirements).read_text() + " ".join(without_dependencies)
        stamp = venv / ".requirements"
        if stamp.exists() and stamp.read_text() == wanted:
            continue
        print(f"installing the peers into {folder}", flush=True)
        subprocess.run([ROOT / ".venv/bin/python", "-m", "venv", venv], check=True)
        pip = [venv / "bin/pip", "install", "-q", "--no-binary", "pillow-simd"]
        environment = {**os.environ, "CC": "cc -mavx2"}
        for words in (["-r", HERE / requirements], ["--no-deps", *without_dependencies]):
            if words[1:]:
                subprocess.run([*pip, *words], check=True, stderr=subprocess.DEVNULL, env=environment)
        stamp.write_text(wanted)


def figures_of(command, reasons=None):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}\n{done.stderr}")
    if reasons is not None:
        reasons.update(line for line in done.stderr.splitlines() if "No module named" not in line)
    return json.loads(done.stdout)


class Bench:
    def __init__(self, program, rounds, quick):
        self.program, self.rounds, self.quick = program, rounds, quick
        self.bars, self.reasons = [], set()
        small = sorted((ROOT / "var/photos-500").glob("*.jpg"))
        large = sorted((ROOT / "var/photos-12mp").glob("*.jpg"))
        self.small = small[:: len(small) // 12][:12]
        self.large = large[:: len(large) // 4][:4]
        self.all_large = large

    def bar(self, name, figure, needed):
        self.bars.append({"name": name, "figure": figure, "needed": needed, "ok": figure >= needed})

    def peers(self, what, rounds, files, venvs=VENVS):
        merged = {}
        for folder in venvs:
            command = [ROOT / folder / "bin/python", HERE / "peers.py", what, rounds, *files]
            merged |= figures_of(command, self.reasons)
        return merged

    def steps(self, name, files, runs, needed):
        """FusedExecutor against OpenCV calls one after the other; the antialiased graph is barred, the plain one beside."""
        ours = {"antialias": [], "plain": []}
        theirs = {"area": [], "linear": []}
        for _ in range(self.rounds):
            for graph, times in ours.items():
                times.append(figures_of([self.program, "pixels", graph, runs, *files])["ms"])
            for kind, ms in self.peers("steps", runs, files, list(VENVS)[:1]).items():
                theirs[kind].append(ms)
        for graph, kind in (("antialias", "area"), ("plain", "linear")):
            ratio = min(theirs[kind]) / min(ours[graph])
            print(
                f"  {name:<8} {graph:<10} as written {min(theirs[kind]):8.3f}   fused {min(ours[graph]):7.3f}   {ratio:5.2f}x",
                flush=True,
            )
            if graph == "antialias":
                self.bar(f"steps/{name}", ratio, needed)

    def table(self, ours, peers):
        rows = sorted([*ours.items(), *peers.items()], key=lambda entry: entry[1])
        for peer, ms in rows:
            print(f"    {peer:<34} {ms:8.3f}")

    def whole_path(self, files, runs):
        ours, peers = {}, {}
        for _ in range(self.rounds):
            for decode in DECODES:
                ms = figures_of([self.program, "jpeg", decode, runs, *files])["ms"]
                ours[f"smol {decode}"] = min(ms, ours.get(f"smol {decode}", ms))
            for peer, ms in self.peers("paths", runs, files).items():
                peers[peer] = min(ms, peers.get(peer, ms))
        self.table(ours, peers)
        plain = min(ms for peer, ms in peers.items() if not peer.endswith("+antialias"))
        antialiased = min(ms for peer, ms in peers.items() if peer.endswith("+antialias"))
        self.bar("path/500x375/not-antialiasing", plain / ours["smol full"], 1.2)
        self.bar("path/500x375/antialiasing", antialiased / ours["smol full"], 1.6)

    def scaled_path(self, files, runs):
        ours, peers = [], {}
        for _ in range(self.rounds):
            ours.append(figures_of([self.program, "jpeg", "1/8", runs, *files])["ms"])
            for peer, found in self.peers("scaled", runs, files).items():
                best = peers.setdefault(peer, found)
                best["ms"] = min(best["ms"], found["ms"])
        quality = figures_of([self.program, "quality", "1/8", *files])
        self.table({"smol 1/8": min(ours)}, {peer: found["ms"] for peer, found in peers.items()})
        print(f"    mean difference from the full decode, of 255: smol {quality['mean']:.2f}", end="")
        print("".join(f", {peer} {found['quality']:.2f}" for peer, found in peers.items()))
        self.bar("path/12MP/scaled", min(found["ms"] for found in peers.values()) / min(ours), 1.0)
        everything = figures_of([self.program, "quality", "1/8", *(self.large if self.quick else self.all_large)])
        print(
            f"    of all {len(self.all_large)} pictures: smol {everything['mean']:.2f}, worst {everything['worst']}"
        )
        self.bar("path/12MP/quality", QUALITY / everything["mean"], 1.0)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/release/preproc_paths")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="fewer pictures for the quality")
    parser.add_argument("--json", help="write the bars here too")
    arguments = parser.parse_args()
    install_peers()
    bench = Bench(arguments.program, arguments.rounds, arguments.quick)
    print("decoded pixels to 224x224 f32 CHW, ms: the graph step by step with OpenCV, and fused")
    bench.steps("500x375", bench.small, 20, 3.0)
    bench.steps("12MP", bench.large, 3, 2.0)
    print("JPEG 500x375, quality 90, in memory to 224x224 f32 CHW, ms")
    bench.whole_path(bench.small, 20)
    print("JPEG 12 MP, decoded at a fraction of its size, to 224x224 f32 CHW, ms")
    bench.scaled_path(bench.large, 3)
    for reason in sorted(bench.reasons):
        print(f"left out: {reason}")
    print()
    for bar in bench.bars:
        print(f"bar preproc/{bar['name']} {bar['figure']:.3f} {bar['needed']:.3f} {'ok' if bar['ok'] else 'short'}")
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps(bench.bars, indent=2) + "\n")
    return 0 if all(bar["ok"] for bar in bench.bars) else 1


if __name__ == "__main__":
    sys.exit(main())
