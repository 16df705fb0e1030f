#include "smol/media/jpeg2000_library.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string_view>

namespace smol {
namespace {

struct CodecFree {
  void operator()(opj_codec_t* codec) const { opj_destroy_codec(codec); }
};
struct StreamFree {
  void operator()(opj_stream_t* stream) const { opj_stream_destroy(stream); }
};

struct Input {
  Bytes bytes;
  size_t offset = 0;  // never behind the end
};

OPJ_SIZE_T read_input(void* target, OPJ_SIZE_T count, void* user) {
  auto& input = *static_cast<Input*>(user);
  const size_t present = std::min(count, input.bytes.size() - input.offset);
  if (present == 0) return std::numeric_limits<OPJ_SIZE_T>::max();  // the end
  std::memcpy(target, input.bytes.data() + input.offset, present);
  input.offset += present;
  return present;
}

OPJ_OFF_T skip_input(OPJ_OFF_T count, void* user) {
  auto& input = *static_cast<Input*>(user);
  if (count < 0 || static_cast<size_t>(count) > input.bytes.size() - input.offset) return -1;
  input.offset += static_cast<size_t>(count);
  return count;
}

OPJ_BOOL seek_input(OPJ_OFF_T offset, void* user) {
  auto& input = *static_cast<Input*>(user);
  if (offset < 0 || static_cast<size_t>(offset) > input.bytes.size()) return OPJ_FALSE;
  input.offset = static_cast<size_t>(offset);
  return OPJ_TRUE;
}

// The first complaint: later ones follow from it. Must not throw into the library.
void complain(const char* message, void* user) noexcept {
  auto& first = *static_cast<std::string*>(user);
  // Some writers count tile-parts from 0; the library repairs it before it says so.
  if (!first.empty() || std::string_view(message).starts_with("Non conformant codestream TPsot==TNsot")) return;
  first = message;
  std::replace(first.begin(), first.end(), '\n', ' ');
  while (first.ends_with(' ')) first.pop_back();
}

void ignore(const char* /*message*/, void* /*user*/) {}

ItemError error_of(const std::string& complaint) {
  if (complaint.find("emory") != std::string::npos) return {ItemErrorCode::kOutOfMemory, complaint};
  return {ItemErrorCode::kCorrupt, complaint.empty() ? "the picture does not decode" : complaint};
}

}  // namespace

Result<Jpeg2000Image> decode_jpeg2000(Bytes bytes, const Jpeg2000Request& request) {
  const ItemError no_memory{ItemErrorCode::kOutOfMemory, "no memory for the decoder of OpenJPEG"};
  Input input{bytes};
  std::string complaint;
  const std::unique_ptr<opj_codec_t, CodecFree> codec(
      opj_create_decompress(request.boxed ? OPJ_CODEC_JP2 : OPJ_CODEC_J2K));
  const std::unique_ptr<opj_stream_t, StreamFree> stream(opj_stream_default_create(OPJ_STREAM_READ));
  if (!codec || !stream) return no_memory;
  opj_set_info_handler(codec.get(), ignore, nullptr);
  opj_set_warning_handler(codec.get(), complain, &complaint);
  opj_set_error_handler(codec.get(), complain, &complaint);
  opj_stream_set_user_data(stream.get(), &input, nullptr);
  opj_stream_set_user_data_length(stream.get(), bytes.size());
  opj_stream_set_read_function(stream.get(), read_input);
  opj_stream_set_skip_function(stream.get(), skip_input);
  opj_stream_set_seek_function(stream.get(), seek_input);

  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  parameters.cp_reduce = static_cast<OPJ_UINT32>(request.halvings);
  opj_image_t* header = nullptr;
  const bool ready = opj_setup_decoder(codec.get(), &parameters) != OPJ_FALSE &&
                     opj_decoder_set_strict_mode(codec.get(), OPJ_TRUE) != OPJ_FALSE &&
                     opj_codec_set_threads(codec.get(), 1) != OPJ_FALSE &&
                     opj_read_header(stream.get(), codec.get(), &header) != OPJ_FALSE;
  Jpeg2000Image image(header);
  if (!ready || !complaint.empty()) return error_of(complaint);
  const Rect& area = request.area;
  if (request.has_area &&
      opj_set_decode_area(codec.get(), image.get(), area.left, area.top, area.right, area.bottom) == OPJ_FALSE) {
    return error_of(complaint);
  }
  if (opj_decode(codec.get(), stream.get(), image.get()) == OPJ_FALSE || !complaint.empty()) {
    return error_of(complaint);
  }
  return image;
}

}  // namespace smol
