add_library(media_test_data STATIC data/make_exif.cpp data/make_jpeg.cpp data/make_picture.cpp data/make_png.cpp)
target_include_directories(media_test_data PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}/data)
target_link_libraries(media_test_data PUBLIC smol_base PRIVATE smol_options PkgConfig::jpeg PNG::PNG)

smol_test(unit media_unit_tests
  SOURCES unit/media_exif_test.cpp unit/media_file_reader_test.cpp unit/media_jpeg_huffman_test.cpp
          unit/media_format_test.cpp unit/media_inspect_test.cpp
  LINKS smol_media media_test_data)
smol_test(equivalence media_equivalence_tests
  SOURCES equivalence/media_jpeg_test.cpp equivalence/media_jpeg_region_test.cpp equivalence/media_orient_test.cpp
          equivalence/media_png_test.cpp
  LINKS smol_media media_test_data)
smol_test(error media_error_tests
  SOURCES error/media_jpeg_damage_test.cpp error/media_png_damage_test.cpp error/media_read_to_end_test.cpp
  LINKS smol_media media_test_data)
# A binary of its own: it replaces operator new.
smol_test(unit media_allocation_tests SOURCES unit/media_allocation_test.cpp LINKS smol_media media_test_data)

pkg_check_modules(vpx REQUIRED IMPORTED_TARGET vpx)
add_executable(read_frames tools/read_frames.cpp)
target_link_libraries(read_frames PRIVATE smol_options smol_media PkgConfig::vpx)
add_executable(index_memory tools/index_memory.cpp)
target_link_libraries(index_memory PRIVATE smol_options smol_media)
smol_test(equivalence media_jpeg_ways_tests
  SOURCES equivalence/media_jpeg_modes_test.cpp equivalence/media_jpeg_thumbnail_test.cpp
          equivalence/media_jpeg_scans_test.cpp equivalence/media_jpeg_eighth_test.cpp
          error/media_jpeg_ways_damage_test.cpp
  LINKS smol_media media_test_data)
smol_test(equivalence media_png_passes_tests
  SOURCES equivalence/media_png_passes_test.cpp
  LINKS smol_media media_test_data)
add_executable(decode_raw tools/decode_raw.cpp)
target_link_libraries(decode_raw PRIVATE smol_options smol_media)

add_library(media_webp_test_data STATIC data/make_webp.cpp)
target_link_libraries(media_webp_test_data PUBLIC media_test_data PkgConfig::webp PRIVATE smol_options)
smol_test(equivalence media_webp_tests
  SOURCES equivalence/media_webp_test.cpp
  LINKS smol_media media_webp_test_data)
smol_test(error media_webp_error_tests
  SOURCES error/media_webp_damage_test.cpp
  LINKS smol_media media_webp_test_data)
smol_test(equivalence media_png_fast_tests
  SOURCES equivalence/media_png_fast_test.cpp
  LINKS smol_media media_test_data PNG::PNG)
smol_test(error media_simple_formats_error_tests
  SOURCES error/media_simple_formats_damage_test.cpp
  LINKS smol_media media_test_data)
add_library(media_heif_test_data STATIC data/make_heif.cpp)
target_link_libraries(media_heif_test_data PUBLIC media_test_data smol_media PkgConfig::heif PRIVATE smol_options)
smol_test(equivalence media_heif_tests
  SOURCES equivalence/media_heif_test.cpp
  LINKS smol_media media_heif_test_data)

add_library(media_tiff_test_data STATIC data/make_tiff.cpp)
target_link_libraries(media_tiff_test_data PUBLIC media_test_data PkgConfig::tiff PRIVATE smol_options)
smol_test(equivalence media_tiff_tests
  SOURCES equivalence/media_tiff_test.cpp
  LINKS smol_media media_tiff_test_data)
smol_test(error media_tiff_error_tests
  SOURCES error/media_tiff_damage_test.cpp
  LINKS smol_media media_tiff_test_data)

add_library(media_jpeg2000_test_data STATIC data/make_jpeg2000.cpp)
target_link_libraries(media_jpeg2000_test_data PUBLIC media_test_data PkgConfig::openjp2 PRIVATE smol_options)
smol_test(equivalence media_jpeg2000_tests
  SOURCES equivalence/media_jpeg2000_test.cpp
  LINKS smol_media media_jpeg2000_test_data)
smol_test(error media_jpeg2000_error_tests
  SOURCES error/media_jpeg2000_damage_test.cpp
  LINKS smol_media media_jpeg2000_test_data)

add_library(media_jxl_test_data STATIC data/make_jxl.cpp)
target_link_libraries(media_jxl_test_data PUBLIC media_test_data PkgConfig::jxl PRIVATE smol_options)
smol_test(equivalence media_jxl_tests
  SOURCES equivalence/media_jxl_test.cpp
  LINKS smol_media media_jxl_test_data)
smol_test(error media_jxl_error_tests
  SOURCES error/media_jxl_damage_test.cpp
  LINKS smol_media media_jxl_test_data)
smol_test(unit media_video_unit_tests
  SOURCES unit/media_frame_rule_test.cpp
          unit/media_vp9_headers_test.cpp
  LINKS smol_media)
smol_test(equivalence media_video_tests
  SOURCES equivalence/media_yuv_test.cpp
  LINKS smol_media)
