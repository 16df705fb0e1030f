#!/usr/bin/env bash
# Cut-out pictures of animals, fruits and things from Debian's tuxpaint-stamps-default into var/stamps (not installed):
# those that tools/data/stamp_labels.csv gives ImageNet classes. Once.
set -euo pipefail
cd "$(dirname "$0")/../.."
package=tuxpaint-stamps-default
stamp=var/.stamps-complete
[ -e "$stamp" ] && exit 0
echo "stamps: fetching $package (160 MB)"
as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi
rm -rf var/stamps var/unpacked-stamps
mkdir -p var/unpacked-stamps/packages var/stamps
fetch() { (cd var/unpacked-stamps/packages && apt-get download "$package"); }
{ fetch || { "${as_root[@]}" apt-get update && fetch; }; } >var/unpacked-stamps/log 2>&1 ||
  { cat var/unpacked-stamps/log >&2; echo "stamps: cannot fetch the package: check apt's sources" >&2; exit 1; }
dpkg-deb -x var/unpacked-stamps/packages/"$package"_*.deb var/unpacked-stamps
tail -n +2 tools/data/stamp_labels.csv | cut -d, -f1 | while read -r path; do
  mkdir -p "var/stamps/$(dirname "$path")"
  cp "var/unpacked-stamps/usr/share/tuxpaint/stamps/$path" "var/stamps/$path"
done
rm -rf var/unpacked-stamps
touch "$stamp"
echo "stamps: $(find var/stamps -name '*.png' | wc -l) in var/stamps"
