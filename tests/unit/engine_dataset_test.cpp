// Which file is which rendition of which item, and that a snapshot of a dataset gives it back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "smol/base/error.h"
#include "smol/engine/dataset.h"
#include "smol/engine/dataset_walk.h"
#include "smol/engine/input_list.h"
#include "temporary_directory.h"

namespace smol {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kTwoRenditions = "[renditions]\nthumb = \"thumb/{id}.png\"\nfull = \"full/{id}.jpg\"\n";

class Datasets : public testing::Test {
 protected:
  Dataset find(DatasetRequest request = {}) const { return *find_dataset(request, folder_.path().string()); }
  std::string refusal(const DatasetRequest& request) const {
    try {
      find_dataset(request, folder_.path().string());
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUsage);
      return error.what();
    }
    return "accepted";
  }
  // "id rendition path" of every item, the path relative to the folder.
  std::vector<std::string> items(const Dataset& dataset, InputOptions options = {}) const {
    options.source = folder_.path().string();
    options.dataset = dataset;
    snapshot_inputs(options, posix_file_system(), out_ / "inputs");
    InputList list(out_ / "inputs");
    std::vector<std::string> texts;
    for (Item item; list.next(item);) {
      texts.push_back(item.id + " " + item.rendition + " " + item.path.substr(dataset.root.size()));
    }
    return texts;
  }

  TemporaryDirectory folder_;
  TemporaryDirectory out_;
};

TEST_F(Datasets, AreFoundByTheirFileOrByFlags) {
  EXPECT_FALSE(find_dataset({}, folder_.path().string()));
  EXPECT_FALSE(find_dataset({}, "-"));
  EXPECT_FALSE(find_dataset({}, "no/such/folder"));
  folder_.write("dataset.toml", kTwoRenditions);
  const Dataset from_file = find();
  EXPECT_EQ(from_file.used_names(), "thumb,full");  // as written, not as sorted
  EXPECT_EQ(from_file.root, folder_.path().string() + "/");
  EXPECT_EQ(find_dataset({}, (folder_ / "dataset.toml").string())->renditions, from_file.renditions);
  EXPECT_EQ(find({.file = {}, .renditions = {}, .use = {"full"}}).used_names(), "full");
  const Dataset from_flags = find({.file = {}, .renditions = {"a=x/{id}"}, .use = {}});
  ASSERT_EQ(from_flags.renditions.size(), 1u);
  EXPECT_EQ(from_flags.renditions[0].pattern(), "x/{id}");
}

TEST_F(Datasets, HoldLabelsRegionsAndFrames) {
  folder_.write("dataset.toml",
                "labels = \"l.txt\"\nregions = \"/r.csv\"\nframes = \"every=30\"\n" + std::string(kTwoRenditions));
  const Dataset dataset = find();
  EXPECT_EQ(dataset.labels, folder_ / "l.txt");
  EXPECT_EQ(dataset.regions, "/r.csv");
  EXPECT_EQ(to_string(dataset.frames.value()), "every=30");
}

TEST_F(Datasets, RefuseWhatTheyDoNotUnderstand) {
  folder_.write("dataset.toml", "[renditions]\nfull = \"full/{id}.jpg\"\nfull = \"b/{id}.jpg\"\n");
  EXPECT_THAT(refusal({}), HasSubstr("line 3"));
  fs::remove(folder_ / "dataset.toml");
  for (const char* pattern :
       {"x", "{id}{id}", "/x/{id}", "a//{id}", "./{id}", "a/../{id}", ".hidden/{id}", "{id}/", ""}) {
    const std::string text = refusal({.file = {}, .renditions = {std::string("n=") + pattern}, .use = {}});
    EXPECT_THAT(text, HasSubstr("--rendition")) << pattern;
    EXPECT_EQ(text.find('\n'), text.npos);
  }
  for (const char* name : {"", "a b", "a,b", "ü"}) {
    EXPECT_THAT(refusal({.file = {}, .renditions = {std::string(name) + "={id}"}, .use = {}}), HasSubstr("name"));
  }
  EXPECT_THAT(refusal({.file = {}, .renditions = {"a=x/{id}", "b=x/{id}"}, .use = {}}), HasSubstr("x/{id}"));
  EXPECT_THROW(find_dataset({.file = {}, .renditions = {"a={id}"}, .use = {}}, "-"), Error);
}

TEST_F(Datasets, GiveAFileToThePatternWithTheMostFixedText) {
  const Dataset dataset = find({.file = {}, .renditions = {"all={id}", "jpg={id}.jpg", "t=t/{id}.jpg"}, .use = {}});
  const auto matched = [&](std::string_view file) {
    const auto found = match_rendition(dataset, file);
    return found ? dataset.renditions[found->rendition].name + " " + std::string(found->id) : "none";
  };
  EXPECT_EQ(matched("a.png"), "all a.png");
  EXPECT_EQ(matched("x/a.jpg"), "jpg x/a");
  EXPECT_EQ(matched("t/a.jpg"), "t a");
  EXPECT_EQ(matched("t/x y/\xFF.jpg"), "t x y/\xFF");
  EXPECT_EQ(matched("t/.jpg"), "jpg t/");  // no id is left for t
  EXPECT_EQ(matched(".jpg"), "all .jpg");
}

