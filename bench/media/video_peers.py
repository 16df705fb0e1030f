"""One peer reading one video once: prints the wall milliseconds, opening included.

video_peers.py PEER TASK VIDEO [RESIZED]; TASK: every30 (RGB frames 0, 30, 60, ...) or all224 (every frame as 224x224 f32 CHW).
Two threads each, as many as smol has.
"""

import sys
import time

import numpy as np

SIDE = 224
MEAN = np.array([0.485, 0.456, 0.406], dtype=np.float32) * 255
STD = np.array([0.229, 0.224, 0.225], dtype=np.float32) * 255


def torchcodec(task, path):
    import torch
    from torchcodec.decoders import VideoDecoder
    from torchcodec.transforms import Resize

    torch.set_num_threads(2)
    if task == "every30":
        decoder = VideoDecoder(path, num_ffmpeg_threads=2, seek_mode="approximate")
        return len(decoder.get_frames_in_range(0, len(decoder), 30).data)
    decoder = VideoDecoder(path, num_ffmpeg_threads=2, seek_mode="approximate", transforms=[Resize((SIDE, SIDE))])
    mean, std = (torch.from_numpy(x).view(3, 1, 1) for x in (MEAN, STD))
    count = 0
    for begin in range(0, len(decoder), 32):
        frames = decoder.get_frames_in_range(begin, min(begin + 32, len(decoder))).data
        count += len((frames.float() - mean) / std)
    return count


def decord(task, path):
    import decord

    if task == "every30":
        reader = decord.VideoReader(path, num_threads=2)
        return len(reader.get_batch(range(0, len(reader), 30)).asnumpy())
    reader = decord.VideoReader(path, num_threads=2, width=SIDE, height=SIDE)
    count = 0
    for begin in range(0, len(reader), 32):
        frames = reader.get_batch(range(begin, min(begin + 32, len(reader)))).asnumpy()
        count += len(((frames - MEAN) / STD).transpose(0, 3, 1, 2).copy())
    return count


def opencv(task, path):
    import cv2

    cv2.setNumThreads(2)
    video = cv2.VideoCapture(path, cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 2])
    count = number = 0
    while video.grab():
        number += 1
        if task == "every30":
            if (number - 1) % 30 == 0:
                count += len(video.retrieve()[1]) > 0
            continue
        frame = cv2.resize(video.retrieve()[1], (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        tensor = ((cv2.cvtColor(frame, cv2.COLOR_BGR2RGB) - MEAN) / STD).transpose(2, 0, 1).copy()
        count += len(tensor) == 3
    return count


def spdl(task, path):
    import spdl.io

    rate = "select='not(mod(n,30))'," if task == "every30" else ""
    size = "" if task == "every30" else f"scale={SIDE}:{SIDE},"
    codec = spdl.io.decode_config(decoder_options={"threads": "2"})
    packets = spdl.io.demux_video(path)
    filters = f"{rate}{size}format=rgb24"
    frames = spdl.io.decode_packets(packets, decode_config=codec, filter_desc=filters)
    pixels = spdl.io.to_numpy(spdl.io.convert_frames(frames))
    if task == "every30":
        return len(pixels)
    count = 0
    for begin in range(0, len(pixels), 32):
        count += len(((pixels[begin : begin + 32] - MEAN) / STD).transpose(0, 3, 1, 2).copy())
    return count


PEERS = {"torchcodec": torchcodec, "decord": decord, "decord2": decord, "opencv": opencv, "spdl": spdl}


def main():
    peer, task, path = sys.argv[1:4]
    if peer == "decord":
        sys.path.insert(0, sys.argv[4])  # both are named decord; the older one has a folder of its own
    PEERS[peer](task, path)  # the first time loads libraries
    start = time.perf_counter()
    count = PEERS[peer](task, path)
    print((time.perf_counter() - start) * 1e3, count)


if __name__ == "__main__":
    main()
