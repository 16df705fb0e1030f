smol_test(unit engine_unit_tests
  SOURCES unit/batch_ring_test.cpp
  LINKS smol_engine)
