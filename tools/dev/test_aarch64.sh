#!/bin/bash
# Cross-builds the preprocessing tests for arm64 and runs them under qemu: on a Cortex-A57 and on
# qemu's largest CPU. Needs the apt packages of the group arm64; libhwy for arm64 is downloaded into
# the build folder, without touching the system's apt.
#
#   tools/dev/test_aarch64.sh [BUILD_FOLDER]        (default build/aarch64)
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${1:-build/aarch64}

for program in aarch64-linux-gnu-g++ qemu-aarch64-static; do
  if ! command -v "$program" > /dev/null; then
    echo "[SKIP] $program is not installed: apt-get install g++-aarch64-linux-gnu qemu-user-static"
    exit 0
  fi
done

mkdir -p "$build"/{objects,include}
build=$(realpath "$build")

# Headers that do not depend on the architecture, apart from the host's other ones.
ln -sfn /usr/include/hwy "$build/include/hwy"
ln -sfn /usr/include/fmt "$build/include/fmt"

hwy_library=$build/libhwy/usr/lib/aarch64-linux-gnu
if [ ! -e "$hwy_library/libhwy.so.1" ]; then
  apt_folder=$build/apt
  mkdir -p "$apt_folder"/{lists/partial,cache/archives/partial}
  touch "$apt_folder/status"
  apt_options=(-q -o "Dir::State=$apt_folder" -o "Dir::State::status=$apt_folder/status" -o "Dir::Cache=$apt_folder/cache"
    -o APT::Architecture=arm64 -o "APT::Architectures::=arm64" -o APT::Sandbox::User=root)
  apt-get "${apt_options[@]}" update > /dev/null
  (cd "$apt_folder" && apt-get "${apt_options[@]}" download libhwy1 > /dev/null)
  dpkg-deb -x "$apt_folder"/libhwy1_*.deb "$build/libhwy"
  rm -r "$apt_folder"
fi

flags=(-std=c++20 -O2 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Werror -ffp-contract=off
  -DFMT_HEADER_ONLY -DHWY_SHARED_DEFINE -Isrc -isystem "$build/include")
gtest=/usr/src/googletest
gtest_flags=(-std=c++20 -O1 -I$gtest/googletest -I$gtest/googletest/include -I$gtest/googlemock
  -I$gtest/googlemock/include)
base_sources=(src/smol/base/{aligned_buffer,error,orient,tensor}.cpp)

# Object of a source, compiled again if the source or any header of ours is newer.
object_of() { echo "$build/objects/$(echo "$1" | tr '/' '_').o"; }
newest_header=$(find src/smol/base src/smol/preproc tests -name '*.h' -printf '%T@ %p\n' | sort -n | tail -1 | cut -d' ' -f2)
compile() {
  local source=$1 object
  shift
  object=$(object_of "$source")
  if [ ! -e "$object" ] || [ "$source" -nt "$object" ] || [ "$newest_header" -nt "$object" ]; then
    echo "compile $source"
    aarch64-linux-gnu-g++ "$@" -c "$source" -o "$object"
  fi
}

tests=(tests/unit/preproc_{coefficients,graph,placement}_test.cpp tests/equivalence/preproc_{fused,region}_test.cpp
  tests/equivalence/preproc_twin.cpp tests/error/preproc_misuse_test.cpp)
test_flags=("${flags[@]}" -I$gtest/googletest/include -I$gtest/googlemock/include)
objects=()
for source in "${base_sources[@]}" src/smol/preproc/*.cpp; do
  compile "$source" "${flags[@]}"
  objects+=("$(object_of "$source")")
done
for source in "${tests[@]}"; do
  compile "$source" "${test_flags[@]}"
  objects+=("$(object_of "$source")")
done
for source in $gtest/googletest/src/gtest-all.cc $gtest/googlemock/src/{gmock-all,gmock_main}.cc; do
  compile "$source" "${gtest_flags[@]}"
  objects+=("$(object_of "$source")")
done
aarch64-linux-gnu-g++ "${objects[@]}" "$hwy_library/libhwy.so.1" -o "$build/preproc_tests"

for cpu in cortex-a57 max; do
  echo "--- qemu -cpu $cpu"
  qemu-aarch64-static -cpu "$cpu" -L /usr/aarch64-linux-gnu \
    -E "LD_LIBRARY_PATH=$hwy_library:/usr/aarch64-linux-gnu/lib" "$build/preproc_tests" --gtest_brief=1
done
