#include "smol/media/heif_plugins.h"

#include <libheif/heif.h>
#include <libheif/heif_plugin.h>

#include <limits>
#include <mutex>
#include <utility>

#include "smol/media/av_handles.h"

namespace smol {
namespace {

constexpr int kPriority = 1000;  // those that come with libheif have about 100
thread_local bool skips_filters = false;
thread_local bool steps_aside = false;
thread_local int64_t most_pixels = std::numeric_limits<int64_t>::max();

struct Interception {
  Size size;
  bool or_larger;
  std::optional<YuvLayout> file_colours;
  std::optional<CodedPicture> picture;
};
thread_local std::optional<Interception> interception;

constexpr YuvLayout kUnknownColours{YuvMatrix::kBt601, true, 0, 0};

}  // namespace

constexpr heif_error kIntercepted{heif_error_Decoder_plugin_error, heif_suberror_Unspecified,
                                  "the picture was taken before libheif could have it"};
constexpr heif_error kTooManyCodedPixels{heif_error_Decoder_plugin_error, heif_suberror_Security_limit_exceeded,
                                         "the coded picture is larger than the file says, and than the limit"};

void intercept_coded_picture(Size size, bool or_larger, std::optional<YuvLayout> file_colours) {
  interception = Interception{size, or_larger, file_colours, std::nullopt};
}

std::optional<CodedPicture> take_coded_picture() {
  std::optional<CodedPicture> picture = interception ? std::move(interception->picture) : std::nullopt;
  interception.reset();
  return picture;
}

bool offer_coded_picture(CodedPicture picture, std::optional<YuvLayout> colours) {
  if (!interception || interception->picture) return false;
  const Size wanted = interception->size;
  const bool is_larger = picture.size.height >= wanted.height && picture.size.width >= wanted.width;
  if (picture.size != wanted && !(interception->or_larger && is_larger)) return false;
  const YuvLayout chosen = interception->file_colours.value_or(colours.value_or(kUnknownColours));
  picture.planes.layout.matrix = chosen.matrix;
  picture.planes.layout.full_range = chosen.full_range;
  interception->picture = std::move(picture);
  return true;
}

std::optional<YuvLayout> colours_of(int matrix, bool full_range) {
  switch (matrix) {
    case 1: return YuvLayout{YuvMatrix::kBt709, full_range, 0, 0};
    case 2:  // unspecified
    case 5:
    case 6: return YuvLayout{YuvMatrix::kBt601, full_range, 0, 0};
    case 9: return YuvLayout{YuvMatrix::kBt2020, full_range, 0, 0};
    default: return std::nullopt;
  }
}

void use_own_heif_decoders() {
  static std::once_flag once;
  std::call_once(once, [] {
    av_log_set_level(AV_LOG_QUIET);
    heif_init(nullptr);
    heif_register_decoder_plugin(&kHevcPlugin);
    heif_register_decoder_plugin(&kAv1Plugin);
  });
}

void skip_heif_filters(bool skip) { skips_filters = skip; }
void step_aside_for_libheif(bool aside) { steps_aside = aside; }
int heif_plugin_priority() { return steps_aside ? 0 : kPriority; }
bool skips_heif_filters() { return skips_filters; }
void limit_heif_pixels(int64_t most) { most_pixels = most; }
int64_t most_heif_pixels() { return most_pixels; }

}  // namespace smol
