add_library(media_test_data STATIC data/make_jpeg.cpp data/make_picture.cpp data/make_png.cpp)
target_include_directories(media_test_data PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}/data)
target_link_libraries(media_test_data PUBLIC smol_base PRIVATE smol_options PkgConfig::jpeg PNG::PNG)

smol_test(equivalence media_equivalence_tests
  SOURCES equivalence/media_jpeg_test.cpp equivalence/media_jpeg_region_test.cpp equivalence/media_orient_test.cpp
          equivalence/media_png_test.cpp
  LINKS smol_media media_test_data)
