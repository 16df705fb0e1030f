"""Labelled pictures without a download of labelled pictures: cut-out stamps pasted on photographs. Seeded, once.

var/composites/small: 500x375 JPEGs of quality 90, 20 a stamp. var/composites/camera: three of these 20 anew with 12
megapixels, as a camera stores them (sensor noise, quality 92, EXIF with a 160x120 thumbnail; one in five is a portrait,
stored turned). Each in calibration and test, split by stamp, so that no stamp is in both: a folder with

    full/ID.jpg, thumb161/ID.png, q95/ID.jpg, q75/ID.jpg    renditions; the last three are made by `smol data render`
    dataset.toml                                            names them
    labels.csv                                              id, label (ImageNet classes that count as right), group (the stamp)

Made anew when this script or the labels have changed.
"""

import argparse
import concurrent.futures
import csv
import hashlib
import io
import os
import pathlib
import shutil
import struct
import subprocess

import numpy as np
from PIL import Image, ImageOps

ROOT = pathlib.Path(__file__).resolve().parents[2]
LABELS = pathlib.Path(__file__).with_name("stamp_labels.csv")
PER_STAMP, CAMERA_PER_STAMP = 20, 3
CALIBRATION_SHARE = 0.6  # of the stamps
SMALL, CAMERA = (375, 500), (3000, 4000)
HEIGHT_SHARE = (0.5, 0.85)  # of the stamp, of the picture's short side
PORTRAIT_SHARE = 0.2  # of the camera's pictures
NOISE = 3.0  # standard deviation in levels, as of a camera's sensor
# Scenes without a main object of their own, photographed and not drawn; chosen by eye before any model was run.
SCENES = [
    "BytheWater",
    "DarkestHour",
    "FallenLeaf",
    "Grey",
    "Kite",
    "OneStandsOut",
    "Path",
    "summer_1am",
    "backgrounds-Bridge",
    "backgrounds-aitzgorri",
    "backgrounds-life",
    "backgrounds-picosdeeuropa",
    "backgrounds-seeding",
    "backgrounds-sunset",
    "nature-Blinds",
    "nature-Dune",
    "nature-GreenMeadow",
    "nature-RainDrops",
    "nature-Storm",
    "nature-TwoWings",
    "nature-Wood",
]
RENDITIONS = ("thumb161:short=161,format=png", "q95:short=161,format=jpeg,q=95", "q75:short=161,format=jpeg,q=75")


class Composition:
    """Where everything lies, in shares of the picture, so that both resolutions show the same."""

    def __init__(self, number, portrait=False):
        rng = np.random.default_rng(number)
        self.scene = int(rng.integers(len(SCENES)))
        self.crop_share, self.crop_x, self.crop_y = rng.uniform(0.5, 1), rng.uniform(), rng.uniform()
        self.height_share, self.x, self.y = rng.uniform(*HEIGHT_SHARE), rng.uniform(), rng.uniform()
        self.mirrored = bool(rng.integers(2))
        self.portrait = portrait

    def draw(self, photo, stamp, size):
        """An RGB picture of `size` (height, width), displayed upright."""
        height, width = size[::-1] if self.portrait else size
        scale = min(photo.width / width, photo.height / height) * self.crop_share
        left = self.crop_x * (photo.width - width * scale)
        top = self.crop_y * (photo.height - height * scale)
        box = (left, top, left + width * scale, top + height * scale)
        picture = photo.resize((width, height), Image.Resampling.BICUBIC, box=box, reducing_gap=2.0)
        if self.mirrored:
            stamp = ImageOps.mirror(stamp)
        # A wide stamp is bounded by the picture's width.
        factor = min(self.height_share * min(size) / stamp.height, width / stamp.width)
        stamp_size = max(1, round(stamp.width * factor)), max(1, round(stamp.height * factor))
        stamp = stamp.resize(stamp_size, Image.Resampling.BICUBIC)
        place = round(self.x * (width - stamp.width)), round(self.y * (height - stamp.height))
        picture.paste(stamp, place, stamp)
        return picture


def read_labels():
    with LABELS.open() as file:
        return [(row["stamp"], row["imagenet_indices"]) for row in csv.DictReader(file)]


def read_stamp(path):
    with Image.open(ROOT / "var/stamps" / path) as picture:
        picture = picture.convert("RGBA")
    return picture.crop(picture.getchannel("A").getbbox())


def scene_path(scene):
    return next(path for path in sorted((ROOT / "var/photos/wallpapers").iterdir()) if path.name.startswith(scene))


