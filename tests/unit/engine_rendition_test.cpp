// What inspect proposes as renditions, and how the file that names them grows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "smol/base/error.h"
#include "smol/engine/render.h"
#include "smol/engine/rendition_proposal.h"

namespace smol {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> proposed(const RenditionGuess& guess) {
  std::vector<std::string> texts;
  for (const ProposedRendition& entry : guess.propose().renditions) {
    texts.push_back(dataset_file_line(entry.rendition) + " " + std::to_string(entry.files));
  }
  return texts;
}

std::string id(int i) { return "sub/" + std::to_string(i); }

TEST(RenditionGuess, FindsTheSameIdsInOtherFolders) {
  RenditionGuess guess;
  for (int i = 0; i < 20; ++i) {
    const Size full{1200, 1600 + 100 * i};
    guess.add("full/" + id(i) + ".jpg", full, i < 3);
    if (i % 2 == 0) guess.add("thumb 161/" + id(i) + ".png", {161, full.width * 161 / 1200}, false);
    guess.add("other/" + std::to_string(i + 100) + ".jpg", full, false);
  }
  EXPECT_THAT(proposed(guess), ElementsAre("full = \"full/{id}.jpg\" 20", "thumb-161 = \"thumb 161/{id}.png\" 10"));
  const RenditionProposal proposal = guess.propose();
  EXPECT_EQ(proposal.items, 20u);
  EXPECT_EQ(proposal.exif_thumbnails, 3u);
  EXPECT_EQ(proposal.renditions[1].smallest_short_side, 161);
  EXPECT_EQ(proposal.renditions[0].largest_short_side, 1200);
}

TEST(RenditionGuess, FindsSiblingsOfAnotherExtensionAndFoldersBesideTheFiles) {
  RenditionGuess guess;
  for (int i = 0; i < 4; ++i) {
    guess.add(std::to_string(i) + ".jpg", {300, 400}, false);
    guess.add(std::to_string(i) + ".png", {150, 200}, false);
    guess.add("a\"b/" + std::to_string(i) + ".jpg", {75, 100}, false);
  }
  EXPECT_THAT(proposed(guess),
              ElementsAre("full-jpg = \"{id}.jpg\" 4", "full-png = \"{id}.png\" 4", "a-b = \"a\\\"b/{id}.jpg\" 4"));
}

TEST(RenditionGuess, NamesNoTwoAlike) {
  RenditionGuess guess;
  int side = 4096;
  for (const char* file :
       {"a b/1.jpg", "a-b/1.jpg", "a-b/1.png", "a-b-jpg/1.jpg", "1.jpg", "full/1.jpg", "full-2/1.jpg", "a?b/1.jpg"}) {
    guess.add(file, {side, side}, false);
    side /= 2;
  }
  std::vector<std::string> names;
  for (const ProposedRendition& entry : guess.propose().renditions) names.push_back(entry.rendition.name);
  EXPECT_THAT(names, ElementsAre("a-b-jpg", "a-b-jpg-2", "a-b-png", "a-b-jpg-3", "full-jpg", "full-jpg-2", "full-2",
                                 "a-b-jpg-4"));
}

TEST(RenditionGuess, LeavesFoldersOfOtherPicturesAlone) {
  RenditionGuess other_ids;
  RenditionGuess other_shapes;
  for (int i = 0; i < 20; ++i) {
    other_ids.add("a/" + id(i) + ".jpg", {300, 400}, false);
    other_ids.add("b/" + id(i < 9 ? i : i + 100) + ".jpg", {150, 200}, false);  // 9 of 20 are the same
    other_shapes.add("a/" + id(i) + ".jpg", {300, 400}, false);
    other_shapes.add("b/" + id(i) + ".jpg", i < 17 ? Size{150, 200} : Size{200, 150}, false);  // 17 of 20
  }
  EXPECT_THAT(proposed(other_ids), IsEmpty());
  EXPECT_THAT(proposed(other_shapes), IsEmpty());
  EXPECT_THAT(proposed(RenditionGuess{}), IsEmpty());
}

TEST(RenditionGuess, SkipsNamesThatNoPatternCanHold) {
  RenditionGuess guess;
  for (const char* top : {"\xFF/", "{id}/", "new\nline/", "full/"})
    guess.add(std::string(top) + "a.jpg", {3, 4}, false);
  EXPECT_THAT(proposed(guess), IsEmpty());
}

TEST(RenderTargets, AreReadAsTheyAreWritten) {
  for (const char* text : {"t:short=161,format=png", "t:format=png", "t:short=161,format=jpeg,q=75",
                           "t:short=9,format=jpeg,q=95,filter=bicubic"}) {
    EXPECT_EQ(to_string(parse_render_target(text)), text);
  }
  EXPECT_EQ(to_string(parse_render_target("t:format=jpeg")), "t:format=jpeg,q=95");
  EXPECT_EQ(rendition_of(parse_render_target("t:format=jpeg")).pattern(), "t/{id}.jpg");
  for (const char* text :
       {"", "t", "t:", "t:png", "t:format=png,", ":format=png", "t:format=png,short=", "t:short=1e3",
        "t:short=99999999999,format=png", "t:format=png,x=1", "t/u:format=png", "..:format=png"}) {
    if (std::string_view(text) == "t:format=png,") {
      EXPECT_NO_THROW(parse_render_target(text));  // a comma at the end says nothing
    } else {
      EXPECT_THROW(parse_render_target(text), Error) << text;
    }
  }
}

TEST(DatasetFile, GrowsInPlace) {
  const std::vector<Rendition> full = {{"full", "full/", ".jpg"}};
  const std::vector<Rendition> more = {{"full", "full/", ".jpg"}, {"v.1", "v \"1\"/", ".png"}};
  const std::string line = "\"v.1\" = \"v \\\"1\\\"/{id}.png\"\n";
  EXPECT_EQ(extended_dataset_file("", "f", full), "[renditions]\nfull = \"full/{id}.jpg\"\n");
  const std::string made = extended_dataset_file("", "f", more);
  EXPECT_EQ(made, "[renditions]\nfull = \"full/{id}.jpg\"\n" + line);
  EXPECT_EQ(extended_dataset_file(made, "f", more), made);
  const std::string text = "labels = 'l'\n[renditions]\nfull = 'full/{id}.jpg'";
  EXPECT_EQ(extended_dataset_file(text, "f", more), text + "\n" + line);
  EXPECT_EQ(extended_dataset_file("renditions.full = 'full/{id}.jpg'\nlabels = 'l'", "f", full),
            "renditions.full = 'full/{id}.jpg'\nlabels = 'l'");
  for (const char* unfit : {"renditions = {full = 'full/{id}.jpg'}", "renditions.full = 'full/{id}.jpg'\n"}) {
    EXPECT_THROW(extended_dataset_file(unfit, "f", more), Error) << unfit;
  }
  EXPECT_THROW(extended_dataset_file("[renditions]\nfull = 'other/{id}.jpg'", "f", full), Error);
}

}  // namespace
}  // namespace smol
