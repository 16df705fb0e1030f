"""What other libraries take from a JPEG in memory to 224x224 f32 CHW, one core: prints {peer: milliseconds a file}.

peers.py paths ROUNDS FILE...    short side 256, centre 224, normalised: every peer that this Python can import
peers.py scaled ROUNDS FILE...   the same, with the peers that decode at a fraction of the size; and their "quality":
                                 mean absolute difference, of 255, from Pillow's full decode and antialiased resize
peers.py steps ROUNDS FILE...    from decoded pixels: the graph as written, step by step with OpenCV; resize by INTER_AREA
                                 (antialiased) and by INTER_LINEAR (two pixels a side, however far it shrinks)
CPU time of the process, best of the rounds of each file, the mean over files.
"""

import io
import json
import os
import sys
import time

import cv2
import numpy as np
import PIL
from PIL import Image

MEAN = np.array([0.485, 0.456, 0.406], dtype=np.float32)
STD = np.array([0.229, 0.224, 0.225], dtype=np.float32)
SHORT_SIDE, SIDE = 256, 224


def resized(height, width):
    scale = SHORT_SIDE / min(height, width)
    return int(height * scale + 1e-6), int(width * scale + 1e-6)


def crop_of(height, width):
    top, left = round((height - SIDE) / 2), round((width - SIDE) / 2)
    return slice(top, top + SIDE), slice(left, left + SIDE)


def import_or_none(name):
    try:
        return __import__(name, fromlist=["_"])
    except (ImportError, OSError, RuntimeError) as error:
        print(f"{name}: {error}".splitlines()[0], file=sys.stderr)
        return None


simplejpeg, torch, torchvision, spdl_io, dali = map(
    import_or_none, ("simplejpeg", "torch", "torchvision", "spdl.io", "nvidia.dali")
)
PILLOW = "pillow-simd" if "post" in PIL.__version__ else "pillow"


def opencv_crop(rgb, interpolation):
    height, width = resized(*rgb.shape[:2])
    rows, columns = crop_of(height, width)
    return cv2.resize(rgb, (width, height), interpolation=interpolation)[rows, columns]


def blob(crop):
    # One deviation for all channels: blobFromImage has no more, which is less work than the others do.
    return cv2.dnn.blobFromImage(crop, 1 / (255 * 0.226), (SIDE, SIDE), (MEAN * 255).tolist(), swapRB=False)


class Normaliser:
    """Normalisation and layout for peers that have none of their own: OpenCV, memory reused, a multiply-add a channel."""

    def __init__(self):
        self.scale, self.bias = 1 / (255 * STD), -MEAN / STD
        self.out = np.empty((3, SIDE, SIDE), np.float32)
        self.planes = [np.empty((SIDE, SIDE), np.uint8) for _ in range(3)]

    def __call__(self, crop):
        cv2.split(crop, self.planes)
        for c in range(3):
            cv2.addWeighted(self.planes[c], self.scale[c], self.planes[c], 0, self.bias[c], self.out[c], cv2.CV_32F)
        return self.out


def decode_pillow(data, draft=False):
    picture = Image.open(io.BytesIO(data))
    if draft:
        picture.draft("RGB", (SHORT_SIDE, SHORT_SIDE))
    return picture.convert("RGB")


def pillow_crop(picture, full=None):
    """`full`: the size of the whole picture, whose draft may be a fraction of a pixel larger."""
    width, height = full or picture.size
    height, width = resized(height, width)
    rows, columns = crop_of(height, width)
    small = picture.resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(small.crop((columns.start, rows.start, columns.stop, rows.stop)))


def torch_path(data):
    """The calls that torchvision.transforms.v2 makes of Resize(256, antialias=True), CenterCrop, ToDtype and Normalize."""
    pixels = torch.from_numpy(simplejpeg.decode_jpeg(data)).permute(2, 0, 1)
    height, width = resized(*pixels.shape[1:])
    small = torch.nn.functional.interpolate(pixels[None], (height, width), mode="bilinear", antialias=True)[0]
    rows, columns = crop_of(height, width)
    return small[:, rows, columns].float().div_(255).sub_(TORCH_MEAN).div_(TORCH_STD).contiguous()


def torchvision_path(data):
    pixels = torchvision.io.decode_jpeg(torch.frombuffer(bytearray(data), dtype=torch.uint8))
    return TORCHVISION(pixels)


def spdl_path(data):
    height, width = resized(*HEADER_SIZE)
    rows, columns = crop_of(height, width)
    description = (
        f"scale={width}:{height}:flags=bilinear,crop={SIDE}:{SIDE}:{columns.start}:{rows.start},format=rgb24"
    )
    packets = spdl_io.demux_image(data)
    frames = spdl_io.decode_packets(packets, filter_desc=description)
    return spdl_io.to_numpy(spdl_io.convert_frames(frames))


class DaliPath:
    """One thread, batches of 8: fed from memory, as DALI has it."""

    BATCH = 8

    def __init__(self):
        from nvidia.dali import fn, types
        from nvidia.dali.pipeline import Pipeline

        pipeline = Pipeline(
            batch_size=self.BATCH, num_threads=1, device_id=None, exec_dynamic=False, prefetch_queue_depth=1
        )
        with pipeline:
            encoded = fn.external_source(source=lambda: [self.data] * self.BATCH, dtype=types.UINT8)
            pixels = fn.decoders.image(encoded, device="cpu", output_type=types.RGB)
            small = fn.resize(pixels, resize_shorter=SHORT_SIDE, interp_type=types.INTERP_TRIANGULAR, antialias=True)
            out = fn.crop_mirror_normalize(
                small,
                crop=(SIDE, SIDE),
                mean=(MEAN * 255).tolist(),
                std=(STD * 255).tolist(),
                output_layout="CHW",
                dtype=types.FLOAT,
            )
            pipeline.set_outputs(out)
        self.pipeline = pipeline
        self.data = None

    def __call__(self, data):
        if self.data is None:
            self.data = np.frombuffer(data, np.uint8)
            self.pipeline.build()
            self.pipeline.run()
        self.data = np.frombuffer(data, np.uint8)
        self.pipeline.run()


