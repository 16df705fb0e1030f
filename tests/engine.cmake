add_library(engine_test_support INTERFACE)
target_include_directories(engine_test_support INTERFACE ${CMAKE_CURRENT_SOURCE_DIR}/support)
target_link_libraries(engine_test_support INTERFACE media_test_data smol_engine)

smol_test(unit engine_unit_tests
  SOURCES unit/batch_ring_test.cpp unit/cpu_budget_test.cpp unit/pipeline_test.cpp unit/run_report_test.cpp
  LINKS engine_test_support)
smol_test(unit engine_allocation_tests
  SOURCES unit/producer_allocation_test.cpp
  LINKS engine_test_support)
