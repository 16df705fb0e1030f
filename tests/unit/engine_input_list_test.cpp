// What becomes an item, in which order, and that a snapshot gives it back from anywhere.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "smol/base/descriptor.h"
#include "smol/base/error.h"
#include "smol/engine/input_list.h"
#include "temporary_directory.h"

namespace smol {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using Names = std::vector<std::string>;

constexpr std::string_view kPng = "\x89PNG\r\n\x1a\n rest";

class Inputs : public testing::Test {
 protected:
  InputCounts snapshot(const InputOptions& options) {
    return snapshot_inputs(options, posix_file_system(), out_ / "inputs");
  }
  InputCounts snapshot(const std::string& source) {
    InputOptions options;
    options.source = source;
    return snapshot(options);
  }
  Names ids() const {
    InputList list(out_ / "inputs");
    Names names;
    Item item;
    while (list.next(item)) {
      EXPECT_EQ(item.ordinal, names.size());
      names.push_back(item.id);
    }
    EXPECT_EQ(list.size(), names.size());
    return names;
  }
  Names ids(const InputOptions& options) {
    snapshot(options);
    return ids();
  }
  InputOptions folder_options() const {
    InputOptions options;
    options.source = folder_.path().string();
    return options;
  }
  uint64_t fingerprint() const { return InputList(out_ / "inputs").fingerprint(); }

