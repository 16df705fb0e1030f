#!/usr/bin/env bash
# clang-format, ruff and clang-tidy over tracked files; changes nothing, exits 1 if anything is found.
# lint.sh FILE.cpp ... looks with clang-tidy at these files only.
set -uo pipefail
cd "$(dirname "$0")/../.."
status=0
git ls-files '*.h' '*.cpp' | xargs clang-format-19 --dry-run -Werror || status=1
.venv/bin/ruff check -q tools tests bench || status=1
.venv/bin/ruff format -q --check tools tests bench || status=1
[ -f build/release/compile_commands.json ] || cmake --preset release >/dev/null || exit 1
if [ $# -gt 0 ]; then files=("$@"); else mapfile -t files < <(git ls-files 'src/*.cpp' 'cli/*.cpp'); fi
printf '%s\n' "${files[@]}" | xargs -P "$(nproc)" -n 4 clang-tidy-19 --quiet --extra-arg=-Wno-unknown-warning-option -p build/release 2>/dev/null || status=1
[ $status -eq 0 ] && echo "lint: clean"
exit $status
