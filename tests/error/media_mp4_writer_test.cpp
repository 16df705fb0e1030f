// What Mp4Writer says of frames that it cannot take, and of places that it cannot write to.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>

#include "smol/base/file_system.h"
#include "smol/media/mp4_writer.h"
#include "temporary_directory.h"

namespace smol {
namespace {

class Mp4WriterErrors : public testing::Test {
 protected:
  Mp4WriterErrors() : source_(avformat_new_stream(container_.get(), nullptr)) {
    av_log_set_level(AV_LOG_QUIET);
    source_->time_base = {1, 25};
    source_->avg_frame_rate = {25, 1};
  }

  static AvPointer<AVFrame> frame(AVPixelFormat format) {
    AvPointer<AVFrame> made(av_frame_alloc());
    made->width = made->height = 64;
    made->format = format;
    EXPECT_GE(av_frame_get_buffer(made.get(), 0), 0);
    for (int i = 0; i < 64; ++i) std::fill_n(made->data[0] + ptrdiff_t{i} * made->linesize[0], 64, uint8_t(i));
    return made;
  }

  Result<Mp4Writer> writer(const std::string& path) {
    return Mp4Writer::create(path, {}, *source_, *frame(AV_PIX_FMT_GRAY8));
  }

  int refusal_of(const std::string& path) {
    try {
      Result<Mp4Writer> made = writer(path);
      for (int i = 0; i < 100; ++i) EXPECT_TRUE(made->write(*frame(AV_PIX_FMT_GRAY8), i).ok());
      EXPECT_TRUE(made->finish().ok());
    } catch (const FileError& error) {
      EXPECT_NE(std::string(error.what()).find(path), std::string::npos) << error.what();
      return error.number();
    }
    return 0;
  }

  TemporaryDirectory folder_;
  AvPointer<AVFormatContext> container_{avformat_alloc_context()};
  AVStream* source_;
};

TEST_F(Mp4WriterErrors, AreTheVideosIfItCannotBeStored) {
  const auto code_of = [](const Status& status) {
    return status.ok() ? std::nullopt : std::optional(status.error().code);
  };
  Result<Mp4Writer> of_libswscale = writer(folder_ / "a.mp4");
  ASSERT_TRUE(of_libswscale.ok());
  ASSERT_TRUE(of_libswscale->write(*frame(AV_PIX_FMT_GRAY8), 0).ok());
  AvPointer<AVFrame> strange = frame(AV_PIX_FMT_GRAY8);
  strange->format = AV_PIX_FMT_VAAPI;
  EXPECT_EQ(code_of(of_libswscale->write(*strange, 1)), ItemErrorCode::kUnsupportedFormat);

  Result<Mp4Writer> of_the_muxer = writer(folder_ / "b.mp4");
  ASSERT_TRUE(of_the_muxer.ok());
  for (int i = 9; i >= 0; --i) ASSERT_TRUE(of_the_muxer->write(*frame(AV_PIX_FMT_GRAY8), i).ok());  // backwards
  EXPECT_EQ(code_of(of_the_muxer->finish()), ItemErrorCode::kUnsupportedFormat);

  Result<Mp4Writer> of_times = writer(folder_ / "c.mp4");
  ASSERT_TRUE(of_times.ok());
  ASSERT_TRUE(of_times->write(*frame(AV_PIX_FMT_GRAY8), 0).ok());
  EXPECT_EQ(code_of(of_times->write(*frame(AV_PIX_FMT_GRAY8), int64_t{1} << 31)), ItemErrorCode::kUnsupportedFormat);
}

TEST_F(Mp4WriterErrors, AreThePlacesIfItCannotBeWrittenTo) {
  EXPECT_EQ(refusal_of(folder_ / "fine.mp4"), 0);
  EXPECT_EQ(refusal_of(folder_ / std::string(300, 'x')), ENAMETOOLONG);
  EXPECT_EQ(refusal_of(folder_ / "fine.mp4" / "below.mp4"), ENOTDIR);
  EXPECT_EQ(refusal_of(folder_.path()), EISDIR);
  EXPECT_EQ(refusal_of("/dev/full"), ENOSPC);
}

}  // namespace
}  // namespace smol
