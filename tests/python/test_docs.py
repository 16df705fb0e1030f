"""The documentation names what exists: links, make targets, files, and every pinned package."""

import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
FOLDERS = ("src", "tools", "tests", "bench", "docs", "packages", "cli", "cmake")


@pytest.fixture(params=PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def page(request):
    return request.param


def test_links_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text())
    broken = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not broken


def test_files_in_code_spans_exist(page):
    spans = re.findall(rf"`((?:{'|'.join(FOLDERS)})/[\w./-]+)`", page.read_text())
    # Short forms as in the tables of docs/architecture.md: paths below src/smol.
    spans += re.findall(r"`((?:base|media|preproc|infer|plan|engine)/\w+\.(?:h|cpp))`", page.read_text())
    missing = [span for span in spans if not (ROOT / span).exists() and not (ROOT / "src/smol" / span).exists()]
    assert not missing


def test_make_targets_exist(page):
    listing = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = {line.split()[0] for line in listing.splitlines()}
    named = re.findall(r"(?:^|`)make ([a-z][a-z-]*)", page.read_text(), re.MULTILINE)
    assert set(named) <= targets


def test_every_pinned_version_is_in_the_table_of_dependencies():
    table = (ROOT / "docs/dependencies.md").read_text().lower()
    pins = {}
    for name in ("requirements.txt", "requirements-nodeps.txt"):
        pins |= dict(re.findall(r"^([\w-]+)==(\S+)$", (ROOT / "packages" / name).read_text(), re.MULTILINE))
    rows = [row for row in table.splitlines() if row.startswith("|")]
    aliases = {"torch": "pytorch", "onnxruntime": "onnx runtime"}
    for name, version in pins.items():
        found = [row for row in rows if aliases.get(name, name) in row.split("|")[1]]
        assert found, f"docs/dependencies.md lacks {name}"
        assert any(version in row or "see requirements.txt" in row for row in found), f"{name} is {version}"
