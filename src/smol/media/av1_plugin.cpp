#include <dav1d/dav1d.h>
#include <libheif/heif.h>
#include <libheif/heif_plugin.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <vector>

#include "smol/media/heif_plugins.h"

namespace smol {
namespace {

constexpr heif_error kOk{heif_error_Ok, heif_suberror_Unspecified, "ok"};
constexpr heif_error kNoMemory{heif_error_Memory_allocation_error, heif_suberror_Unspecified, "no memory for AV1"};
constexpr heif_error kDamaged{heif_error_Decoder_plugin_error, heif_suberror_Unspecified,
                              "the coded picture is damaged"};

struct Av1Decoder {
  std::vector<uint8_t> data;
};

heif_error push_data(void* decoder, const void* data, size_t size) try {
  const auto* bytes = static_cast<const uint8_t*>(data);
  auto& av1 = *static_cast<Av1Decoder*>(decoder);
  av1.data.insert(av1.data.end(), bytes, bytes + size);
  return kOk;
} catch (const std::bad_alloc&) {
  return kNoMemory;
}

// A dav1d picture that is given back.
struct Picture : Dav1dPicture {
  Picture() : Dav1dPicture{} {}
  ~Picture() { dav1d_picture_unref(this); }
  Picture(const Picture&) = delete;
  Picture& operator=(const Picture&) = delete;
};

heif_chroma chroma_of(Dav1dPixelLayout layout) {
  switch (layout) {
    case DAV1D_PIXEL_LAYOUT_I400: return heif_chroma_monochrome;
    case DAV1D_PIXEL_LAYOUT_I420: return heif_chroma_420;
    case DAV1D_PIXEL_LAYOUT_I422: return heif_chroma_422;
    default: return heif_chroma_444;
  }
}

// What the bitstream says of its colours: libheif takes it where the container says nothing.
void set_colours(const Dav1dSequenceHeader& header, heif_image& picture) {
  const std::unique_ptr<heif_color_profile_nclx, void (*)(heif_color_profile_nclx*)> profile(
      heif_nclx_color_profile_alloc(), heif_nclx_color_profile_free);
  if (!profile) return;
  heif_nclx_color_profile_set_color_primaries(profile.get(), static_cast<uint16_t>(header.pri));
  heif_nclx_color_profile_set_transfer_characteristics(profile.get(), static_cast<uint16_t>(header.trc));
  heif_nclx_color_profile_set_matrix_coefficients(profile.get(), static_cast<uint16_t>(header.mtrx));
  profile->full_range_flag = header.color_range != 0;
  heif_image_set_nclx_color_profile(&picture, profile.get());
}

heif_error copy_picture(const Dav1dPicture& source, heif_image** out) {
  const heif_chroma chroma = chroma_of(source.p.layout);
  const bool is_grey = chroma == heif_chroma_monochrome;
  heif_image* made = nullptr;
  const heif_error created = heif_image_create(
      source.p.w, source.p.h, is_grey ? heif_colorspace_monochrome : heif_colorspace_YCbCr, chroma, &made);
  if (created.code != heif_error_Ok) return created;
  std::unique_ptr<heif_image, void (*)(const heif_image*)> picture(made, heif_image_release);
  set_colours(*source.seq_hdr, *made);
  constexpr heif_channel kChannels[] = {heif_channel_Y, heif_channel_Cb, heif_channel_Cr};
  for (int plane = 0; plane < (is_grey ? 1 : 3); ++plane) {
    const bool halves_width = plane > 0 && chroma != heif_chroma_444;
    const bool halves_height = plane > 0 && chroma == heif_chroma_420;
    const int width = halves_width ? (source.p.w + 1) / 2 : source.p.w;
    const int height = halves_height ? (source.p.h + 1) / 2 : source.p.h;
    const heif_error added = heif_image_add_plane(made, kChannels[plane], width, height, source.p.bpc);
    if (added.code != heif_error_Ok) return added;
    int stride = 0;
    uint8_t* target = heif_image_get_plane(made, kChannels[plane], &stride);
    const auto* rows = static_cast<const uint8_t*>(source.data[plane]);
    const ptrdiff_t source_stride = source.stride[plane == 0 ? 0 : 1];
    const size_t row_bytes = static_cast<size_t>(width) * (source.p.bpc > 8 ? 2 : 1);
    for (int y = 0; y < height; ++y) std::memcpy(target + ptrdiff_t{y} * stride, rows + y * source_stride, row_bytes);
  }
  *out = picture.release();
  return kOk;
}

// Without a copy, if that is what the thread wants.
bool is_intercepted(const std::shared_ptr<Picture>& source) {
  const std::optional<YuvLayout> colours = colours_of(source->seq_hdr->mtrx, source->seq_hdr->color_range != 0);
  if (source->p.bpc != 8 || source->p.layout == DAV1D_PIXEL_LAYOUT_I400 || !colours) return false;
  CodedPicture picture{{source->p.h, source->p.w}, {}, source};
  picture.planes.layout.chroma_shift_x = source->p.layout == DAV1D_PIXEL_LAYOUT_I444 ? 0 : 1;
  picture.planes.layout.chroma_shift_y = source->p.layout == DAV1D_PIXEL_LAYOUT_I420 ? 1 : 0;
  for (int plane = 0; plane < 3; ++plane) {
    picture.planes.data[plane] = static_cast<const uint8_t*>(source->data[plane]);
    picture.planes.stride_bytes[plane] = source->stride[plane == 0 ? 0 : 1];
  }
  return offer_coded_picture(std::move(picture), colours);
}

heif_error decode_picture(void* decoder, heif_image** out) try {
  auto& av1 = *static_cast<Av1Decoder*>(decoder);
  Dav1dSettings settings;
  dav1d_default_settings(&settings);
  settings.n_threads = 1;
  settings.max_frame_delay = 1;
  settings.all_layers = 0;
  settings.strict_std_compliance = 1;
  settings.logger = {nullptr, [](void*, const char*, va_list) {}};
  settings.inloop_filters = skips_heif_filters() ? DAV1D_INLOOPFILTER_NONE : DAV1D_INLOOPFILTER_ALL;
  settings.frame_size_limit =
      static_cast<unsigned>(std::min<int64_t>(most_heif_pixels(), std::numeric_limits<unsigned>::max()));
  Dav1dContext* opened = nullptr;
  if (dav1d_open(&opened, &settings) != 0) return kNoMemory;
  const auto close = [](Dav1dContext* context) { dav1d_close(&context); };
  const std::unique_ptr<Dav1dContext, decltype(close)> context(opened, close);
  Dav1dData data{};
  uint8_t* bytes = dav1d_data_create(&data, av1.data.size());
  if (bytes == nullptr) return kNoMemory;
  std::memcpy(bytes, av1.data.data(), av1.data.size());
  const auto picture = std::make_shared<Picture>();
  int got = DAV1D_ERR(EAGAIN);
  while (got == DAV1D_ERR(EAGAIN)) {
    const int sent = data.sz > 0 ? dav1d_send_data(context.get(), &data) : DAV1D_ERR(EAGAIN);
    if (sent < 0 && sent != DAV1D_ERR(EAGAIN)) {
      got = sent;
      break;
    }
    got = dav1d_get_picture(context.get(), picture.get());
    if (sent < 0 && got == DAV1D_ERR(EAGAIN)) break;  // nothing more to give, nothing more to get
  }
  dav1d_data_unref(&data);
  if (got == DAV1D_ERR(ERANGE)) return kTooManyCodedPixels;
  if (got != 0) return kDamaged;
  return is_intercepted(picture) ? kIntercepted : copy_picture(*picture, out);
} catch (const std::bad_alloc&) {
  return kNoMemory;
}

heif_error new_decoder(void** decoder) {
  *decoder = new (std::nothrow) Av1Decoder;
  return *decoder == nullptr ? kNoMemory : kOk;
}

}  // namespace

const heif_decoder_plugin kAv1Plugin = {
    .plugin_api_version = 3,
    .get_plugin_name = [] { return "dav1d, one thread"; },
    .init_plugin = nullptr,
    .deinit_plugin = nullptr,
    .does_support_format =
        [](heif_compression_format format) { return format == heif_compression_AV1 ? heif_plugin_priority() : 0; },
    .new_decoder = new_decoder,
    .free_decoder = [](void* decoder) { delete static_cast<Av1Decoder*>(decoder); },
    .push_data = push_data,
    .decode_image = decode_picture,
    .set_strict_decoding = [](void*, int) {},
    .id_name = "dav1d-one-thread",
};

}  // namespace smol
