smol_test(unit plan_unit_tests
  SOURCES unit/plan_cost_model_test.cpp unit/plan_profile_test.cpp
  LINKS smol_plan rapidcheck rapidcheck_gtest)
