"""Pictures for the benches from the demo's photographs: 500x375 JPEGs (quality 90) and a 12-megapixel set. Seeded, once.

var/photos-500: seeded crops of at least 20 photographs, resized. var/photos-12mp: the camera's own 4000x3000 files
(real-*), filled up to 40 with seeded crops of the largest photographs as 4000x3000 JPEGs of quality 92 (resampled-*).
Made anew when this script has changed.
"""

import argparse
import concurrent.futures
import hashlib
import pathlib
import shutil

import numpy as np
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parents[2]
SMALL = (500, 375)
LARGE = (4000, 3000)
LARGE_COUNT = 40
# Large JPEGs of the wallpaper packages that are drawn or painted: flat areas decode faster than a camera's noise.
DRAWN = ("Flow", "Honeywave", "SafeLanding", "Shell", "Volna", "abstract-Elephants", "backgrounds-umang")


def crop_to(photo, size, rng, smallest=0.5):
    """A random crop of the aspect ratio of `size` (width, height), at least `smallest` of the photograph, resized."""
    width, height = photo.size
    scale = min(width / size[0], height / size[1]) * rng.uniform(smallest, 1)
    box_width, box_height = size[0] * scale, size[1] * scale
    left, top = rng.uniform(0, width - box_width), rng.uniform(0, height - box_height)
    return photo.resize(
        size, Image.Resampling.BICUBIC, box=(left, top, left + box_width, top + box_height), reducing_gap=2.0
    )


def make_small(source, numbers, folder):
    with Image.open(source) as photo:
        photo.draft("RGB", (2000, 1500))
        photo = photo.convert("RGB")
    for number in numbers:
        crop_to(photo, SMALL, np.random.default_rng(number)).save(folder / f"{number:05d}.jpg", quality=90)


def make_large(source, numbers, folder):
    with Image.open(source) as photo:
        photo = photo.convert("RGB")
    for number in numbers:
        crop = crop_to(photo, LARGE, np.random.default_rng(number), 0.75)
        crop.save(folder / f"resampled-{number:02d}-{source.stem}.jpg", quality=92)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000, help="how many 500x375 pictures")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "var")
    arguments = parser.parse_args()
    stamp = arguments.out / ".bench-photos-complete"
    made_by = hashlib.sha256(pathlib.Path(__file__).read_bytes() + str(arguments.count).encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == made_by:
        return
    stamp.unlink(missing_ok=True)
    photos = sorted(p for p in (ROOT / "var/photos").rglob("*") if p.suffix.lower() in {".jpg", ".jpeg"})
    sizes = {}
    for path in photos:
        with Image.open(path) as photo:
            sizes[path] = photo.size
    # Photographs, not drawings: JPEGs with at least 0.8 bit a pixel have texture.
    textured = [
        p for p in photos if 8 * p.stat().st_size / (sizes[p][0] * sizes[p][1]) >= 0.8 and min(sizes[p]) >= 700
    ]
    large = [
        p
        for p in textured
        if sizes[p][0] * sizes[p][1] >= 6e6 and sizes[p][0] >= sizes[p][1] and not p.name.startswith(DRAWN)
    ]
    real = [p for p in large if sizes[p] == LARGE]
    resampled = max(0, LARGE_COUNT - len(real))
    small_folder, large_folder = arguments.out / "photos-500", arguments.out / "photos-12mp"
    for folder in (small_folder, large_folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    with concurrent.futures.ProcessPoolExecutor() as pool:
        jobs = [
            pool.submit(make_small, source, range(i, arguments.count, len(textured)), small_folder)
            for i, source in enumerate(textured)
        ]
        jobs += [
            pool.submit(make_large, source, range(i, resampled, len(large)), large_folder)
            for i, source in enumerate(large)
        ]
        for source in real:
            shutil.copyfile(source, large_folder / f"real-{source.name}")
        for job in jobs:
            job.result()
    stamp.write_text(made_by)
    print(
        f"bench pictures: {arguments.count} of 500x375 from {len(textured)} photographs, "
        f"{len(real)} camera files and {resampled} crops of {len(large)} photographs with 12 megapixels"
    )


if __name__ == "__main__":
    main()
