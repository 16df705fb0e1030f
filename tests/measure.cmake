smol_test(unit measure_unit_tests
  SOURCES unit/measure_contention_test.cpp unit/measure_evaluation_test.cpp unit/measure_label_table_test.cpp unit/measure_outcomes_test.cpp
  LINKS smol_measure rapidcheck rapidcheck_gtest)
smol_test(error measure_error_tests
  SOURCES error/measure_prediction_cache_test.cpp
  LINKS smol_measure)
foreach(name measure_unit_tests measure_error_tests)
  target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/support)
endforeach()
