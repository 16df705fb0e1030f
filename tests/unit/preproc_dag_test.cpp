#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "smol/preproc/graph_dag.h"

namespace smol {
namespace {

std::array<NamedGraph, 3> three_models() {
  return {NamedGraph{"a", preset_graph("imagenet", {224, 224})}, NamedGraph{"b", preset_graph("tf", {224, 224})},
          NamedGraph{"c", preset_graph("imagenet", {64, 64})}};
}

TEST(PreprocDag, SharesCommonPrefixesOnly) {
  const auto chains = three_models();
  const PreprocDag dag = make_dag(chains);
  EXPECT_EQ(dag.nodes.size(), 5u + 2 + 5);  // b shares resize, crop and convert with a
  for (size_t i = 0; i < chains.size(); ++i) EXPECT_EQ(chain_to(dag, i), chains[i].graph);
}

TEST(PreprocDag, PrintsATree) {
  const std::array<NamedGraph, 2> chains = {NamedGraph{"u8", {{CenterCropOp{{8, 8}}}}},
                                            NamedGraph{"f32", {{CenterCropOp{{8, 8}}, ConvertOp{}}}}};
  EXPECT_EQ(to_text(make_dag(chains)), "decode\n  center_crop 8x8  -> u8\n    convert f32  -> f32\n");
}

TEST(PreprocDag, DrawsEveryOperationAndEscapesNames) {
  const std::array<NamedGraph, 1> chains = {NamedGraph{"<a&b>", {{CenterCropOp{{8, 8}}}}}};
  const std::string svg = to_svg(make_dag(chains));
  EXPECT_THAT(svg, testing::StartsWith("<svg "));
  EXPECT_THAT(svg, testing::HasSubstr("center_crop 8x8"));
  EXPECT_THAT(svg, testing::HasSubstr("&lt;a&amp;b&gt;"));
}

}  // namespace
}  // namespace smol
