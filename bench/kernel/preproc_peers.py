"""The jobs of preproc_bench as people do them in Python: Pillow, then numpy. One core, best of many runs.

.venv/bin/python bench/kernel/preproc_peers.py
"""

import time

import numpy as np
from PIL import Image

MEAN, STD = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])


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


def best_us(runs, job, *arguments):
    times = []
    for _ in range(runs):
        start = time.thread_time_ns()
        job(*arguments)
        times.append(time.thread_time_ns() - start)
    return min(times) / 1e3


def main():
    generator = np.random.default_rng(0)
    for (height, width), crop, name in [
        ((375, 500), 224, "BILINEAR"),
        ((375, 500), 224, "BICUBIC"),
        ((375, 500), 64, "BILINEAR"),
        ((3000, 4000), 224, "BILINEAR"),
        ((3000, 4000), 224, "BICUBIC"),
    ]:
        image = Image.fromarray(generator.integers(0, 256, (height, width, 3), dtype=np.uint8))
        resample = Image.Resampling[name]
        runs = 10 if height > 1000 else 60
        time_us = best_us(runs, preprocess, image, round(crop / 0.875), crop, resample)
        print(f"{width}x{height} to {crop} f32 CHW {name.lower():8} {time_us:9.0f} us")


if __name__ == "__main__":
    main()
