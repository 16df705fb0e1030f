#!/usr/bin/env bash
# The test images inside Debian's source packages of pillow, libheif, vips and openjpeg2, into var/corpora. Once.
# Uses a private apt state with deb-src lines: the machine's own apt settings stay as they are.
set -euo pipefail
cd "$(dirname "$0")/../.."
packages=(pillow libheif vips openjpeg2)
stamp=var/.corpora-complete
[ -e "$stamp" ] && exit 0
echo "corpora: fetching the sources of ${packages[*]}"
rm -rf var/corpora var/corpora-sources
work=$PWD/var/corpora-sources
mkdir -p "$work"/{lists/partial,cache/archives/partial,parts,unpacked} var/corpora
for list in /etc/apt/sources.list.d/*.sources; do
  [ -e "$list" ] && sed 's/^Types:.*/Types: deb-src/' "$list" >"$work/parts/$(basename "$list")"
done
grep -hsE '^deb ' /etc/apt/sources.list /etc/apt/sources.list.d/*.list | sed 's/^deb /deb-src /' >"$work/parts/lines.list" || true
cat >"$work/apt.conf" <<CONF
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$work/parts";
Dir::State::lists "$work/lists";
Dir::Cache "$work/cache";
APT::Sandbox::User "$(id -un)";
CONF
fetch() {
  export APT_CONFIG="$work/apt.conf"
  apt-get update && cd "$work" && for package in "${packages[@]}"; do apt-get source --download-only "$package"; done
}
(fetch) >"$work/log" 2>&1 || { cat "$work/log" >&2; echo "corpora: cannot fetch the sources: check apt's sources" >&2; exit 1; }
for package in "${packages[@]}"; do
  mkdir -p "$work/unpacked/$package"
  for archive in "$work/$package"_*.orig*.tar.*; do
    case $archive in *.asc) ;; *) tar -xf "$archive" -C "$work/unpacked/$package" ;; esac
  done
done
# By name, and flat: one folder a package, each content once.
python3 - <<'PYTHON'
import hashlib, pathlib, shutil
KINDS = set("jpg jpeg jpe jfif png apng webp heic heif hif avif jp2 j2k jpx j2c jxl tif tiff gif bmp dib ppm pgm pbm pnm pam".split())
source = pathlib.Path("var/corpora-sources/unpacked")
for package in sorted(source.iterdir()):
    seen = set()
    for path in sorted(package.rglob("*")):
        fuzzed = "corpus" in str(path.parent) or "crash" in path.name or "fuzz" in path.name
        is_image = path.suffix.lower().lstrip(".") in KINDS or (fuzzed and path.suffix.lower() not in {".cc", ".cpp", ".c", ".py", ".sh", ".txt"})
        if path.is_symlink() or not path.is_file() or not is_image:
            continue
        digest = hashlib.sha256(path.read_bytes()).digest()
        if digest in seen:
            continue
        seen.add(digest)
        target = pathlib.Path("var/corpora") / package.name / "_".join(path.relative_to(package).parts[-2:])
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
PYTHON
rm -rf var/corpora-sources
touch "$stamp"
echo "corpora: $(find var/corpora -type f | wc -l) files in var/corpora"
