#!/usr/bin/env bash
# Photographs from Debian's wallpaper and camera-sample packages, unpacked into var/photos (not installed). Once.
set -euo pipefail
cd "$(dirname "$0")/../.."
packages=(plasma-workspace-wallpapers mate-backgrounds lomiri-wallpapers-16.04 forensics-samples-files)
stamp=var/.photos-complete
[ -e "$stamp" ] && exit 0
echo "photos: fetching ${packages[*]}"
as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi
rm -rf var/photos var/unpacked var/packages
mkdir -p var/packages var/unpacked
fetch() { (cd var/packages && apt-get download "${packages[@]}"); }
{ fetch || { "${as_root[@]}" apt-get update && fetch; }; } >var/packages/log 2>&1 ||
  { cat var/packages/log >&2; echo "photos: cannot fetch the packages: check apt's sources" >&2; exit 1; }
for package in "${packages[@]}"; do
  dpkg-deb -x var/packages/"${package}"_*.deb "var/unpacked/$package"
done
# One copy of each picture: the packages hold many links, and sizes of one picture, under several names.
python3 - <<'PYTHON'
import hashlib, pathlib, shutil
seen = set()
photos = pathlib.Path("var/photos")
for package in sorted(pathlib.Path("var/unpacked").iterdir()):
    kind = "camera" if "forensics" in package.name else "wallpapers"
    for path in sorted(package.rglob("*")):
        if path.suffix.lower() not in {".jpg", ".jpeg", ".png"} or path.is_symlink() or not path.is_file():
            continue
        digest = hashlib.sha256(path.read_bytes()).digest()
        if digest in seen or path.stat().st_size < 100_000:  # small ones are icons, screenshots and previews
            continue
        seen.add(digest)
        theme = next((part for part in path.parts[::-1] if part not in {"contents", "images", path.name}), "")
        target = photos / kind / f"{theme}-{path.name}".replace(" ", "_")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
PYTHON
rm -rf var/unpacked
touch "$stamp"
echo "photos: $(find var/photos -type f ! -name '.*' | wc -l) in var/photos"
