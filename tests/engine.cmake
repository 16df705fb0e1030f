add_library(engine_test_support STATIC support/faulty_file_system.cpp)
target_include_directories(engine_test_support PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}/support)
target_link_libraries(engine_test_support PUBLIC smol_base PRIVATE smol_options)

smol_test(error engine_error_tests
  SOURCES error/run_directory_fault_test.cpp
  LINKS smol_engine engine_test_support)
