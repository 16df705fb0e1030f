"""`make bench-media`: every cheaper way to read pictures and videos beside the full decode, and beside the best peer.

Prints tables, then one line a bar: `bar NAME FIGURE NEEDED ok|short`; exits 1 if one is short. Ratios are of best times,
measured in turn in one run: pictures in CPU time on one core, videos by rule in wall time on two.
"""

import argparse
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
VENV = ROOT / "build/venv-media-peers"
FORMATS = ROOT / "var/formats"
CLIPS = ROOT / "var/clips"
DECORD = "decord==0.6.0"  # has the module name of decord2: a folder of its own


def install_peers():
    wanted = (HERE / "requirements.txt").read_text() + DECORD
    stamp = VENV / ".requirements"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print("installing the peers into build/venv-media-peers", flush=True)
    subprocess.run([ROOT / ".venv/bin/python", "-m", "venv", VENV], check=True)
    pip = [VENV / "bin/pip", "install", "-q"]
    subprocess.run([*pip, "-r", HERE / "requirements.txt"], check=True, stderr=subprocess.DEVNULL)
    decord = ["--no-deps", "--target", VENV / "decord", DECORD]
    subprocess.run([*pip, *decord], check=True, stderr=subprocess.DEVNULL)
    stamp.write_text(wanted)


def output_of(command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}\n{done.stderr}")
    return done.stdout


class Bench:
    def __init__(self, build):
        self.smol, self.media_bench = build / "smol", build / "media_bench"
        self.bars = []

    def bar(self, name, figure, needed):
        self.bars.append({"name": name, "figure": figure, "needed": needed, "ok": figure >= needed})

    def modes(self, name, folder, limit=None):
        """Mean milliseconds, ratio to full and PSNR of each way to read the files of a folder, by `smol inspect --compare`."""
        rows = {}
        for path in sorted(folder.iterdir())[:limit]:
            for mode in json.loads(output_of([self.smol, "inspect", "--compare", "--json", path]))["comparison"]:
                rows.setdefault(mode["name"], []).append(mode)
        files = max(map(len, rows.values()))
        rows = {mode: found for mode, found in rows.items() if len(found) == files}
        full = sum(mode["cpu_ms"] for mode in rows["full"])
        print(f"\n{name:<28} {'ms':>8} {'to full':>8} {'faster':>7}  PSNR")
        faster = {}
        for mode, found in rows.items():
            total = sum(entry["cpu_ms"] for entry in found)
            faster[mode] = full / total
            levels = [entry["psnr_db"] for entry in found]
            psnr = "exact" if None in levels else f"{sum(levels) / files:.1f} dB"
            print(f"  {mode:<26} {total / files:8.3f} {total / full:7.3f}x {full / total:6.2f}x  {psnr}", flush=True)
        return faster

    def tensor(self, name, needed):
        """File to 224x224 f32 CHW against the fastest peer; three times in turn, the best of each."""
        folder = FORMATS / name
        ours, peers = [], {}
        for _ in range(3):
            ours.append(json.loads(output_of([self.media_bench, "tensor", *sorted(folder.iterdir())]))["ms"])
            command = [VENV / "bin/python", HERE / "image_peers.py", "tensor", folder]
            for peer, ms in json.loads(output_of(command)).items():
                peers[peer] = min(ms, peers.get(peer, ms))
        best = min(peers, key=peers.get, default=None)
        text = ", ".join(f"{peer} {ms:.2f}" for peer, ms in sorted(peers.items(), key=lambda entry: entry[1]))
        ratio = peers[best] / min(ours) if best else None
        print(
            f"  {name:<16} smol {min(ours):6.2f} ms  {f'{ratio:5.2f}x' if best else '':>7}   {text or 'no peer'}",
            flush=True,
        )
        if needed:
            self.bar(f"tensor/{name}", ratio, needed)

    def fidelity(self, clip, bars):
        figures = json.loads(output_of([self.media_bench, "fidelity", CLIPS / clip]))
        full = figures["full"]
        print(f"  {clip:<24} full {full:6.2f} ms a frame", end="")
        for mode in ("no-filters=nonref", "no-filters", "references", "references+no-filters"):
            print(f"   {mode} {full / figures[mode]:.2f}x", end="")
            if mode in bars:
                self.bar(f"{clip.removesuffix('.mp4')}/{mode}", full / figures[mode], bars[mode])
        print(
            f"   ({figures['reference frames']} of {figures['frames']}; of the nonref ones {figures['nonref psnr']:.1f} dB, of all {figures['no-filters psnr']:.1f} dB)",
            flush=True,
        )

    def video(self, clip, rule, task, peers, barred, needed, rounds):
        ours, theirs = [], {peer: [] for peer in peers}
        for _ in range(rounds):
            ours.append(json.loads(output_of([self.media_bench, "frames", CLIPS / clip, rule]))["ms"])
            for peer in peers:
                command = [VENV / "bin/python", HERE / "video_peers.py", peer, task, CLIPS / clip, VENV / "decord"]
                theirs[peer].append(float(output_of(command).split()[0]))
        best = {peer: min(values) for peer, values in theirs.items()}
        fastest = min(best[peer] for peer in barred)
        text = ", ".join(f"{peer} {ms:.0f}" for peer, ms in sorted(best.items(), key=lambda entry: entry[1]))
        print(
            f"  {clip:<16} {rule:<9} smol {min(ours):6.0f} ms  {min(ours) / fastest:.2f}x the time of the best barred peer   {text}",
            flush=True,
        )
        # As a speed: fastest / ours must reach 1 / the share of its time that is allowed.
        self.bar(f"video/{clip.removesuffix('.mp4')}/{rule}", fastest / min(ours), needed)


