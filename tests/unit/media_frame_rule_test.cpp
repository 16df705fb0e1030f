// Rules pick the frames that they say, whatever the times of a video are; NAL units are read whatever the bytes are.
#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "smol/base/error.h"
#include "smol/media/frame_rule.h"
#include "smol/media/nal_units.h"

namespace smol {
namespace {

VideoIndex video_with_times(const std::vector<double>& times, size_t group_frames) {
  VideoIndex video;
  video.seconds_per_tick = 0.001;
  for (size_t i = 0; i < times.size(); ++i) {
    const auto pts = static_cast<int64_t>(i);
    if (i % group_frames == 0) video.groups.push_back({pts, pts});
    video.frames.push_back(
        {pts, times[i], static_cast<uint32_t>(video.groups.size() - 1), i % group_frames == 0, i % 2 == 0});
  }
  return video;
}

std::vector<int64_t> numbers(const VideoIndex& video, const char* rule, uint64_t seed = 0) {
  std::vector<int64_t> found;
  for (const FrameRef& frame : pick_frames(video, parse_frame_rule(rule), seed)) found.push_back(frame.number);
  return found;
}

using Numbers = std::vector<int64_t>;

TEST(FrameRule, PicksByNumberAndByTime) {
  const VideoIndex video = video_with_times({5.0, 5.1, 5.2, 5.9, 6.0, 6.5, 7.4}, 3);
  EXPECT_EQ(numbers(video, "all"), (Numbers{0, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(numbers(video, "every=3"), (Numbers{0, 3, 6}));
  EXPECT_EQ(numbers(video, "keyframes"), (Numbers{0, 3, 6}));
  EXPECT_EQ(numbers(video, "references"), (Numbers{0, 2, 4, 6}));
  EXPECT_EQ(numbers(video, "fps=1"), (Numbers{0, 4, 5, 6}));  // at 5, 6, 7 and 8 seconds; the last lasts 0.9
  EXPECT_EQ(numbers(video, "fps=0.5"), (Numbers{0, 5}));
  EXPECT_EQ(numbers(video, "at=4.9,5.15,6,6,100"), (Numbers{1, 4}));
  EXPECT_EQ(numbers(video, "random=7"), (Numbers{0, 1, 2, 3, 4, 5, 6}));
}

TEST(FrameRule, GroupsEndWithTheirLastPickedFrame) {
  const std::vector<FrameRef> frames =
      pick_frames(video_with_times({0, 1, 2, 3, 4, 5, 6}, 3), parse_frame_rule("every=2"), 0);
  ASSERT_EQ(frames.size(), 4u);
  EXPECT_FALSE(frames[0].ends_group);
  EXPECT_TRUE(frames[1].ends_group);
  EXPECT_TRUE(frames[2].ends_group);
  EXPECT_TRUE(frames[3].ends_group);
  EXPECT_EQ(frames[1].key_pts, 0);
  EXPECT_EQ(frames[2].key_pts, 3);
}

TEST(FrameRule, TakesAnyTimes) {
  constexpr double kHuge = std::numeric_limits<double>::max();
  const VideoIndex video = video_with_times({-kHuge, -1, -1, 0, 1e300, kHuge}, 2);
  for (const char* rule : {"all", "every=5", "fps=1000000", "fps=1e-300", "at=-1e308,0,1e308", "random=3"}) {
    const std::vector<int64_t> found = numbers(video, rule);
    EXPECT_LE(found.size(), video.frames.size()) << rule;
    EXPECT_TRUE(std::is_sorted(found.begin(), found.end())) << rule;
  }
  EXPECT_EQ(numbers(video_with_times({3}, 1), "fps=2"), (Numbers{0}));
}

TEST(FrameRule, ReadsBackWhatItWrites) {
  for (const char* rule : {"all", "every=30", "fps=0.5", "keyframes", "references", "random=7", "at=1.5,2,3.25"}) {
    EXPECT_EQ(to_string(parse_frame_rule(rule)), rule);
  }
}

TEST(FrameRule, RefusesNonsense) {
  for (const char* rule : {"", "often", "every=", "every=0", "every=-1", "every=3x", "fps=0", "fps=nan", "fps=inf",
                           "at=", "at=1,", "at=x", "random=0", "random=-1", "keyframes=2", "ALL"}) {
    EXPECT_THROW((void)parse_frame_rule(rule), Error) << rule;
  }
}

TEST(NalUnits, TellEntriesAndReferences) {
  const std::vector<uint8_t> idr = {0, 0, 1, 0x65, 1, 2, 3};
  const std::vector<uint8_t> recovery = {0, 0, 1, 6, 6, 1, 0x80, 0x80, 0, 0, 1, 0x41, 1};
  const std::vector<uint8_t> refresh = {0, 0, 1, 6, 6, 1, 0x20, 0x80, 0, 0, 1, 0x41, 1};
  const std::vector<uint8_t> disposable = {0, 0, 1, 0x01, 1, 2};
  EXPECT_TRUE(is_h264_entry(idr, {}));
  EXPECT_TRUE(is_h264_entry(recovery, {}));
  EXPECT_FALSE(is_h264_entry(refresh, {}));
  EXPECT_TRUE(is_h264_reference(refresh, {}));
  EXPECT_FALSE(is_h264_reference(disposable, {}));
  const std::vector<uint8_t> avcc = {1, 100, 0, 31, 0xff};
  const std::vector<uint8_t> with_length = {0, 0, 0, 4, 0x65, 1, 2, 3};
  EXPECT_TRUE(is_h264_entry(with_length, avcc));
  EXPECT_FALSE(is_hevc_reference(std::vector<uint8_t>{0, 0, 1, 0x00, 1}, {}));  // TRAIL_N
  EXPECT_TRUE(is_hevc_reference(std::vector<uint8_t>{0, 0, 1, 0x02, 1}, {}));   // TRAIL_R
}

TEST(NalUnits, TakeAnyBytes) {
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::vector<uint8_t> packet(random() % 40), extradata(random() % 30);
    for (auto* bytes : {&packet, &extradata}) {
      for (uint8_t& byte : *bytes) byte = static_cast<uint8_t>(random() % 4 == 0 ? random() : random() % 8);
    }
    (void)is_h264_entry(packet, extradata);
    (void)is_h264_reference(packet, extradata);
    (void)is_hevc_reference(packet, extradata);
  }
}

}  // namespace
}  // namespace smol
