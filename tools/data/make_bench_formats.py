"""The bench's 500x375 photographs in other formats, and larger ones, for `make bench-media`. Once.

var/formats: png, webp, webp-lossless, progressive (JPEG, quality 95), avif, heic, jpeg2000, jxl, tiff: 12 pictures of 500x375 each;
jpeg-12mp: 4 pictures; png-12mp: 1. Made anew when this script has changed.
"""

import hashlib
import pathlib
import shutil
import subprocess

from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parents[2]
COUNT, LARGE_COUNT = 12, 4
PILLOW = {
    "png": ("png", {}),
    "webp": ("webp", {"quality": 80}),
    "webp-lossless": ("webp", {"lossless": True, "method": 4}),
    "progressive": ("jpg", {"quality": 95, "progressive": True}),
    "avif": ("avif", {"quality": 75}),
    "jpeg2000": ("jp2", {"quality_mode": "rates", "quality_layers": [20], "irreversible": True}),
    "tiff": ("tif", {"compression": "tiff_lzw"}),
}


def main():
    folder = ROOT / "var/formats"
    stamp = folder / ".made-by"
    script = hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == script:
        return
    shutil.rmtree(folder, ignore_errors=True)
    photos = sorted((ROOT / "var/photos-500").glob("*.jpg"))
    photos = photos[:: len(photos) // COUNT][:COUNT]
    for name, (extension, options) in PILLOW.items():
        (folder / name).mkdir(parents=True)
        for path in photos:
            with Image.open(path) as photo:
                photo.convert("RGB").save(folder / name / f"{path.stem}.{extension}", **options)
    for name, encoder in {"heic": ["heif-enc", "-q", "50", "-o"], "jxl": ["cjxl", "--quiet", "-q", "90"]}.items():
        (folder / name).mkdir()
        for png in sorted((folder / "png").glob("*.png")):
            target = folder / name / f"{png.stem}.{name}"
            files = [target, png] if name == "heic" else [png, target]
            subprocess.run([*encoder, *files], check=True, stdout=subprocess.DEVNULL)
    (folder / "jpeg-12mp").mkdir()
    (folder / "png-12mp").mkdir()
    large = sorted((ROOT / "var/photos-12mp").glob("*.jpg"))[:LARGE_COUNT]
    for path in large:
        shutil.copy(path, folder / "jpeg-12mp" / path.name)
    with Image.open(large[0]) as photo:
        photo.convert("RGB").save(folder / "png-12mp" / f"{large[0].stem}.png")
    stamp.write_text(script)
    print(f"formats: {sum(1 for path in folder.rglob('*.*') if path.is_file()) - 1} pictures in var/formats")


if __name__ == "__main__":
    main()