def pictures(bench):
    large = bench.modes("JPEG 12 MP", FORMATS / "jpeg-12mp")
    bench.bar("jpeg-12mp/one-eighth", large["1/8"], 1.7)
    reduced = json.loads(output_of([VENV / "bin/python", HERE / "image_peers.py", "reduced", FORMATS / "jpeg-12mp"]))
    print("  peers at 1/8 of the size, ms: " + ", ".join(f"{peer} {ms:.1f}" for peer, ms in reduced.items()))
    small = bench.modes("JPEG 500x375", ROOT / "var/photos-500", 12)
    bench.bar("jpeg-500/centre-half", small["centre half"], 1.6)
    bench.modes("progressive JPEG 500x375", FORMATS / "progressive")
    png = bench.modes("PNG 500x375", FORMATS / "png")
    bench.bar("png-500/upper-half", png["upper half"], 1.9)
    bench.modes("PNG 12 MP", FORMATS / "png-12mp")
    for name in ("webp", "webp-lossless", "heic", "avif", "jpeg2000", "tiff", "jxl"):
        faster = bench.modes(f"{name} 500x375", FORMATS / name)
        if name == "heic":
            ways = json.loads(output_of([bench.media_bench, "heif", *sorted((FORMATS / name).iterdir())]))
            print("  process CPU, ms: " + ", ".join(f"{way} {ms:.2f}" for way, ms in ways.items()))
            bench.bar("heic/no-filters", faster["no-filters"], 1.2)
            bench.bar("heic/no-filters-to-libde265", ways["libde265"] / ways["no-filters"], 1.2)
    print("\nfile in memory -> 224x224 f32 CHW, one core")
    for name, needed in (
        ("png", 2),
        ("webp", 1.15),
        ("progressive", 1.05),
        ("webp-lossless", 0),
        ("heic", 0),
        ("avif", 0),
        ("jpeg2000", 0),
        ("tiff", 0),
        ("jxl", 0),
    ):
        bench.tensor(name, needed)


def videos(bench, rounds):
    print("\ndecoding a video, one core (as fast as full)")
    for clip in ("1080p-gop60.mp4", "1080p-gop250.mp4"):
        bench.fidelity(clip, {"no-filters": 1.15, "references+no-filters": 1.7})
    bench.fidelity("1080p-hevc-intra.mp4", {})
    print("\nframes by rule, two cores, opening and indexing included (ours also resized to 224x224 f32 CHW)")
    for clip in ("1080p-gop60.mp4", "1080p-gop250.mp4"):
        everyone = ("torchcodec", "decord", "decord2", "opencv", "spdl")
        bench.video(clip, "every=30", "every30", everyone, everyone[:3], 1 / 0.75, rounds)
    for clip in ("480p-gop60.mp4", "480p-gop250.mp4"):
        bench.video(clip, "all", "all224", everyone, ("spdl", "opencv", "torchcodec"), 1 / 0.7, rounds)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=["pictures", "videos"])
    parser.add_argument("--json", help="write the bars here too")
    arguments = parser.parse_args()
    install_peers()
    bench = Bench(arguments.build)
    if arguments.only != "videos":
        pictures(bench)
    if arguments.only != "pictures":
        videos(bench, arguments.rounds)
    print()
    for bar in bench.bars:
        print(f"bar media/{bar['name']} {bar['figure']:.3f} {bar['needed']:.3f} {'ok' if bar['ok'] else 'short'}")
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps(bench.bars, indent=2) + "\n")
    return 0 if all(bar["ok"] for bar in bench.bars) else 1


if __name__ == "__main__":
    sys.exit(main())
