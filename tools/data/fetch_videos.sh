#!/usr/bin/env bash
# Real clips from Debian's opencv-doc (a street scene) and forensics-samples-files (phone videos), unpacked into var/videos
# (not installed). Once.
set -euo pipefail
cd "$(dirname "$0")/../.."
packages=(opencv-doc forensics-samples-files)
stamp=var/.videos-complete
[ -e "$stamp" ] && exit 0
echo "videos: fetching ${packages[*]}"
as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi
rm -rf var/videos var/unpacked-videos
mkdir -p var/unpacked-videos/packages var/videos
fetch() { (cd var/unpacked-videos/packages && apt-get download "${packages[@]}"); }
{ fetch || { "${as_root[@]}" apt-get update && fetch; }; } >var/unpacked-videos/log 2>&1 ||
  { cat var/unpacked-videos/log >&2; echo "videos: cannot fetch the packages: check apt's sources" >&2; exit 1; }
for package in var/unpacked-videos/packages/*.deb; do dpkg-deb -x "$package" var/unpacked-videos; done
find var/unpacked-videos -type f \( -name vtest.avi -o -name 'movie-hello.mp4' -o -name 'VID_*.mp4' \) -exec cp {} var/videos/ \;
rm -rf var/unpacked-videos
touch "$stamp"
echo "videos: $(find var/videos -type f | wc -l) in var/videos"