  TemporaryDirectory folder_;  // of inputs
  TemporaryDirectory out_;
};

TEST_F(Inputs, OfAFolderAreItsImagesInOrderOfTheirWholePaths) {
  Names names = {"a/z.jpg",     "a.jpg",  "a-b/c.jpg", "a/b/c.PNG",    "B.jpeg",
                 "caf\xE9.jpg", "z.TIFF", "a b.webp",  "new\nline.gif"};
  for (const std::string& name : names) folder_.write(name, "x");
  const InputCounts counts = snapshot(folder_options());
  std::sort(names.begin(), names.end());
  EXPECT_EQ(ids(), names);
  EXPECT_EQ(counts.items, names.size());
  EXPECT_EQ(counts.skipped, 0u);

  InputList list(out_ / "inputs");
  Item item;
  ASSERT_TRUE(list.next(item));
  EXPECT_EQ(item.path, (folder_ / names[0]).string());
}

TEST_F(Inputs, OfAFolderLeaveOutWhatIsNoImage) {
  folder_.write("a.jpg", "a text is an item all the same");
  folder_.write("notes.txt", kPng);
  folder_.write("noextension", kPng);
  folder_.write("README", "text");
  folder_.write("empty", "");
  folder_.write("dot.", kPng);
  folder_.write(".hidden.jpg", "x");
  folder_.write(".cache/b.jpg", "x");
  fs::create_directories(folder_ / "folder.jpg/empty");
  const InputCounts counts = snapshot(folder_options());
  EXPECT_THAT(ids(), ElementsAre("a.jpg", "dot.", "noextension"));
  EXPECT_EQ(counts.skipped, 5u);
}

TEST_F(Inputs, OfAFolderFollowLinksButNoLoops) {
  folder_.write("real/a.jpg", "x");
  fs::create_directory_symlink(folder_ / "real", folder_ / "link");
  fs::create_directory_symlink(folder_.path(), folder_ / "real/up");
  fs::create_directory_symlink(".", folder_ / "real/self");
  fs::create_symlink(folder_ / "real/a.jpg", folder_ / "b.jpg");
  fs::create_symlink("nowhere.jpg", folder_ / "broken.jpg");
  fs::create_symlink("nowhere", folder_ / "broken");
  const InputCounts counts = snapshot(folder_options());
  EXPECT_THAT(ids(), ElementsAre("b.jpg", "broken.jpg", "link/a.jpg", "real/a.jpg"));
  EXPECT_EQ(counts.unreadable_folders, 0u);
  EXPECT_EQ(counts.skipped, 1u);
}

TEST_F(Inputs, OfAFolderCountFoldersThatCannotBeRead) {
  folder_.write("good/a.jpg", "x");
  folder_.write("closed/b.jpg", "x");
  for (const TemporaryDirectory* directory : {&folder_, &out_}) fs::permissions(directory->path(), fs::perms::all);
  fs::permissions(folder_ / "closed", fs::perms::none);
  const bool is_root = ::geteuid() == 0;  // whom permissions do not stop
  constexpr uid_t kNobody = 65534;
  ASSERT_TRUE(!is_root || ::seteuid(kNobody) == 0);
  const InputCounts counts = snapshot(folder_options());
  ASSERT_TRUE(!is_root || ::seteuid(0) == 0);
  fs::permissions(folder_ / "closed", fs::perms::all);
  EXPECT_THAT(ids(), ElementsAre("good/a.jpg"));
  EXPECT_EQ(counts.unreadable_folders, 1u);
}

TEST_F(Inputs, OfAnEmptyFolderAreNone) {
  EXPECT_EQ(snapshot(folder_options()).items, 0u);
  EXPECT_THAT(ids(), IsEmpty());
  InputList list(out_ / "inputs");
  list.seek(0);
  Item item;
  EXPECT_FALSE(list.next(item));
}

TEST_F(Inputs, AreFilteredByGlobs) {
  for (const char* name : {"a.jpg", "b.png", "thumbs/a.jpg", "x/thumbs/c.jpg", "x/y/d.jpg"}) folder_.write(name, "x");
  InputOptions options = folder_options();
  options.include = {"*.jpg"};
  EXPECT_THAT(ids(options), ElementsAre("a.jpg", "thumbs/a.jpg", "x/thumbs/c.jpg", "x/y/d.jpg"));
  options.exclude = {"thumbs"};
  EXPECT_THAT(ids(options), ElementsAre("a.jpg", "x/y/d.jpg"));
  EXPECT_EQ(snapshot(options).excluded, 1u);  // b.png; the folders were not entered
  options.include = {"x/**", "b.*"};
  options.exclude = {};
  EXPECT_THAT(ids(options), ElementsAre("b.png", "x/thumbs/c.jpg", "x/y/d.jpg"));
  options.exclude = {"x/y/*"};
  EXPECT_THAT(ids(options), ElementsAre("b.png", "x/thumbs/c.jpg"));
}

TEST_F(Inputs, AreLimitedAndSampled) {
  Names all;
  for (int i = 0; i < 300; ++i) all.push_back("photo-" + std::to_string(i) + ".jpg");
  std::string text;
  for (const std::string& name : all) text += name + "\n";
  InputOptions options;
  options.source = folder_.write("list", text);
  options.limit = 3;
  EXPECT_THAT(ids(options), ElementsAre("photo-0.jpg", "photo-1.jpg", "photo-2.jpg"));

  options.sample = 50;
  options.limit = 0;
  const Names sample = ids(options);
  EXPECT_EQ(sample.size(), 50u);
  const auto position = [](const std::string& name) { return std::stoi(name.substr(6)); };
  EXPECT_TRUE(std::is_sorted(sample.begin(), sample.end(),
                             [&](const auto& a, const auto& b) { return position(a) < position(b); }));
  EXPECT_EQ(ids(options), sample);
  options.seed = 1;
  EXPECT_NE(ids(options), sample);

  options.seed = 0;
  options.limit = 5;
  EXPECT_EQ(ids(options), Names(sample.begin(), sample.begin() + 5));
  options.sample = 1000;
  options.limit = 0;
  EXPECT_EQ(ids(options), all);
}

// The same numbers on every machine: this sample stands in somebody's paper.
TEST_F(Inputs, AreSampledTheSameForEver) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += std::to_string(i) + "\n";
  InputOptions options;
  options.source = folder_.write("list", text);
  options.sample = 5;
  options.seed = 42;
  EXPECT_THAT(ids(options), ElementsAre("494", "498", "525", "537", "668"));
}

TEST_F(Inputs, OfAListAreItsLines) {
  const Names expected = {"a.jpg", "dir/b c.jpg", "a.jpg", " spaces ", "notes.txt", "caf\xE9"};
  snapshot(folder_.write("list", "a.jpg\ndir/b c.jpg\n\na.jpg\n spaces \nnotes.txt\ncaf\xE9"));
  EXPECT_EQ(ids(), expected);
  const uint64_t from_lines = fingerprint();
  snapshot(folder_.write("windows.txt",
                         "\xEF\xBB\xBF"
                         "a.jpg\r\ndir/b c.jpg\r\n\r\na.jpg\r\n spaces \r\nnotes.txt\r\ncaf\xE9\r\n"));
  EXPECT_EQ(ids(), expected);
  snapshot(folder_.write("print0", "a.jpg\0dir/b c.jpg\0\0a.jpg\0 spaces \0notes.txt\0caf\xE9"s));
  EXPECT_EQ(ids(), expected);
  EXPECT_EQ(fingerprint(), from_lines);
  snapshot(folder_.write("odd0", "new\nline\r\0\r\0"s));
  EXPECT_THAT(ids(), ElementsAre("new\nline\r", "\r"));

  InputList list(out_ / "inputs");
  Item item;
  ASSERT_TRUE(list.next(item));
  EXPECT_EQ(item.path, item.id);
}

