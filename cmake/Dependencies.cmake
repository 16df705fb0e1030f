# Third-party libraries: from Debian's packages, and from the wheels in the project's Python environment (.venv).
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(jpeg REQUIRED IMPORTED_TARGET libjpeg)
find_package(PNG REQUIRED)
pkg_check_modules(isal REQUIRED IMPORTED_TARGET libisal)
pkg_check_modules(webp REQUIRED IMPORTED_TARGET libwebp)
pkg_check_modules(dav1d REQUIRED IMPORTED_TARGET dav1d)
pkg_check_modules(heif REQUIRED IMPORTED_TARGET libheif)
pkg_check_modules(openjp2 REQUIRED IMPORTED_TARGET libopenjp2)
pkg_check_modules(jxl REQUIRED IMPORTED_TARGET libjxl)
pkg_check_modules(tiff REQUIRED IMPORTED_TARGET libtiff-4)
pkg_check_modules(ffmpeg REQUIRED IMPORTED_TARGET libavformat libavcodec libavutil libswscale)
find_package(fmt 9 CONFIG REQUIRED)
find_package(nlohmann_json 3.11 CONFIG REQUIRED)
find_package(CLI11 2.1 CONFIG REQUIRED)
pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus)
pkg_check_modules(hwy REQUIRED IMPORTED_TARGET libhwy)

set(SMOL_PYTHON ${CMAKE_SOURCE_DIR}/.venv/bin/python CACHE FILEPATH "Python of the project's environment")
if(NOT EXISTS ${SMOL_PYTHON})
  message(FATAL_ERROR "${SMOL_PYTHON} is missing: run `make setup` first")
endif()

# OpenVINO ships CMake files in its wheel.
execute_process(COMMAND ${SMOL_PYTHON} -c "import openvino.utils as u; print(u.get_cmake_path())"
                OUTPUT_VARIABLE openvino_cmake OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
find_package(OpenVINO CONFIG REQUIRED COMPONENTS Runtime PATHS ${openvino_cmake} NO_DEFAULT_PATH)

# ONNX Runtime: tools/dev/fetch_onnxruntime.sh puts headers and library there.
set(onnxruntime_root ${CMAKE_SOURCE_DIR}/.venv/onnxruntime)
if(NOT EXISTS ${onnxruntime_root}/lib/libonnxruntime.so.1)
  message(FATAL_ERROR "${onnxruntime_root} is missing: run `make setup` first")
endif()
add_library(onnxruntime::onnxruntime SHARED IMPORTED)
set_target_properties(onnxruntime::onnxruntime PROPERTIES
  IMPORTED_LOCATION ${onnxruntime_root}/lib/libonnxruntime.so.1
  INTERFACE_INCLUDE_DIRECTORIES ${onnxruntime_root}/include)

# Arrow and Parquet: headers and libraries of the pyarrow wheel, which has no CMake package; so the version is exact.
execute_process(COMMAND ${SMOL_PYTHON} -c "import pyarrow; print(pyarrow.get_include()); print(pyarrow.get_library_dirs()[0])"
                OUTPUT_VARIABLE pyarrow_paths OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE "\n" ";" pyarrow_paths "${pyarrow_paths}")
list(GET pyarrow_paths 0 pyarrow_include)
list(GET pyarrow_paths 1 pyarrow_lib)
foreach(library arrow parquet)
  add_library(pyarrow::${library} SHARED IMPORTED)
  set_target_properties(pyarrow::${library} PROPERTIES
    IMPORTED_LOCATION ${pyarrow_lib}/lib${library}.so.2600
    INTERFACE_INCLUDE_DIRECTORIES ${pyarrow_include})
endforeach()

if(SMOL_TESTS)
  find_package(GTest 1.12 CONFIG REQUIRED)
  find_package(rapidcheck CONFIG REQUIRED)
endif()
if(SMOL_BENCH)
  find_package(benchmark 1.7 CONFIG REQUIRED)
endif()
