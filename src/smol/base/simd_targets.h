// Which SIMD targets the kernels are compiled for. Must come before any header of Highway.
//
// x86-64: all, down to plain C++ for CPUs below SSSE3. arm64: NEON, which every CPU has; SVE would gain nothing, as
// the kernels are made of 128-bit blocks, and its vectors cannot be members of a struct.
#pragma once

#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE_256 | HWY_SVE2 | HWY_SVE2_128)