TEST_F(Datasets, OverlappingPrefixAndSuffixDoNotMatchTheSameText) {
  const Dataset dataset = find({.file = {}, .renditions = {"a=ab{id}ba"}, .use = {}});
  EXPECT_FALSE(match_rendition(dataset, "aba"));
  EXPECT_FALSE(match_rendition(dataset, "abba"));
  EXPECT_EQ(match_rendition(dataset, "abxba")->id, "x");
}

TEST_F(Datasets, FallBackInTheOrderOfUse) {
  for (const char* file : {"full/a.jpg", "full/b.jpg", "thumb/a.png", "thumb/c.png", "full/d e/\xC3\xBC.jpg",
                           "full/x.png", "full/.hidden.jpg", "other/y.jpg", "thumb/readme"}) {
    folder_.write(file, "x");
  }
  fs::create_symlink("nowhere", folder_ / "thumb/b.png");
  folder_.write("dataset.toml", kTwoRenditions);
  EXPECT_THAT(items(find()), ElementsAre("a thumb thumb/a.png", "b full full/b.jpg", "c thumb thumb/c.png",
                                         "d e/\xC3\xBC full full/d e/\xC3\xBC.jpg"));
  EXPECT_THAT(items(find({.file = {}, .renditions = {}, .use = {"full", "thumb"}})),
              ElementsAre("a full full/a.jpg", "b full full/b.jpg", "c thumb thumb/c.png",
                          "d e/\xC3\xBC full full/d e/\xC3\xBC.jpg"));
  EXPECT_THAT(items(find({.file = {}, .renditions = {}, .use = {"thumb"}})),
              ElementsAre("a thumb thumb/a.png", "b thumb thumb/b.png", "c thumb thumb/c.png",
                          "d e/\xC3\xBC thumb thumb/d e/\xC3\xBC.png"));
  InputOptions options;
  options.exclude = {"d e"};
  options.include = {"[!a]*"};
  EXPECT_THAT(items(find(), options), ElementsAre("b full full/b.jpg", "c thumb thumb/c.png"));
}

TEST_F(Datasets, AnyFileThatAPatternNamesIsAnItem) {
  folder_.write("1080p/v.mp4", "x");
  EXPECT_THAT(items(find({.file = {}, .renditions = {"hd=1080p/{id}.mp4"}, .use = {}})),
              ElementsAre("v hd 1080p/v.mp4"));
  for (const char* file : {"a.jpg", "b.PNG", "notes.txt", "dataset.toml"}) folder_.write(file, "x");
  EXPECT_THAT(
      items(find({.file = folder_.write("one.toml", "renditions.all = \"{id}\""), .renditions = {}, .use = {}})),
      ElementsAre("a.jpg all a.jpg", "b.PNG all b.PNG"));
}

TEST_F(Datasets, HaveAFingerprintOfWhatIsRead) {
  folder_.write("full/a.jpg", "x");
  folder_.write("dataset.toml", kTwoRenditions);
  const auto fingerprint = [&] {
    items(find());
    return InputList(out_ / "inputs").fingerprint();
  };
  const uint64_t from_full = fingerprint();
  EXPECT_EQ(fingerprint(), from_full);
  folder_.write("thumb/a.png", "x");
  EXPECT_NE(fingerprint(), from_full);
}

// Several blocks, read from anywhere: every item has its own rendition.
TEST_F(Datasets, SeekAndReadManyItems) {
  constexpr int kItems = 9000;
  for (int i = 0; i < kItems; ++i) {
    const std::string id = "some-longer-name-" + std::to_string(100000 + i);
    folder_.write((i % 3 == 0 ? "thumb/" : "full/") + id + (i % 3 == 0 ? ".png" : ".jpg"), "");
  }
  folder_.write("dataset.toml", kTwoRenditions);
  const std::vector<std::string> all = items(find());
  ASSERT_EQ(all.size(), size_t{kItems});
  InputList list(out_ / "inputs");
  Item item;
  for (const uint64_t at : {0, 1, 2999, 3000, 7777, kItems - 1}) {
    list.seek(at);
    ASSERT_TRUE(list.next(item));
    EXPECT_EQ(item.rendition, at % 3 == 0 ? "thumb" : "full");
    EXPECT_EQ(item.ordinal, at);
    EXPECT_THAT(all[at], HasSubstr(item.id + " " + item.rendition));
  }
}

TEST_F(Datasets, EveryDamagedByteOfTheirSnapshotIsFound) {
  for (const char* file : {"full/a.jpg", "full/b.jpg", "thumb/a.png"}) folder_.write(file, "x");
  folder_.write("dataset.toml", kTwoRenditions);
  items(find());
  const std::string good = contents(out_ / "inputs");
  const auto read_all = [this](const std::string& bytes) {
    InputList list(out_.write("damaged", bytes));
    Item item;
    while (list.next(item)) continue;
  };
  EXPECT_NO_THROW(read_all(good));
  for (size_t at = 0; at < good.size(); ++at) {
    for (const int flipped : {1, 0x80}) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ flipped);
      EXPECT_THROW(read_all(bad), Error) << "byte " << at;
    }
    EXPECT_THROW(read_all(good.substr(0, at)), Error) << "cut to " << at;
  }
}

}  // namespace
}  // namespace smol
