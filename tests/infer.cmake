set(test_models ${CMAKE_BINARY_DIR}/test-models)
add_custom_command(OUTPUT ${test_models}/broken.onnx
  COMMAND ${SMOL_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/data/make_models.py ${test_models}
  DEPENDS data/make_models.py COMMENT "Making the test models")
add_custom_target(test_models DEPENDS ${test_models}/broken.onnx)

smol_test(unit infer_unit_tests
  SOURCES unit/backend_test.cpp unit/manifest_test.cpp unit/simulated_device_test.cpp unit/top_k_test.cpp
          support/onnxruntime_leaks.cpp
  LINKS smol_infer)
smol_test(equivalence infer_equivalence_tests
  SOURCES equivalence/infer_cut_test.cpp support/onnxruntime_leaks.cpp
  LINKS smol_infer)
target_compile_definitions(infer_equivalence_tests PRIVATE SMOL_TEST_MODELS="${test_models}")
target_include_directories(infer_equivalence_tests PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/support)
add_dependencies(infer_equivalence_tests test_models)
target_include_directories(infer_unit_tests PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/support)
target_compile_definitions(infer_unit_tests PRIVATE SMOL_TEST_MODELS="${test_models}")
add_dependencies(infer_unit_tests test_models)
