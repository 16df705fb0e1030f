#include "smol/base/result.h"

namespace smol {

std::string_view item_error_name(ItemErrorCode code) {
  switch (code) {
    case ItemErrorCode::kNotFound: return "not_found";
    case ItemErrorCode::kPermissionDenied: return "permission_denied";
    case ItemErrorCode::kNotAFile: return "not_a_file";
    case ItemErrorCode::kReadFailed: return "read_failed";
    case ItemErrorCode::kEmptyFile: return "empty_file";
    case ItemErrorCode::kFileTooLarge: return "file_too_large";
    case ItemErrorCode::kUnknownFormat: return "unknown_format";
    case ItemErrorCode::kUnsupportedFormat: return "unsupported_format";
    case ItemErrorCode::kTooManyPixels: return "too_many_pixels";
    case ItemErrorCode::kTooManyFrames: return "too_many_frames";
    case ItemErrorCode::kTimeLimit: return "time_limit";
    case ItemErrorCode::kTruncated: return "truncated";
    case ItemErrorCode::kCorrupt: return "corrupt";
    case ItemErrorCode::kOutOfMemory: return "out_of_memory";
    case ItemErrorCode::kBadRegion: return "bad_region";
    case ItemErrorCode::kSizeDiffers: return "size_differs";
    case ItemErrorCode::kInferenceFailed: return "inference_failed";
    case ItemErrorCode::kWriteFailed: return "write_failed";
  }
  return "unknown";
}

}  // namespace smol
