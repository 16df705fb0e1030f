"""Clips for the benches from the demo's photographs: pans and zooms over them with sensor noise, encoded by x264 and x265.

var/clips: 1080p-gop60.mp4, 1080p-gop250.mp4 (600 frames, 30 a second), 480p-gop60.mp4, 480p-gop250.mp4 (the same scaled),
1080p-hevc-intra.mp4 (60 frames). Seeded; encoder settings are pinned here. Made anew when this script has changed.
"""

import hashlib
import pathlib
import shutil
import subprocess

import numpy as np
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parents[2]
WIDTH, HEIGHT, RATE = 1920, 1080, 30
SCENES, FRAMES_PER_SCENE = 6, 100
NOISE = 3.0  # standard deviation in levels, as of a camera's sensor
INTRA_FRAMES = 60


def x264(gop):
    parameters = f"keyint={gop}:min-keyint={gop}:scenecut=0:bframes=3:threads=2"
    return ["-c:v", "libx264", "-preset", "medium", "-crf", "23", "-pix_fmt", "yuv420p", "-x264-params", parameters]


def scenes():
    """RGB frames as bytes."""
    rng = np.random.default_rng(11)
    photos = sorted((ROOT / "var/photos").rglob("*.jpg"), key=lambda path: (-path.stat().st_size, path.name))[:SCENES]
    noise = [rng.normal(0, NOISE, (HEIGHT, WIDTH, 3)).astype(np.int8) for _ in range(8)]
    for path in photos:
        with Image.open(path) as photo:
            photo.draft("RGB", (WIDTH * 2, HEIGHT * 2))
            photo = photo.convert("RGB")
        scale = min(photo.width / WIDTH, photo.height / HEIGHT)
        begin, end = (np.array([*rng.uniform(0, 1, 2), rng.uniform(0.5, 0.9)]) for _ in range(2))
        for i in range(FRAMES_PER_SCENE):
            x, y, zoom = begin + (end - begin) * i / FRAMES_PER_SCENE + [*rng.normal(0, 0.0005, 2), 0]
            width, height = WIDTH * scale * zoom, HEIGHT * scale * zoom
            left = min(max(x, 0), 1) * (photo.width - width)
            top = min(max(y, 0), 1) * (photo.height - height)
            box = (left, top, left + width, top + height)
            frame = np.asarray(photo.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR, box=box), dtype=np.int16)
            yield np.clip(frame + noise[rng.integers(8)], 0, 255).astype(np.uint8).tobytes()


def main():
    folder = ROOT / "var/clips"
    stamp = folder / ".made-by"
    script = hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == script:
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    print("clips: encoding into var/clips (a few minutes)", flush=True)
    source = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(RATE), "-i", "-"]
    command = ["ffmpeg", "-v", "error", "-y", *source]
    for gop in (60, 250):
        command += [*x264(gop), folder / f"1080p-gop{gop}.mp4"]
        command += ["-vf", "scale=854:480:flags=bicubic", *x264(gop), folder / f"480p-gop{gop}.mp4"]
    intra = ["-c:v", "libx265", "-preset", "fast", "-crf", "24", "-pix_fmt", "yuv420p", "-tag:v", "hvc1"]
    intra += ["-x265-params", "keyint=1:log-level=none:pools=2", "-frames:v", str(INTRA_FRAMES)]
    command += [*intra, folder / "1080p-hevc-intra.mp4"]
    with subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE) as encoder:
        for frame in scenes():
            encoder.stdin.write(frame)
        encoder.stdin.close()
        if encoder.wait() != 0:
            raise SystemExit("clips: ffmpeg failed (see above)")
    stamp.write_text(script)
    print(f"clips: {len(list(folder.glob('*.mp4')))} in var/clips")


if __name__ == "__main__":
    main()
