// What can go wrong with one item, as a value.
//
// A Result<T> holds a T or an ItemError; a Status is a Result without a value. Success never allocates.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace smol {

// Stable names (item_error_name) stand in the `error_code` column: never rename one, only add.
enum class ItemErrorCode {
  kNotFound,           // no such file
  kPermissionDenied,   // the file may not be read
  kNotAFile,           // a folder, socket or device
  kReadFailed,         // I/O error while reading
  kEmptyFile,          // zero bytes
  kFileTooLarge,       // more bytes than the limit
  kUnknownFormat,      // not an image that smol knows by its first bytes
  kUnsupportedFormat,  // a known image format, or a variant of one, that smol does not decode
  kTooManyPixels,      // height * width over the limit
  kTooManyFrames,      // a video of more frames than the limit; those up to it are items
  kTimeLimit,          // decoding took longer than the limit
  kTruncated,          // the data end before the image does
  kCorrupt,            // the data contradict the format
  kOutOfMemory,        // decoding needed more memory than there was
  kBadRegion,          // a region of interest that is not within the picture
  kSizeDiffers,        // not the size that all inputs must have for the chosen cut
  kInferenceFailed,    // the backend refused the batch that held this item
  kWriteFailed,        // what is made of the item cannot be written at its place
};

std::string_view item_error_name(ItemErrorCode code);

struct ItemError {
  ItemErrorCode code;
  std::string message;  // one line, without the path: the row has it
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}
  Result(ItemError error) : state_(std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // Calling the accessor of the other alternative is a bug and throws std::bad_variant_access.
  T& value() { return std::get<0>(state_); }
  const T& value() const { return std::get<0>(state_); }
  T& operator*() { return value(); }
  const T& operator*() const { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  ItemError& error() { return std::get<1>(state_); }
  const ItemError& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, ItemError> state_;
};

using Status = Result<std::monostate>;
inline Status ok_status() { return std::monostate{}; }

}  // namespace smol
