// Runs one batch through a session and waits; for tests of inference backends.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <future>
#include <span>
#include <string>
#include <vector>

#include "smol/infer/backend.h"

namespace smol::test {

// `bytes`: batch_size() items of `slot`.
inline std::vector<float> infer_once(Session& session, const InputSpec& slot, std::span<const std::byte> bytes) {
  AlignedBuffer input = session.allocate_slot();
  EXPECT_EQ(bytes.size(), static_cast<size_t>(session.batch_size()) * slot.item_bytes());
  std::memcpy(input.data(), bytes.data(), bytes.size());
  std::vector<float> output(static_cast<size_t>(session.batch_size() * session.output_elements()));
  std::promise<Status> done;
  session.start({slot.dtype, slot.batch_shape(session.batch_size()), input.data()}, output,
                [&](Status status) { done.set_value(std::move(status)); });
  const Status status = done.get_future().get();
  EXPECT_TRUE(status.ok()) << status.error().message;
  return output;
}

// Why a backend cannot run in this build; nullptr if it can.
inline const char* why_backend_cannot_run(std::string_view backend) {
#if defined(__SANITIZE_ADDRESS__)
  if (backend == "openvino") return "OpenVINO loads TBB with RTLD_DEEPBIND, which AddressSanitizer refuses";
#elif defined(__SANITIZE_THREAD__)
  if (backend == "openvino")
    return "OpenVINO's TBB is not instrumented: ThreadSanitizer would report races that are none";
#endif
  static_cast<void>(backend);
  return nullptr;
}

}  // namespace smol::test
