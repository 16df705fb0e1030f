#include <gtest/gtest.h>

#include "smol/base/error.h"
#include "smol/engine/glob.h"

namespace smol {
namespace {

bool matches(std::string_view pattern, std::string_view path) { return Glob(pattern).matches(path); }

TEST(Glob, WithoutASlashMeansTheLastComponent) {
  EXPECT_TRUE(matches("*.jpg", "a.jpg"));
  EXPECT_TRUE(matches("*.jpg", "x/y/a.jpg"));
  EXPECT_FALSE(matches("*.jpg", "a.jpg/b.png"));
  EXPECT_FALSE(matches("*.jpg", "a.JPG"));
  EXPECT_TRUE(matches("*", "x/y"));
  EXPECT_TRUE(matches("**.jpg", "x/a.jpg"));
}

TEST(Glob, WithASlashMeansTheWholePath) {
  EXPECT_TRUE(matches("x/*.jpg", "x/a.jpg"));
  EXPECT_FALSE(matches("x/*.jpg", "w/x/a.jpg"));
  EXPECT_FALSE(matches("x/*.jpg", "x/y/a.jpg"));
  EXPECT_TRUE(matches("/a.jpg", "a.jpg"));
  EXPECT_FALSE(matches("/a.jpg", "x/a.jpg"));
  EXPECT_TRUE(matches("/data/*.jpg", "/data/a.jpg"));
  EXPECT_TRUE(matches("./x/*", "x/a.jpg"));
}

TEST(Glob, TwoStarsCrossFolders) {
  EXPECT_TRUE(matches("x/**", "x/a.jpg"));
  EXPECT_TRUE(matches("x/**", "x/y/z/a.jpg"));
  EXPECT_FALSE(matches("x/**", "x"));
  EXPECT_TRUE(matches("x/", "x/y/a.jpg"));
  EXPECT_TRUE(matches("**/a.jpg", "a.jpg"));
  EXPECT_TRUE(matches("**/a.jpg", "x/y/a.jpg"));
  EXPECT_TRUE(matches("x/**/z/*.jpg", "x/z/a.jpg"));
  EXPECT_TRUE(matches("x/**/z/*.jpg", "x/z/y/z/a.jpg"));
  EXPECT_FALSE(matches("x/**/z/*.jpg", "x/y/a.jpg"));
}

TEST(Glob, SetsAndQuestionMarksTakeOneCharacter) {
  EXPECT_TRUE(matches("IMG_[0-9]?.jpg", "IMG_7x.jpg"));
  EXPECT_FALSE(matches("IMG_[0-9]?.jpg", "IMG_x7.jpg"));
  EXPECT_TRUE(matches("[!a-c]x", "dx"));
  EXPECT_FALSE(matches("[^a-c]x", "bx"));
  EXPECT_TRUE(matches("[]x]", "]"));
  EXPECT_TRUE(matches("[a-]", "-"));
  EXPECT_TRUE(matches("caf?", "café"));
  EXPECT_TRUE(matches("[à-ü]", "é"));
  EXPECT_TRUE(matches("caf?", "caf\xE9"));  // not UTF-8: one byte
  EXPECT_FALSE(matches("a?b", "a/b"));
}

TEST(Glob, ABackslashTakesTheMeaningAway) {
  EXPECT_TRUE(matches("a\\*", "a*"));
  EXPECT_FALSE(matches("a\\*", "ab"));
  EXPECT_TRUE(matches("\\[x\\]", "[x]"));
}

TEST(Glob, AnExactOneMatchesItsPathOnly) {
  for (const std::string path : {"a", "a/b", "s[m]a?l*", "**", "a\\b", "\xFF[", "ü/{1,2}"}) {
    EXPECT_TRUE(matches(exact_glob(path), path)) << path;
    EXPECT_FALSE(matches(exact_glob(path), "x/" + path)) << path;
    EXPECT_FALSE(matches(exact_glob(path), path + "x")) << path;
  }
  EXPECT_FALSE(matches(exact_glob("s[m]a?l*"), "small"));
}

TEST(Glob, RefusesWhatCannotMatch) {
  EXPECT_THROW(Glob(""), Error);
  EXPECT_THROW(Glob("/"), Error);
  EXPECT_THROW(Glob("a[b"), Error);
}

TEST(Glob, ManyStarsTakeNoLongTime) {
  std::string pattern;
  for (int i = 0; i < 50; ++i) pattern += "a*";
  EXPECT_FALSE(matches(pattern + "b", std::string(5000, 'a')));
  std::string deep_pattern;
  std::string deep_path;
  for (int i = 0; i < 50; ++i) deep_pattern += "**/a/";
  for (int i = 0; i < 1000; ++i) deep_path += "a/";
  EXPECT_FALSE(matches(deep_pattern + "b", deep_path + "c"));
}

}  // namespace
}  // namespace smol
