"""What both peers share: the job as their command line states it, OpenVINO's AsyncInferQueue, and the rows at the end."""

import argparse
import csv
import json
import pathlib
import time

import numpy as np
import openvino as ov


def parse_job(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument(
        "--config",
        choices=("hint", "streams"),
        default="hint",
        help="OpenVINO's THROUGHPUT hint, or one stream a core",
    )
    parser.add_argument("--rows", type=pathlib.Path, help="CSV of path, class, score")
    parser.add_argument("--limit", type=int, default=0)
    return parser


class Job:
    """The inputs, the preprocessing numbers of the manifest, the compiled model."""

    def __init__(self, arguments, in_graph_normalisation):
        self.batch = arguments.batch
        self.rows_file = arguments.rows
        self.paths = sorted(
            str(p) for p in arguments.folder.rglob("*") if p.suffix.lower() in {".jpg", ".jpeg", ".png"}
        )
        self.paths = self.paths[: arguments.limit or None]
        resize, crop, _, normalise, _ = json.loads(arguments.model.with_suffix(".json").read_text())["preprocessing"]
        self.short_side, self.filter, self.side = resize["short_side"], resize["filter"], crop["height"]
        self.scale = np.float32(normalise["scale"])
        self.mean, self.std = np.float32(normalise["mean"]), np.float32(normalise["std"])
        core = ov.Core()
        model = core.read_model(arguments.model)
        model.reshape([self.batch, 3, self.side, self.side])
        if in_graph_normalisation:
            prepost = ov.preprocess.PrePostProcessor(model)
            prepost.input().tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC")).set_color_format(
                ov.preprocess.ColorFormat.BGR
            )
            prepost.input().model().set_layout(ov.Layout("NCHW"))
            steps = (
                prepost.input()
                .preprocess()
                .convert_element_type(ov.Type.f32)
                .convert_color(ov.preprocess.ColorFormat.RGB)
            )
            steps.mean(list(map(float, self.mean / self.scale))).scale(list(map(float, self.std / self.scale)))
            model = prepost.build()
        # f32 as smol: the default would be bf16 where the CPU has it, which is other work.
        properties = {"INFERENCE_PRECISION_HINT": "f32"}
        if arguments.config == "hint":
            properties["PERFORMANCE_HINT"] = "THROUGHPUT"
        else:
            import os

            cores = len(os.sched_getaffinity(0))
            properties |= {"NUM_STREAMS": cores, "INFERENCE_NUM_THREADS": cores, "ENABLE_CPU_PINNING": False}
        self.queue = ov.AsyncInferQueue(core.compile_model(model, "CPU", properties))
        self.rows = []
        self.queue.set_callback(self._collect)

    def resized_and_crop(self, height, width):
        """(new height, new width, top, left) by torchvision's definition."""
        if width <= height:
            new_width, new_height = self.short_side, int(self.short_side * height / width)
        else:
            new_width, new_height = int(self.short_side * width / height), self.short_side
        return (
            new_height,
            new_width,
            round((new_height - self.side) / 2.0),
            round((new_width - self.side) / 2.0),
        )

    def _collect(self, request, paths):
        logits = request.get_output_tensor(0).data
        for path, scores in zip(paths, logits):
            best = int(scores.argmax())
            self.rows.append((path, best, float(scores[best])))

    def submit(self, pictures, paths):
        if len(paths) < self.batch:  # the last batch is padded
            pictures = np.concatenate(
                [pictures, np.zeros((self.batch - len(paths), *pictures.shape[1:]), pictures.dtype)]
            )
        self.queue.start_async({0: pictures}, list(paths))

    def run(self, produce):
        """Times `produce()`, from the first file read to the last row, and prints the figure as JSON."""
        start = time.perf_counter()
        produce()
        self.queue.wait_all()
        if self.rows_file:
            with open(self.rows_file, "w", newline="") as out:
                csv.writer(out).writerows(self.rows)
        seconds = time.perf_counter() - start
        assert len(self.rows) == len(self.paths), (len(self.rows), len(self.paths))
        print(json.dumps({"items": len(self.rows), "seconds": seconds, "items_per_s": len(self.rows) / seconds}))
