# Lower folders never include higher ones; and the check itself is one that can fail.
add_test(NAME include_order COMMAND ${SMOL_PYTHON} ${CMAKE_SOURCE_DIR}/tools/dev/check_includes.py)
add_test(NAME include_order_self_test COMMAND ${SMOL_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/unit/include_order/check_includes_test.py
                                              ${CMAKE_SOURCE_DIR}/tools/dev/check_includes.py)
set_tests_properties(include_order include_order_self_test PROPERTIES LABELS unit TIMEOUT 60)