def paths():
    """{name: (work, items a call)}; the names of those that antialias end in "+antialias"."""
    found = {}
    normalise = Normaliser()
    if simplejpeg:
        found["simplejpeg+opencv"] = lambda data: normalise(
            opencv_crop(simplejpeg.decode_jpeg(data), cv2.INTER_LINEAR)
        )
        found["simplejpeg+opencv-area+antialias"] = lambda data: normalise(
            opencv_crop(simplejpeg.decode_jpeg(data), cv2.INTER_AREA)
        )
    found["opencv+blobFromImage"] = lambda data: blob(
        opencv_crop(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB), cv2.INTER_LINEAR)
    )
    if torch and simplejpeg:
        found["torch-v2-calls+antialias"] = torch_path
    if torchvision:
        found["torchvision+antialias"] = torchvision_path
    if spdl_io:
        found["spdl+antialias"] = lambda data: normalise(spdl_path(data))
    found[f"{PILLOW}+antialias"] = lambda data: normalise(pillow_crop(decode_pillow(data)))
    if dali:
        found["dali+antialias"] = DaliPath()
    return found


def scaled():
    """{name: (decode at a fraction of the size, then the u8 crop)}."""
    found = {}
    if simplejpeg:
        found["simplejpeg"] = lambda data: opencv_crop(
            simplejpeg.decode_jpeg(data, min_height=SHORT_SIDE, min_width=SHORT_SIDE), cv2.INTER_LINEAR
        )
    found["opencv-reduced"] = lambda data: opencv_crop(
        cv2.cvtColor(
            cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_REDUCED_COLOR_8 | cv2.IMREAD_IGNORE_ORIENTATION),
            cv2.COLOR_BGR2RGB,
        ),
        cv2.INTER_LINEAR,
    )
    found[f"{PILLOW}-draft"] = lambda data: pillow_crop(decode_pillow(data, draft=True), HEADER_SIZE[::-1])
    return found


def steps(interpolation):
    """The graph as written: resize, crop, convert, scale, normalise, reorder; memory is reused, as the paper's baseline."""
    f32, out = np.empty((SIDE, SIDE, 3), np.float32), np.empty((3, SIDE, SIDE), np.float32)
    mean, std = (np.broadcast_to(values, f32.shape).copy() for values in (MEAN, STD))
    planes = list(out)

    def run(rgb):
        crop = opencv_crop(rgb, interpolation)
        np.copyto(f32, crop)  # convertTo without scale
        cv2.multiply(f32, (1 / 255, 1 / 255, 1 / 255, 0), f32)
        cv2.subtract(f32, mean, f32)
        cv2.divide(f32, std, f32)
        cv2.split(f32, planes)

    return run


def best_ms(work, data, rounds):
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time_ns()
        work(data)
        best = min(best, time.process_time_ns() - start)
    return best * 1e-6


def size_of(data):
    import struct

    at = 2
    while True:  # to the frame header
        marker, length = data[at + 1], struct.unpack(">H", data[at + 2 : at + 4])[0]
        if 0xC0 <= marker <= 0xC2:
            return struct.unpack(">HH", data[at + 5 : at + 9])
        at += 2 + length


def main():
    global HEADER_SIZE, TORCH_MEAN, TORCH_STD, TORCHVISION
    what, rounds, files = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    cv2.setNumThreads(1)
    if torch:
        torch.set_num_threads(1)
        TORCH_MEAN, TORCH_STD = (torch.from_numpy(values)[:, None, None] for values in (MEAN, STD))
    if torchvision:
        from torchvision.transforms import v2

        normalise = v2.Normalize(MEAN.tolist(), STD.tolist())
        TORCHVISION = v2.Compose(
            [v2.Resize(SHORT_SIDE), v2.CenterCrop(SIDE), v2.ToDtype(torch.float32, scale=True), normalise]
        )
    ways = paths() if what == "paths" else scaled()
    normalise = Normaliser()
    if what == "steps":
        ways = {"area": steps(cv2.INTER_AREA), "linear": steps(cv2.INTER_LINEAR)}
    totals, differences = {}, {}
    for file in files:
        with open(file, "rb") as stream:
            data = stream.read()
        HEADER_SIZE = size_of(data)
        exact = None
        for name, work in list(ways.items()):
            try:
                if what == "steps":
                    ms = best_ms(work, simplejpeg.decode_jpeg(data), rounds)
                elif what == "scaled":
                    ms = best_ms(lambda bytes, work=work: normalise(work(bytes)), data, rounds)
                    if exact is None:
                        exact = pillow_crop(decode_pillow(data)).astype(np.float32)
                    differences[name] = differences.get(name, 0) + float(np.abs(work(data) - exact).mean())
                else:
                    ms = best_ms(work, data, rounds) / (DaliPath.BATCH if isinstance(work, DaliPath) else 1)
            except Exception as error:  # a peer that does not run here is left out, with its reason
                print(f"{name}: {error}".splitlines()[0], file=sys.stderr)
                del ways[name]
                continue
            totals[name] = totals.get(name, 0) + ms
    figures = {name: total / len(files) for name, total in totals.items() if name in ways}
    if what == "scaled":
        figures = {name: {"ms": ms, "quality": differences[name] / len(files)} for name, ms in figures.items()}
    print(json.dumps(figures))


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
