#!/usr/bin/env bash
# ONNX Runtime's C++ headers and Linux library into .venv/onnxruntime, from the npm package that carries both.
# Says nothing and takes a moment when it is there. `--missing` only answers whether it is missing.
set -euo pipefail
cd "$(dirname "$0")/../.."

package=com.github.asus4.onnxruntime
version=0.4.9  # of ONNX Runtime 1.29.0
checksum=e59788788818fdde1b2e522e766a21ba0f7d8391de55737abf81e32cc801785d
target=.venv/onnxruntime

there() { [ "$(cat $target/.package 2>/dev/null)" = "$checksum" ]; }
if [ "${1:-}" = --missing ]; then ! there; exit; fi
if there; then exit 0; fi

echo "setup: ONNX Runtime into $target"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm pack --silent "$package@$version" >pack.log 2>&1) ||
  { tail -n 20 "$work/pack.log" >&2; echo "setup: npm pack $package@$version failed (see above)" >&2; exit 1; }
archive="$work/$package-$version.tgz"
echo "$checksum  $archive" | sha256sum --check --quiet ||
  { echo "setup: $package-$version.tgz is not the pinned file; nothing was unpacked" >&2; exit 1; }
headers='package/Plugins/iOS~/onnxruntime.xcframework/ios-arm64/onnxruntime.framework/Headers'  # the same for every system
tar xzf "$archive" --no-same-owner -C "$work" "$headers" package/Plugins/Linux/x64/libonnxruntime.so package/LICENSE
rm -rf $target.new $target
mkdir -p $target.new/lib
mv "$work/$headers" $target.new/include
mv "$work/package/LICENSE" $target.new/LICENSE
# The loader looks for the soname; nothing needs another name.
mv "$work/package/Plugins/Linux/x64/libonnxruntime.so" $target.new/lib/libonnxruntime.so.1
echo "$checksum" >$target.new/.package
mv $target.new $target
