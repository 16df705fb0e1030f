"""`make bench-kernel`: FusedExecutor beside Pillow and numpy, decoded pixels to DNN input, one core, interleaved.

Prints a table, then one line a bar: `bar NAME FIGURE NEEDED ok|short`; exits 1 if one is short. Thread CPU time, best of
the rounds on both sides.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import time

import numpy as np
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parents[2]
MEAN, STD = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])
NEEDED = 4.0
# name in preproc_bench, (height, width), crop, filter, has a bar
CASES = [
    ("500x375_to_224_f32_chw_bilinear", (375, 500), 224, "BILINEAR", True),
    ("500x375_to_224_f32_chw_bicubic", (375, 500), 224, "BICUBIC", False),
    ("500x375_to_64_f32_chw_bilinear", (375, 500), 64, "BILINEAR", False),
    ("4000x3000_to_224_f32_chw_bilinear", (3000, 4000), 224, "BILINEAR", False),
    ("4000x3000_to_224_f32_chw_bicubic", (3000, 4000), 224, "BICUBIC", False),
]


def preprocess(image, short_side, crop, resample):
    width, height = image.size
    if height <= width:
        size = int(short_side * width / height), short_side
    else:
        size = short_side, int(short_side * height / width)
    left, top = (round((side - crop) / 2) for side in size)
    image = image.resize(size, resample).crop((left, top, left + crop, top + crop))
    values = np.asarray(image).astype(np.float32) / np.float32(255)
    return np.ascontiguousarray(((values - MEAN) / STD).transpose(2, 0, 1))


def pillow_us(image, crop, resample, runs):
    times = []
    for _ in range(runs):
        start = time.thread_time_ns()
        preprocess(image, round(crop / 0.875), crop, resample)
        times.append(time.thread_time_ns() - start)
    return min(times) / 1e3


def fused_us(program, name):
    command = [program, f"--benchmark_filter=^run/{name}$", "--benchmark_min_time=0.2", "--benchmark_format=json"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["benchmarks"][0]["cpu_time"] / 1e3


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", default=ROOT / "build/release/preproc_bench")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", help="write the figures here too")
    arguments = parser.parse_args()
    generator = np.random.default_rng(0)
    results = []
    print(
        f"{'case':<36} {'Pillow+numpy':>13} {'fused':>10} {'ratio':>7}  microseconds of one core, best of {arguments.rounds}"
    )
    for name, (height, width), crop, resample, has_bar in CASES:
        image = Image.fromarray(generator.integers(0, 256, (height, width, 3), dtype=np.uint8))
        ours, theirs = [], []
        for _ in range(arguments.rounds):
            theirs.append(pillow_us(image, crop, Image.Resampling[resample], 3 if height > 1000 else 30))
            ours.append(fused_us(arguments.program, name))
        result = {"name": name, "pillow_us": min(theirs), "fused_us": min(ours), "ratio": min(theirs) / min(ours)}
        print(f"{name:<36} {result['pillow_us']:13.0f} {result['fused_us']:10.0f} {result['ratio']:7.1f}")
        results.append(result | ({"needed": NEEDED, "ok": result["ratio"] >= NEEDED} if has_bar else {}))
    for result in results:
        if "needed" in result:
            print(f"bar kernel/{result['name']} {result['ratio']:.2f} {NEEDED} {'ok' if result['ok'] else 'short'}")
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps(results, indent=2) + "\n")
    return 0 if all(result.get("ok", True) for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
