// The paths of a list: a file's, a pipe's or standard input's.
//
// One path a line; or, if there is a NUL in the first 64 KiB, NUL-separated (find -print0). Empty lines are ignored.
// Of a line, a CR at its end and a UTF-8 byte order mark at the start of the list do not count; between NULs every
// byte does.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace smol {

inline constexpr size_t kLongestListedPathBytes = 64 << 10;  // 16 times what Linux opens: longer, it is no list

// Reads `descriptor` to its end; `path` returns false to stop. `name` is for messages. Throws Error(kUsage): a line
// that is too long or holds a NUL, UTF-16; Error(kFailed): read error; Error(kInterrupted): a signal handler ran
// while waiting.
void read_list(int descriptor, const std::string& name, const std::function<bool(std::string_view path)>& path);

}  // namespace smol
