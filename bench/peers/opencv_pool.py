"""Folder to labels with a pool of OpenCV threads, normalisation in the graph, and OpenVINO's AsyncInferQueue."""

import collections
import concurrent.futures
import os

import cv2
import numpy as np
from inference import Job, parse_job


def main():
    parser = parse_job(__doc__)
    parser.add_argument("--reduced", action="store_true", help="decode at 1/8 (IMREAD_REDUCED_COLOR_8)")
    parser.add_argument("--linear", action="store_true", help="INTER_LINEAR whatever the size: faster, and aliases")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    job = Job(arguments, in_graph_normalisation=True)
    flags = cv2.IMREAD_REDUCED_COLOR_8 if arguments.reduced else cv2.IMREAD_COLOR

    def load(path):
        picture = cv2.imread(path, flags)
        height, width, top, left = job.resized_and_crop(*picture.shape[:2])
        # The models' manifests ask for an antialiased resize, as Pillow's and torchvision's. OpenCV's is INTER_AREA, which
        # its documentation advises for shrinking; INTER_LINEAR reads two pixels a side however far it shrinks.
        area = not arguments.linear and picture.shape[0] > 2 * height
        picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA if area else cv2.INTER_LINEAR)
        return picture[top : top + job.side, left : left + job.side]

    def load_batch(paths):
        batch = np.empty((len(paths), job.side, job.side, 3), np.uint8)
        for i, path in enumerate(paths):
            batch[i] = load(path)
        return batch

    def produce():
        batches = [job.paths[i : i + job.batch] for i in range(0, len(job.paths), job.batch)]
        with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            ahead = collections.deque()
            todo = iter(batches)
            while True:
                for paths in todo:
                    ahead.append((paths, pool.submit(load_batch, paths)))
                    if len(ahead) >= 8:
                        break
                if not ahead:
                    return
                paths, loaded = ahead.popleft()
                job.submit(loaded.result(), paths)

    job.run(produce)


if __name__ == "__main__":
    main()
