"""What other libraries take for the same pictures, one core: prints a JSON object {peer: milliseconds a file}.

image_peers.py tensor FOLDER     file in memory -> short side 256, centre 224, f32 CHW, normalised; no antialiasing where the
                                 peer's fastest way has none
image_peers.py reduced FOLDER    JPEGs at 1/8 of their size: simplejpeg, OpenCV, Pillow's draft mode, pyvips
torchcodec decodes pictures from 0.14 on, whose wheels need CUDA libraries even on a CPU: it is not measured here.
CPU time of the process (some decode on threads of their own), the best of several rounds a file, the mean over files.
"""

import io
import json
import os
import pathlib
import sys
import time

os.environ["VIPS_CONCURRENCY"] = "1"

import cv2
import imagecodecs
import numpy as np
import pyvips
import simplejpeg
from PIL import Image

ROUNDS = 9
MEAN = np.array([0.485, 0.456, 0.406], dtype=np.float32) * 255
STD = np.array([0.229, 0.224, 0.225], dtype=np.float32) * 255


def tensor(rgb):
    height, width = rgb.shape[:2]
    scale = 256 / min(height, width)
    small = cv2.resize(rgb, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_LINEAR)
    top, left = (small.shape[0] - 224) // 2, (small.shape[1] - 224) // 2
    crop = small[top : top + 224, left : left + 224]
    return cv2.dnn.blobFromImage(crop, 1 / 57.0, (224, 224), MEAN.tolist(), swapRB=False)


def imagecodecs_decode(data):
    pixels = imagecodecs.imread(data)
    return np.ascontiguousarray(pixels[..., :3])


def opencv(data):
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)


def pillow(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def vips(data):
    return pyvips.Image.new_from_buffer(data, "").numpy()[..., :3].copy()


def simple_jpeg(data):
    return simplejpeg.decode_jpeg(data)


DECODERS = {
    "imagecodecs": imagecodecs_decode,
    "opencv": opencv,
    "pillow": pillow,
    "pyvips": vips,
    "simplejpeg": simple_jpeg,
}


def pillow_draft(data):
    picture = Image.open(io.BytesIO(data))
    picture.draft("RGB", (picture.width // 8, picture.height // 8))
    return np.asarray(picture)


REDUCED = {
    "simplejpeg": lambda data: simplejpeg.decode_jpeg(data, min_height=1, min_width=1, min_factor=8),
    "opencv": lambda data: cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_REDUCED_COLOR_8),
    "pillow": pillow_draft,
    "pyvips": lambda data: pyvips.Image.jpegload_buffer(data, shrink=8).numpy(),
}


def best_ms(work, data):
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time_ns()
        work(data)
        best = min(best, time.process_time_ns() - start)
    return best * 1e-6


def main():
    what, folder = sys.argv[1:3]
    cv2.setNumThreads(1)
    files = [path.read_bytes() for path in sorted(pathlib.Path(folder).iterdir())]
    ways = {name: (lambda data, decode=decode: tensor(decode(data))) for name, decode in DECODERS.items()}
    figures = {}
    for name, work in (ways if what == "tensor" else REDUCED).items():
        try:
            figures[name] = sum(best_ms(work, data) for data in files) / len(files)
        except Exception as error:  # a peer that does not know the format is no peer for it
            print(f"{name}: {error}", file=sys.stderr)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
