#!/usr/bin/env bash
# Installs what is missing: setup.sh GROUP... (groups of packages/apt.txt), then the Python environment .venv.
# Says nothing and takes a moment when all is there.
set -euo pipefail
cd "$(dirname "$0")/../.."
export DEBIAN_FRONTEND=noninteractive

SUDO=""
if [ "$(id -u)" -ne 0 ]; then SUDO="sudo"; fi

missing=()
for group in "$@"; do
  while read -r package of_group; do
    [ "$of_group" = "$group" ] || continue
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done < <(grep -v '^#' packages/apt.txt)
done
if [ ${#missing[@]} -gt 0 ]; then
  if [ -n "$SUDO" ] && ! command -v sudo >/dev/null; then
    echo "setup: run as root, or install sudo; missing Debian packages: ${missing[*]}" >&2
    exit 1
  fi
  echo "setup: installing ${missing[*]}"
  log=$(mktemp)
  { $SUDO apt-get update && $SUDO apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 ||
    { tail -n 20 "$log" >&2; echo "setup: apt-get failed (see above)" >&2; exit 1; }
  rm -f "$log"
fi

wanted=$(cat packages/requirements.txt packages/requirements-nodeps.txt | sha256sum)
if [ "$(cat .venv/.requirements 2>/dev/null)" != "$wanted" ]; then
  python=$(command -v python3.11 || command -v python3)
  "$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' ||
    { echo "setup: Python 3.11 is needed (Debian 12's): $("$python" --version)" >&2; exit 1; }
  echo "setup: Python packages into .venv"
  [ -x .venv/bin/python ] || "$python" -m venv .venv
  log=$(mktemp)
  { .venv/bin/pip install --disable-pip-version-check -r packages/requirements.txt &&
    .venv/bin/pip install --disable-pip-version-check --no-deps -r packages/requirements-nodeps.txt; } >"$log" 2>&1 ||
    { tail -n 20 "$log" >&2; echo "setup: pip failed (see above)" >&2; exit 1; }
  rm -f "$log"
  echo "$wanted" >.venv/.requirements
fi
