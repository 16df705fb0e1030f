#include "smol/media/heif_plugins.h"

#include <libheif/heif.h>
#include <libheif/heif_plugin.h>

#include <mutex>

#include "smol/media/av_handles.h"

namespace smol {
namespace {

constexpr int kPriority = 1000;  // those that come with libheif have about 100
thread_local bool skips_filters = false;
thread_local bool steps_aside = false;

}  // namespace

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

}  // namespace smol
