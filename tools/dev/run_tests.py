"""Runs every test, C++ and Python, and ends with one line of totals: `N passed, M failed, K skipped`."""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parents[2]


def ctest_totals(build, label):
    """Cases of GoogleTest binaries count one by one, other CTest tests as one each."""
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    listing = subprocess.run(
        ["ctest", "--test-dir", build, "--show-only=json-v1", *label], capture_output=True, check=True
    )
    for test in json.loads(listing.stdout)["tests"]:
        if "command" not in test:
            sys.exit(f"not built: {test['name']}")
        with tempfile.TemporaryDirectory() as folder:
            report = pathlib.Path(folder) / "report.xml"
            done = subprocess.run(
                ["ctest", "--test-dir", build, "-R", f"^{test['name']}$", "--output-on-failure", "--no-tests=error"],
                env={**os.environ, "GTEST_OUTPUT": f"xml:{report}"},
                capture_output=True,
                text=True,
            )
            suites = xml.parse(report).getroot() if report.exists() else None
        if suites is None:
            counted = {"passed": int(done.returncode == 0), "failed": int(done.returncode != 0), "skipped": 0}
        else:
            skipped = len(suites.findall(".//skipped"))
            failed = int(suites.get("failures")) + int(suites.get("errors"))
            counted = {"failed": failed, "skipped": skipped, "passed": int(suites.get("tests")) - failed - skipped}
            if done.returncode != 0 and failed == 0:
                counted["failed"] = 1  # a crash, or a sanitizer's report, after the last case
        for outcome, count in counted.items():
            totals[outcome] += count
        print(
            f"{test['name']:<32} {counted['passed']} passed, {counted['failed']} failed, {counted['skipped']} skipped",
            flush=True,
        )
        if done.returncode != 0:
            print(done.stdout, flush=True)
    return totals


def pytest_totals(build):
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "report.xml"
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-rs", "tests/python", f"--junitxml={report}"],
            cwd=ROOT,
            env={**os.environ, "SMOL_BUILD": str(build)},
        )
        if not report.exists():
            return {"passed": 0, "failed": 1, "skipped": 0}
        suite = xml.parse(report).getroot().find("testsuite")
    failed = int(suite.get("failures")) + int(suite.get("errors"))
    skipped = int(suite.get("skipped"))
    if done.returncode != 0 and failed == 0:
        failed = 1
    return {"passed": int(suite.get("tests")) - failed - skipped, "failed": failed, "skipped": skipped}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--label", help="only C++ tests with this label (unit, equivalence, error, stat)")
    parser.add_argument("--cpp-only", action="store_true", help="for the sanitizer presets")
    arguments = parser.parse_args()
    totals = ctest_totals(arguments.build, ["-L", arguments.label] if arguments.label else [])
    if not arguments.cpp_only and not arguments.label:
        for outcome, count in pytest_totals(arguments.build.resolve()).items():
            totals[outcome] += count
    print(f"{totals['passed']} passed, {totals['failed']} failed, {totals['skipped']} skipped")
    return 1 if totals["failed"] or not totals["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
