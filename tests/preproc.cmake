add_executable(preprocess_raw tools/preprocess_raw.cpp)
target_link_libraries(preprocess_raw PRIVATE smol_options smol_preproc)

smol_test(unit preproc_unit_tests
  SOURCES unit/base_half_test.cpp unit/preproc_coefficients_test.cpp unit/preproc_cut_test.cpp unit/preproc_graph_test.cpp unit/preproc_placement_test.cpp
  LINKS smol_preproc)
smol_test(unit preproc_allocation_tests
  SOURCES unit/preproc_allocation_test.cpp
  LINKS smol_preproc)
smol_test(error preproc_error_tests
  SOURCES error/preproc_misuse_test.cpp
  LINKS smol_preproc)
smol_test(equivalence preproc_equivalence_tests
  SOURCES equivalence/preproc_fused_test.cpp equivalence/preproc_region_test.cpp equivalence/preproc_pass_test.cpp
          equivalence/preproc_twin.cpp equivalence/preproc_wide_test.cpp
  LINKS smol_preproc PkgConfig::hwy)

smol_test(unit preproc_optimiser_unit_tests
  SOURCES unit/preproc_dag_test.cpp unit/preproc_optimiser_test.cpp
  LINKS smol_preproc)
smol_test(equivalence preproc_optimiser_tests
  SOURCES equivalence/preproc_optimiser_test.cpp equivalence/preproc_shared_test.cpp
  LINKS smol_preproc rapidcheck rapidcheck_gtest)
