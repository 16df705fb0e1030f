// Prints the frames that a rule picks from a video, for tests in other languages: number, pts, seconds, a hash of the
// RGB pixels, or "damaged".
//
//   read_frames VIDEO RULE [SEED] [--decode HOW] [--run N]     through VideoReader, groups in the order given by N:
//                                                              0 ascending, otherwise shuffled with that seed
//   read_frames VIDEO --plain                                  its slow twin: every packet decoded from the start
//   read_frames VIDEO --libvpx                                 VP9 by libvpx, told to leave out its loop filter
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "smol/base/hash.h"
#include "smol/media/frame_rule.h"
#include "smol/media/video_index.h"
#include "smol/media/video_reader.h"

namespace {

using namespace smol;

template <typename T>
T checked(Result<T> result) {
  if (!result.ok()) {
    const std::string code(item_error_name(result.error().code));
    std::fprintf(stderr, "%s: %s\n", code.c_str(), result.error().message.c_str());
    std::exit(3);
  }
  return std::move(*result);
}

uint64_t hash_of(const ConstImageView& rgb, uint64_t hash) {
  for (int y = 0; y < rgb.size.height; ++y) {
    const std::string_view row(reinterpret_cast<const char*>(rgb.row(y)), static_cast<size_t>(rgb.size.width) * 3);
    hash = hash64(row, hash);
  }
  return hash;
}

// A line as of every mode, of a whole frame.
void print_frame(const AVFrame& frame, int64_t number, int64_t pts, double seconds, FrameStrips& strips) {
  const Size size{frame.height, frame.width};
  checked(strips.begin(frame, {0, 0, size.height, size.width}, size, 1));
  uint64_t hash = 0;
  for (Strip strip = strips.next(); strip.rgb.size.height > 0; strip = strips.next()) hash = hash_of(strip.rgb, hash);
  std::printf("%" PRId64 " %" PRId64 " %.6f %016" PRIx64 "\n", number, pts, seconds, hash);
}

void by_libvpx(const std::string& path) {
  VideoFile file = checked(VideoFile::open(path, {}));
  const AvPointer<AVPacket> packet(av_packet_alloc());
  const AvPointer<AVFrame> frame(av_frame_alloc());
  FrameStrips strips;
  vpx_codec_ctx_t decoder{};
  bool ok = vpx_codec_dec_init(&decoder, vpx_codec_vp9_dx(), nullptr, 0) == VPX_CODEC_OK &&
            vpx_codec_control(&decoder, VP9_SET_SKIP_LOOP_FILTER, 1) == VPX_CODEC_OK;
  int64_t number = 0;
  while (ok && checked(file.read(*packet))) {
    ok = vpx_codec_decode(&decoder, packet->data, static_cast<unsigned>(packet->size), nullptr, 0) == VPX_CODEC_OK;
    vpx_codec_iter_t iterator = nullptr;
    const vpx_image_t* image = vpx_codec_get_frame(&decoder, &iterator);
    if (image == nullptr) continue;
    ok = ok && (image->fmt == VPX_IMG_FMT_I420 || image->fmt == VPX_IMG_FMT_I444);
    frame->width = static_cast<int>(image->d_w);
    frame->height = static_cast<int>(image->d_h);
    frame->format = image->fmt == VPX_IMG_FMT_I420 ? AV_PIX_FMT_YUV420P : AV_PIX_FMT_YUV444P;
    for (int plane = 0; plane < 3; ++plane) {
      frame->data[plane] = image->planes[plane];
      frame->linesize[plane] = image->stride[plane];
    }
    const double seconds = static_cast<double>(packet->pts) * av_q2d(file.time_base());
    print_frame(*frame, number++, packet->pts, seconds, strips);
  }
  vpx_codec_destroy(&decoder);
  if (ok) return;
  std::fprintf(stderr, "libvpx cannot decode it to 4:2:0 or 4:4:4\n");
  std::exit(3);
}

void plain(const std::string& path) {
  VideoFile file = checked(VideoFile::open(path, {}));
  const AvPointer<AVCodecContext> decoder = checked(file.open_decoder({}));
  const AvPointer<AVPacket> packet(av_packet_alloc());
  const AvPointer<AVFrame> frame(av_frame_alloc());
  FrameStrips strips;
  int64_t number = 0;
  for (bool draining = false;;) {
    const int got = avcodec_receive_frame(decoder.get(), frame.get());
    if (got == 0) {
      const int64_t pts = frame->best_effort_timestamp;
      print_frame(*frame, number++, pts, static_cast<double>(pts) * av_q2d(file.time_base()), strips);
    } else if (got == AVERROR_EOF) {
      return;
    } else {
      const Result<bool> more = file.read(*packet);
      draining = draining || !more.ok() || !*more;
      avcodec_send_packet(decoder.get(), draining ? nullptr : packet.get());
    }
  }
}

void by_rule(const std::string& path, const FrameRule& rule, uint64_t seed, const DecodeSpec& spec,
             uint64_t shuffle) {
  const VideoIndex index = checked(index_video(path, {}));
  const std::vector<FrameRef> frames = pick_frames(index, rule, seed);
  std::vector<std::span<const FrameRef>> groups;
  for (size_t begin = 0; begin < frames.size();) {
    size_t end = begin + 1;
    while (!frames[end - 1].ends_group) ++end;
    groups.emplace_back(frames.data() + begin, end - begin);
    begin = end;
  }
  if (shuffle != 0) std::shuffle(groups.begin(), groups.end(), std::mt19937_64(shuffle));
  std::vector<std::optional<uint64_t>> hashes(frames.size());
  VideoReader reader;
  checked(reader.open(path, {}));
  for (const std::span<const FrameRef> group : groups) {
    // In two parts, as a run that was cut there: the second goes on where the first ended.
    const size_t half = shuffle % 2 == 1 ? group.size() / 2 : 0;
    for (const auto part : {group.first(half), group.subspan(half)}) {
      if (part.empty()) continue;
      checked(reader.start(part, spec));
      for (int place = checked(reader.next_frame()); place >= 0; place = checked(reader.next_frame())) {
        checked(reader.begin_picture({0, 0, reader.frame_size().height, reader.frame_size().width}));
        uint64_t hash = 0;
        for (Strip strip = *reader.next_strip(); strip.rgb.size.height > 0; strip = *reader.next_strip()) {
          hash = hash_of(strip.rgb, hash);
        }
        hashes[static_cast<size_t>(&part[static_cast<size_t>(place)] - frames.data())] = hash;
      }
    }
  }
  for (size_t i = 0; i < frames.size(); ++i) {
    std::printf("%" PRId64 " %" PRId64 " %.6f ", frames[i].number, frames[i].pts, frames[i].seconds);
    hashes[i] ? std::printf("%016" PRIx64 "\n", *hashes[i]) : std::printf("damaged\n");
  }
  if (index.damage) std::printf("then %s\n", index.damage->message.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  if (std::strcmp(argv[2], "--plain") == 0) {
    plain(argv[1]);
    return 0;
  }
  if (std::strcmp(argv[2], "--libvpx") == 0) {
    by_libvpx(argv[1]);
    return 0;
  }
  uint64_t seed = 0;
  uint64_t shuffle = 0;
  smol::DecodeSpec spec;
  for (int i = 3; i < argc; ++i) {
    if (std::strcmp(argv[i], "--decode") == 0 && i + 1 < argc) {
      spec = smol::parse_decode_spec(argv[++i]);
    } else if (std::strcmp(argv[i], "--run") == 0 && i + 1 < argc) {
      shuffle = std::strtoull(argv[++i], nullptr, 10);
    } else {
      seed = std::strtoull(argv[i], nullptr, 10);
    }
  }
  by_rule(argv[1], smol::parse_frame_rule(argv[2]), seed, spec, shuffle);
  return 0;
}
