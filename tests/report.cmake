smol_test(unit report_unit_tests
  SOURCES unit/report_page_test.cpp unit/report_picture_test.cpp
  LINKS smol_report media_test_data nlohmann_json::nlohmann_json rapidcheck rapidcheck_gtest)
target_include_directories(report_unit_tests PRIVATE support)
