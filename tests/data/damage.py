"""Copies a folder of good JPEGs and PNGs and damages a share of them in every way that a run must survive.

Prints one JSON object: for each file that is an item of a run over the new folder, by the id that its row has, the
expected status and the error codes that are right: {"0001.jpg": {"status": "error", "error_codes": ["truncated"]}}.
The same folder, share and seed give the same result. Beside the damaged files there are good ones with odd names, and
things that are no items: a folder and a link to a folder above, both named like images.

Example: damage.py photos damaged --share 0.3 --seed 1
"""

import argparse
import json
import os
import pathlib
import random
import struct
import sys
import zlib

JPEG = b"\xff\xd8\xff"
PNG = b"\x89PNG\r\n\x1a\n"
HUGE = 60000  # pixels a side: over every limit
SMALL_GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"


def jpeg_segments(data):
    """(marker, offset of the marker) of each segment in front of the first scan."""
    offset = 2
    while data[offset + 1] != 0xDA:
        yield data[offset + 1], offset
        offset += 2 + int.from_bytes(data[offset + 2 : offset + 4], "big")


def jpeg_segment(data, markers):
    return next(offset for marker, offset in jpeg_segments(data) if marker in markers)


def with_huge_header(data):
    if data.startswith(PNG):
        header = b"IHDR" + struct.pack(">II", HUGE, HUGE) + data[24:29]
        return data[:12] + header + struct.pack(">I", zlib.crc32(header)) + data[33:]
    frame = jpeg_segment(data, {0xC0, 0xC1, 0xC2})
    return data[: frame + 5] + struct.pack(">HH", HUGE, HUGE) + data[frame + 9 :]


def corrupted(data):
    """A PNG with a flipped bit among its pixels, a JPEG with an impossible Huffman table."""
    if data.startswith(PNG):
        at = data.index(b"IDAT") + 8
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    table = jpeg_segment(data, {0xC4})
    return data[: table + 5] + b"\xff" * 16 + data[table + 21 :]


class Damager:
    """Writes damaged files into `folder` and remembers what is to be expected of each."""

    def __init__(self, folder, rng):
        self.folder = folder
        self.rng = rng
        self.expected = {}

    def expect(self, path, *error_codes):
        relative = os.fsencode(path.relative_to(self.folder))
        row_id = relative.decode(errors="surrogateescape")
        row_id = "".join(f"\\x{ord(c) - 0xDC00:02X}" if 0xDC80 <= ord(c) <= 0xDCFF else c for c in row_id)
        if row_id in self.expected:
            raise SystemExit(f"damage.py: two files would get the same name: {row_id}")
        status = "error" if error_codes else "ok"
        self.expected[row_id] = {"status": status, "error_codes": list(error_codes)}

    def write(self, path, data, *error_codes):
        path.write_bytes(data)
        self.expect(path, *error_codes)

    def good(self, path, data):
        self.write(path, data)

    def unreadable(self, path, data):
        path.write_bytes(data)
        path.chmod(0)
        if os.geteuid() == 0:  # who may read it anyway
            self.expect(path)
        else:
            self.expect(path, "permission_denied")

    def truncated(self, path, data):
        self.write(path, data[: max(16, int(len(data) * self.rng.uniform(0.02, 0.98)))], "truncated")

    def corrupt(self, path, data):
        self.write(path, corrupted(data), "corrupt")

    def empty(self, path, data):
        self.write(path, b"", "empty_file")

    def text(self, path, data):
        self.write(path.with_suffix(".jpg"), b"This is a text file with a wrong name.\n" * 9, "unknown_format")

    def noise(self, path, data):
        self.write(path, b"\x00" + self.rng.randbytes(len(data)), "unknown_format")

    def too_large(self, path, data):
        self.write(path, with_huge_header(data), "too_many_pixels")

    def other_format(self, path, data):
        self.write(path.with_suffix(".gif"), SMALL_GIF, "unsupported_format")

    def dangling_link(self, path, data):
        path.symlink_to("nothing_here.jpg")
        self.expect(path, "not_found")

    def link_to_itself(self, path, data):
        path.symlink_to(path.name)
        self.expect(path, "not_found")

    def wrong_extension(self, path, data):
        self.write(path.with_suffix(".jpg" if data.startswith(PNG) else ".png"), data)

    def no_extension(self, path, data):
        self.write(path.with_suffix(""), data)

    def odd_name(self, path, data):
        """Bytes that are no UTF-8, a space and a quote."""
        self.write(pathlib.Path(os.fsdecode(os.fsencode(path.with_suffix("")) + b" '\xff\xe9.jpg")), data)


DAMAGES = (
    Damager.truncated,
    Damager.corrupt,
    Damager.empty,
    Damager.text,
    Damager.noise,
    Damager.too_large,
    Damager.other_format,
    Damager.dangling_link,
    Damager.link_to_itself,
    Damager.unreadable,
)
ODDITIES = (Damager.wrong_extension, Damager.no_extension, Damager.odd_name)
ODD_SHARE = 0.1  # of the undamaged files


def damage_folder(source, target, share, seed):
    """Returns what is to be expected of each item. `target` must not exist."""
    rng = random.Random(seed)
    files = sorted(path for path in source.rglob("*") if path.is_file())
    if not files:
        raise SystemExit(f"damage.py: no files in {source}")
    treatments = [DAMAGES[i % len(DAMAGES)] for i in range(round(share * len(files)))]
    odd = round(ODD_SHARE * (len(files) - len(treatments)))
    treatments += [ODDITIES[i % len(ODDITIES)] for i in range(odd)]
    treatments += [Damager.good] * (len(files) - len(treatments))
    rng.shuffle(treatments)

    target.mkdir(parents=True)
    damager = Damager(target, rng)
    for path, treatment in zip(files, treatments):
        data = path.read_bytes()
        if not data.startswith((JPEG, PNG)):
            raise SystemExit(f"damage.py: neither JPEG nor PNG: {path}")
        to = target / path.relative_to(source)
        to.parent.mkdir(parents=True, exist_ok=True)
        treatment(damager, to, data)
    (target / "folder_named.jpg").mkdir()
    (target / "link_upwards.jpg").symlink_to(".")
    return damager.expected


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=pathlib.Path, help="folder of good JPEGs and PNGs")
    parser.add_argument("target", type=pathlib.Path, help="folder to make; must not exist")
    parser.add_argument("--share", type=float, default=0.3, help="of the files to damage (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    arguments = parser.parse_args()
    if arguments.target.exists():
        parser.error(f"the target exists already: {arguments.target}")
    if not 0 <= arguments.share <= 1:
        parser.error(f"--share must be in 0..1: {arguments.share}")
    json.dump(
        damage_folder(arguments.source, arguments.target, arguments.share, arguments.seed), sys.stdout, indent=1
    )
    print()


if __name__ == "__main__":
    main()