TEST_F(Inputs, OfAnImageFileAreTheFile) {
  for (const std::string& file : {folder_.write("a.JPG", "x"), folder_.write("b.dat", kPng)}) {
    EXPECT_EQ(snapshot(file).items, 1u);
    EXPECT_THAT(ids(), ElementsAre(file));
  }
}

TEST_F(Inputs, ComeThroughPipes) {
  Names expected = {std::string(1000, 'x') + "\nin two lines.jpg"};  // the NUL behind it comes with a later read
  for (int i = 0; i < 20'000; ++i) expected.push_back("some/folder/photo-" + std::to_string(i) + ".jpg");
  std::string text;
  for (const std::string& name : expected) text += name + '\0';
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const Descriptor read_end(ends[0]);
  std::thread writer([&text, end = ends[1]] {
    for (size_t at = 0; at < text.size();) {
      at += static_cast<size_t>(::write(end, text.data() + at, std::min<size_t>(text.size() - at, 777)));
      int unread_bytes = 0;
      do {  // so that the first read gets the first write only
        ::ioctl(end, FIONREAD, &unread_bytes);
        std::this_thread::yield();
      } while (at == 777 && unread_bytes > 0);
    }
    ::close(end);
  });
  const Descriptor real_input(::dup(STDIN_FILENO));
  ::dup2(read_end.number(), STDIN_FILENO);
  snapshot("-");
  ::dup2(real_input.number(), STDIN_FILENO);
  writer.join();
  EXPECT_EQ(ids(), expected);
}

TEST_F(Inputs, HaveAFingerprintOfNamesAndOrder) {
  std::vector<uint64_t> seen;
  for (const char* text : {"a\nb\n", "b\na\n", "a\n", "ab\n", "a\nb\na\n"}) {
    snapshot(folder_.write("list", text));
    seen.push_back(fingerprint());
  }
  folder_.write("photos/a.jpg", "");
  folder_.write("fotos/a.jpg", "");
  for (const char* root : {"photos", "fotos"}) {
    snapshot((folder_ / root).string());
    seen.push_back(fingerprint());
  }
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end());

  snapshot((folder_ / "photos").string());
  const uint64_t plain = fingerprint();
  snapshot((folder_ / "photos").string() + "//");
  EXPECT_EQ(fingerprint(), plain);
}

TEST_F(Inputs, AreReadFromAnywhere) {
  std::string text;
  for (int i = 0; i < 30'000; ++i) text += std::string(static_cast<size_t>(i % 90), 'x') + std::to_string(i) + "\n";
  text += std::string(60'000, 'y') + "\n";  // a block of its own
  snapshot(folder_.write("list", text));
  const Names all = ids();
  ASSERT_EQ(all.size(), 30'001u);
  ASSERT_GT(fs::file_size(out_ / "inputs"), 20u * (64 << 10));
  InputList list(out_ / "inputs");
  Item item;
  for (uint64_t start = 0; start < all.size(); start += 487) {
    list.seek(start);
    for (uint64_t ordinal = start; ordinal < std::min<uint64_t>(start + 3, all.size()); ++ordinal) {
      ASSERT_TRUE(list.next(item));
      ASSERT_EQ(item.ordinal, ordinal);
      ASSERT_EQ(item.id, all[ordinal]);
    }
  }
  list.seek(30'000);
  EXPECT_TRUE(list.next(item));
  EXPECT_FALSE(list.next(item));
  list.seek(40'000);
  EXPECT_FALSE(list.next(item));
  list.seek(0);
  EXPECT_TRUE(list.next(item));
  EXPECT_EQ(item.id, all[0]);
}

}  // namespace
}  // namespace smol