def add_noise(picture, noise, rng):
    """The same field, moved: drawing 36 million normal numbers for each picture would take most of the time."""
    tall = np.roll(noise, tuple(rng.integers(noise.shape[:2])), axis=(0, 1))
    pixels = np.asarray(picture, dtype=np.int16)
    pixels += np.tile(tall, (-(-pixels.shape[0] // tall.shape[0]), -(-pixels.shape[1] // tall.shape[1]), 1))[
        : pixels.shape[0], : pixels.shape[1]
    ]
    return Image.fromarray(np.clip(pixels, 0, 255, out=pixels).astype(np.uint8))


def exif(orientation, thumbnail):
    """EXIF as cameras write it: IFD0 with the orientation, IFD1 with a JPEG thumbnail."""
    ifd0_offset, entry = 8, "<HHII"
    ifd1_offset = ifd0_offset + 2 + 12 + 4
    thumbnail_offset = ifd1_offset + 2 + 3 * 12 + 4
    ifd0 = struct.pack("<H", 1) + struct.pack(entry, 0x0112, 3, 1, orientation) + struct.pack("<I", ifd1_offset)
    ifd1 = struct.pack("<H", 3) + struct.pack(entry, 0x0103, 3, 1, 6)
    ifd1 += struct.pack(entry, 0x0201, 4, 1, thumbnail_offset) + struct.pack(entry, 0x0202, 4, 1, len(thumbnail))
    return b"Exif\0\0" + struct.pack("<2sHI", b"II", 42, ifd0_offset) + ifd0 + ifd1 + struct.pack("<I", 0) + thumbnail


def save_as_camera(picture, path, portrait):
    stored = picture.transpose(Image.Transpose.ROTATE_90) if portrait else picture
    small = stored.resize((160, 120), Image.Resampling.BICUBIC, reducing_gap=3.0)
    thumbnail = io.BytesIO()
    small.save(thumbnail, "JPEG", quality=85)
    stored.save(path, quality=92, exif=exif(6 if portrait else 1, thumbnail.getvalue()))


def make_scene(scene, jobs):
    """All pictures on one photograph: it is decoded once. Jobs: (number, stamp, small's path, camera's path or None)."""
    with Image.open(scene_path(SCENES[scene])) as photo:
        photo = photo.convert("RGB")
    noise = np.random.default_rng(scene).normal(0, NOISE, (1000, 1000, 3)).round().astype(np.int16)
    small_photo = photo.reduce(max(1, photo.height // 1500))
    for number, stamp_path, small_path, camera_path in jobs:
        stamp = read_stamp(stamp_path)
        Composition(number).draw(small_photo, stamp, SMALL).save(small_path, quality=90)
        if camera_path:
            rng = np.random.default_rng([number, 1])
            portrait = bool(rng.uniform() < PORTRAIT_SHARE)
            picture = Composition(number, portrait).draw(photo, stamp, CAMERA)
            save_as_camera(add_noise(picture, noise, rng), camera_path, portrait)
    return len(jobs)


def plan(folder):
    """Jobs by scene, and the rows of each labels.csv by folder."""
    labels = read_labels()
    order = np.random.default_rng(1).permutation(len(labels))
    calibration = set(order[: round(CALIBRATION_SHARE * len(labels))].tolist())
    jobs, rows = {}, {}
    for index, (stamp, classes) in enumerate(labels):
        split = "calibration" if index in calibration else "test"
        for i in range(PER_STAMP):
            number = i * len(labels) + index
            name = f"{number:04d}-{pathlib.Path(stamp).stem.lower()}"
            targets = [folder / "small" / split]
            if i < CAMERA_PER_STAMP:
                targets.append(folder / "camera" / split)
            for target in targets:
                rows.setdefault(target, []).append((name, classes.replace(" ", "|"), stamp.removesuffix(".png")))
            paths = [target / "full" / f"{name}.jpg" for target in targets]
            camera = paths[1] if len(paths) > 1 else None
            jobs.setdefault(Composition(number).scene, []).append((number, stamp, paths[0], camera))
    return jobs, rows


def write_dataset(folder, rows):
    with (folder / "labels.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("id", "label", "group"))
        writer.writerows(sorted(rows))
    (folder / "dataset.toml").write_text('[renditions]\nfull = "full/{id}.jpg"\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "var/composites")
    parser.add_argument("--smol", type=pathlib.Path, default=ROOT / "build/release/smol")
    arguments = parser.parse_args()
    stamp = arguments.out / ".made-by"
    made_by = hashlib.sha256(pathlib.Path(__file__).read_bytes() + LABELS.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == made_by:
        return
    print(f"composites: drawing into {arguments.out} (two or three minutes)", flush=True)
    shutil.rmtree(arguments.out, ignore_errors=True)
    jobs, rows = plan(arguments.out)
    for folder, labels in rows.items():
        (folder / "full").mkdir(parents=True)
        write_dataset(folder, labels)
    with concurrent.futures.ProcessPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        # The scenes with most work first.
        made = [
            pool.submit(make_scene, scene, work) for scene, work in sorted(jobs.items(), key=lambda job: -len(job[1]))
        ]
        for job in made:
            job.result()
    for folder in rows:
        to = [word for rendition in RENDITIONS for word in ("--to", rendition)]
        subprocess.run([arguments.smol, "data", "render", folder, *to, "-o", folder], check=True, capture_output=True)
    stamp.write_text(made_by)
    counts = ", ".join(
        f"{len(labels)} {folder.relative_to(arguments.out)}" for folder, labels in sorted(rows.items())
    )
    print(f"composites: {counts} in {arguments.out}")


if __name__ == "__main__":
    main()
