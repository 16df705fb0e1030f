"""Decodes every file of var/corpora, and damaged copies of them, in full and at 1/8 with BUILD/decode_raw: a picture or
an error, no crash.

check_corpora.py BUILD [--copies N]     N damaged copies of each file (cut or with flipped bits, seeded)
Prints what came of the files by extension; exits 1 if a process crashed, hung, or a sanitizer found something.
"""

import argparse
import collections
import concurrent.futures
import os
import pathlib
import random
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
ITEM_ERROR = 3  # decode_raw's exit code for a file that it cannot decode
TIMEOUT_S = 60
SPECS = ("full", "1/8")


def damaged(content, rng):
    content = bytearray(content)
    if rng.random() < 0.4:
        return content[: rng.randrange(len(content))]
    for _ in range(rng.choice((1, 3, 20))):
        near_start = rng.random() < 0.5
        content[rng.randrange(min(len(content), 500) if near_start else len(content))] ^= 1 << rng.randrange(8)
    return content


def outcome(program, path, spec):
    command = [program, path, f"spec={spec}"]
    try:
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        return "hangs", ""
    text = done.stderr.decode(errors="replace")
    if done.returncode == 0:
        return "decoded", text
    if done.returncode == ITEM_ERROR and "Sanitizer" not in text:
        return "error", text
    return "crashed", text


def check(program, path, copies):
    """(extension, outcome, text, copy) of the file and of its damaged copies; a copy that failed is kept."""
    results = [(path.suffix.lower(), *outcome(program, path, spec), None) for spec in SPECS]
    rng = random.Random(path.name)
    content = path.read_bytes()
    for _ in range(copies if content else 0):
        with tempfile.NamedTemporaryFile(suffix=path.suffix, delete=False) as copy:
            copy.write(damaged(content, rng))
        found = [(path.suffix.lower(), *outcome(program, copy.name, spec), copy.name) for spec in SPECS]
        results += [(suffix, f"copy {result}", text, name) for suffix, result, text, name in found]
        if all(result in {"decoded", "error"} for _, result, _, _ in found):
            os.unlink(copy.name)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--copies", type=int, default=2)
    arguments = parser.parse_args()
    program = arguments.build / "decode_raw"
    files = sorted(path for path in (ROOT / "var/corpora").rglob("*") if path.is_file())
    if not files or not program.exists():
        sys.exit(f"missing: {program}, or var/corpora (tools/data/fetch_corpora.sh)")
    counts = collections.defaultdict(collections.Counter)
    failures = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, results in zip(
            files, pool.map(lambda path: check(program, path, arguments.copies), files), strict=True
        ):
            for extension, result, text, copy in results:
                counts[extension][result] += 1
                if result.endswith(("crashed", "hangs")):
                    failures += 1
                    print(f"{result}: {copy or path}\n{text[-3000:]}", flush=True)
    for extension, found in sorted(counts.items()):
        print(f"{extension:<8}" + "".join(f"{found[name]:>6} {name}" for name in sorted(found)))
    print(f"{len(files)} files, {arguments.copies} damaged copies of each: {failures} crashed or hung")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
