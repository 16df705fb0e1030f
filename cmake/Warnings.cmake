# Warnings are errors in our own code. -ffp-contract=off: a fused multiply-add would make results depend on the CPU.
add_library(smol_options INTERFACE)
target_compile_options(smol_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
                                              -Werror
                                              -Wno-restrict  # false alarms of g++ 12 on std::string (GCC PR 105651)
                                              -ffp-contract=off)
target_include_directories(smol_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
