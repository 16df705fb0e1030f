// Base64 (RFC 4648, with padding), for pictures inside the page.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace smol {

std::string base64(std::span<const std::byte> bytes);

}  // namespace smol
