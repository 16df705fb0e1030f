#include "smol/base/cpu_budget.h"

#include <gtest/gtest.h>

namespace smol {
namespace {

TEST(CpuBudget, ReadsCgroupQuotas) {
  EXPECT_DOUBLE_EQ(parse_cpu_max("150000 100000\n"), 1.5);
  EXPECT_DOUBLE_EQ(parse_cpu_max("max 100000\n"), 0);
  EXPECT_DOUBLE_EQ(parse_cpu_max("-1 100000"), 0);  // cgroup v1: no quota
  EXPECT_DOUBLE_EQ(parse_cpu_max(""), 0);
  EXPECT_DOUBLE_EQ(parse_cpu_max("100000 0"), 0);
}

TEST(CpuBudget, IsAtLeastOneCoreAndSaysWhy) {
  const CpuBudget budget = cpu_budget();
  EXPECT_GE(budget.cores, 1);
  EXPECT_LE(budget.cores, budget.online);
  EXPECT_FALSE(budget.reason.empty());
}

}  // namespace
}  // namespace smol
