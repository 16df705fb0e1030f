#!/usr/bin/env bash
# Installs what is missing: setup.sh GROUP... (groups of packages/apt.txt), then the Python environment .venv, ONNX
# Runtime in it, and the packages that the page of `smol report` is bundled from.
# Says nothing and takes a moment when all is there.
set -euo pipefail
cd "$(dirname "$0")/../.."
export DEBIAN_FRONTEND=noninteractive

# sudo drops the environment, so the setting goes through env.
as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo env DEBIAN_FRONTEND=noninteractive); fi

missing=()
for group in "$@"; do
  while read -r package of_group; do
    [ "$of_group" = "$group" ] || continue
    # Other makers' Node.js packages bring npm with them, and cannot be there together with Debian's.
    [ "$package" = npm ] && command -v npm >/dev/null && continue
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done < <(grep -v '^#' packages/apt.txt)
done
if [ ${#missing[@]} -gt 0 ]; then
  if [ ${#as_root[@]} -gt 0 ] && ! command -v sudo >/dev/null; then
    echo "setup: run as root, or install sudo; missing Debian packages: ${missing[*]}" >&2
    exit 1
  fi
  echo "setup: installing ${missing[*]}"
  log=$(mktemp)
  { "${as_root[@]}" apt-get update && "${as_root[@]}" apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 ||
    { tail -n 20 "$log" >&2; echo "setup: apt-get failed (see above)" >&2; exit 1; }
  rm -f "$log"
fi

wanted=$(cat packages/requirements.txt packages/requirements-nodeps.txt | sha256sum)
if [ "$(cat .venv/.requirements 2>/dev/null)" != "$wanted" ]; then
  # Another Python may stand before Debian's on PATH, and a version manager's python3.11 may be a dead link to nothing.
  python=""
  for candidate in python3.11 python3 /usr/bin/python3; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
      python=$candidate
      break
    fi
  done
  if [ -z "$python" ]; then
    echo "setup: Python 3.11 with venv is needed (Debian 12's python3 and python3-venv), found: $(python3 --version 2>&1)" >&2
    exit 1
  fi
  echo "setup: Python packages into .venv"
  [ -x .venv/bin/python ] || "$python" -m venv .venv
  log=$(mktemp)
  { .venv/bin/pip install --disable-pip-version-check -r packages/requirements.txt &&
    .venv/bin/pip install --disable-pip-version-check --no-deps -r packages/requirements-nodeps.txt; } >"$log" 2>&1 ||
    { tail -n 20 "$log" >&2; echo "setup: pip failed (see above)" >&2; exit 1; }
  rm -f "$log"
  echo "$wanted" >.venv/.requirements
fi

tools/dev/fetch_onnxruntime.sh

if [ ! tools/report/node_modules/.package-lock.json -nt tools/report/package-lock.json ]; then
  echo "setup: npm packages into tools/report/node_modules"
  log=$(mktemp)
  (cd tools/report && npm ci && touch node_modules/.package-lock.json) >"$log" 2>&1 ||
    { tail -n 20 "$log" >&2; echo "setup: npm failed (see above)" >&2; exit 1; }
  rm -f "$log"
fi
