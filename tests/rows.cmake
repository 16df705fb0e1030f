# Rows, inputs and run directory: the parts of the engine around its pipeline.
add_library(rows_test_support STATIC support/faulty_file_system.cpp)
target_include_directories(rows_test_support PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}/support)
target_link_libraries(rows_test_support PUBLIC smol_base PRIVATE smol_options)

smol_test(unit rows_unit_tests
  SOURCES unit/base_hash_test.cpp unit/engine_encoder_test.cpp unit/engine_glob_test.cpp
          unit/engine_input_list_test.cpp unit/engine_run_directory_test.cpp unit/engine_utf8_test.cpp
  LINKS smol_engine rows_test_support)
# A binary of its own: it replaces operator new.
smol_test(unit rows_allocation_tests
  SOURCES unit/engine_allocation_test.cpp
  LINKS smol_engine rows_test_support)
smol_test(equivalence rows_equivalence_tests
  SOURCES equivalence/engine_glob_test.cpp
  LINKS smol_engine)
smol_test(error rows_error_tests
  SOURCES error/engine_input_test.cpp error/engine_run_directory_test.cpp error/media_mp4_writer_test.cpp
          error/run_directory_fault_test.cpp
  LINKS smol_engine rows_test_support)

add_executable(encode_rows tools/encode_rows.cpp)
target_link_libraries(encode_rows PRIVATE smol_options smol_engine)

smol_test(unit dataset_unit_tests
  SOURCES unit/engine_dataset_test.cpp unit/engine_rendered_folder_test.cpp unit/engine_rendition_test.cpp
  LINKS smol_engine rows_test_support)
smol_test(equivalence encoder_equivalence_tests
  SOURCES equivalence/media_encoder_test.cpp
  LINKS smol_media)
