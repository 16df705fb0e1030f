#!/usr/bin/env python3
"""Checks that lower folders never include higher ones (docs/architecture.md).

usage: check_includes.py [ROOT]     prints one line a violation, exits 1 if there is one

Only `#include "smol/..."` and includes of a neighbour by its bare name count; libraries are not the matter here.
"""

import re
import sys
from pathlib import Path

# Who may include whom, besides itself. A folder that is not here may not exist under src/smol.
MAY_INCLUDE = {
    "base": set(),
    "media": {"base"},
    "preproc": {"base"},
    "infer": {"base"},
    "plan": {"base", "media", "preproc", "infer"},
    "engine": {"base", "media", "preproc", "infer", "plan"},
    "report": {"base", "media", "preproc", "infer", "plan"},
    "measure": {"base", "media", "preproc", "infer", "plan", "engine"},
    "query": {"base", "media", "preproc", "infer", "plan", "engine", "measure"},
}
# Single headers beyond that, with the reason.
ALSO_ALLOWED = {
    ("infer", "smol/preproc/graph.h"),  # a manifest declares the graph: a value, without its executors
    ("infer", "smol/preproc/tensor_program.h"),  # and what stands below the cut, for a model's own graph
}
SUFFIXES = {".h", ".cpp"}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*["<]([^">]+)[">]', re.MULTILINE)


def violations_in(root: Path) -> list[str]:
    source = root / "src" / "smol"
    violations = []
    for path in sorted(source.rglob("*")):
        if path.suffix not in SUFFIXES or not path.is_file():
            continue
        name = path.relative_to(root)
        folder = path.relative_to(source).parts[0]
        if folder not in MAY_INCLUDE:
            violations.append(f"{name}: folder {folder} is not in MAY_INCLUDE of tools/dev/check_includes.py")
            continue
        text = path.read_text(encoding="utf-8")
        for match in INCLUDE.finditer(text):
            included = match.group(1)
            line = text.count("\n", 0, match.start()) + 1
            target = target_folder(included)
            if target is None:
                if ".." in Path(included).parts or included.startswith(("cli/", "tests/", "bench/", "python/")):
                    violations.append(f"{name}:{line}: {included} leaves its folder: write smol/FOLDER/FILE")
            elif target != folder and target not in MAY_INCLUDE[folder] and (folder, included) not in ALSO_ALLOWED:
                violations.append(f"{name}:{line}: {folder} may not include {included}")
    return violations


def target_folder(included: str) -> str | None:
    parts = Path(included).parts
    return parts[1] if len(parts) > 2 and parts[0] == "smol" and ".." not in parts else None


def main() -> int:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2]
    if not (root / "src" / "smol").is_dir():
        print(f"check_includes.py: no src/smol below {root}", file=sys.stderr)
        return 2
    violations = violations_in(root)
    for violation in violations:
        print(violation)
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
