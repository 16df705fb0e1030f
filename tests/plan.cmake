smol_test(unit plan_unit_tests
  SOURCES unit/plan_cost_model_test.cpp unit/plan_planner_test.cpp unit/plan_profile_test.cpp unit/plan_statistics_test.cpp
  LINKS smol_plan rapidcheck rapidcheck_gtest)
smol_test(equivalence plan_equivalence_tests
  SOURCES equivalence/plan_planner_test.cpp
  LINKS smol_plan)
smol_test(stat plan_stat_tests
  SOURCES stat/plan_coverage_test.cpp
  LINKS smol_plan)
foreach(name plan_unit_tests plan_equivalence_tests plan_stat_tests)
  target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/support)
endforeach()
