#include "smol/engine/render.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <fstream>
#include <iterator>
#include <list>
#include <mutex>
#include <new>
#include <optional>
#include <set>
#include <thread>
#include <unordered_set>
#include <utility>

#include "smol/base/cpu_budget.h"
#include "smol/base/error.h"
#include "smol/base/file_system.h"
#include "smol/base/orient.h"
#include "smol/engine/glob.h"
#include "smol/engine/rendered_folder.h"
#include "smol/engine/temporary_snapshot.h"
#include "smol/media/file_reader.h"
#include "smol/media/image_encoder.h"
#include "smol/media/video_encoder.h"
#include "smol/preproc/executor.h"

namespace smol {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Of a plain folder's item: its path without extension.
std::string_view without_extension(std::string_view path) {
  const size_t dot = path.rfind('.');
  const size_t slash = path.rfind('/');
  const size_t name = slash == path.npos ? 0 : slash + 1;
  return dot == path.npos || dot <= name ? path : path.substr(0, dot);
}

// Of `path` as seen from `folder`: "" if it is the folder itself, nothing if it does not lie below it.
std::optional<fs::path> inside(const fs::path& path, const fs::path& folder) {
  fs::path relative = path.lexically_relative(folder);
  if (relative.empty() || *relative.begin() == "..") return std::nullopt;
  return relative == "." ? fs::path() : relative;
}

// Videos become videos, pictures become pictures.
bool applies_to(const RenderTarget& target, const Item& item) {
  return item.frame.has_value() == (target.format == StoredFormat::kMp4);
}

// What one thread needs to make pictures smaller; buffers are used again.
class Renderer {
 public:
  Result<std::vector<std::byte>> render(ConstImageView stored, Orientation orientation, const RenderTarget& target) {
    const Size displayed = oriented(stored.size, orientation);
    const int short_side = target.short_side > 0 ? std::min(target.short_side, displayed.short_side()) : 0;
    if (short_side == 0 || short_side == displayed.short_side()) {
      small_.resize(displayed, 3);
      orient(stored, orientation, small_.view());
    } else {
      resize(stored, orientation, displayed, short_side, target.filter);
    }
    const ConstImageView picture = std::as_const(small_).view();
    return target.format == StoredFormat::kPng ? encode_png(picture) : encode_jpeg(picture, target.quality);
  }

 private:
  void resize(ConstImageView stored, Orientation orientation, Size displayed, int short_side, ResizeFilter filter) {
    const auto scaled = [&](int side) {
      return static_cast<int>(int64_t{side} * short_side / displayed.short_side());  // torchvision truncates, too
    };
    ResizeOp op;
    op.rule = ResizeRule::kExact;
    op.size = {scaled(displayed.height), scaled(displayed.width)};
    op.filter = filter;
    if (!executor_ || op != op_) {
      executor_.emplace(PreprocGraph{{op}});
      op_ = op;
    }
    small_.resize(op.size, 3);
    auto* pixels = reinterpret_cast<std::byte*>(small_.view().data);
    executor_->run(stored, orientation, {DType::kU8, executor_->output().item_shape(), pixels});
  }

  Image small_;
  ResizeOp op_;
  std::optional<FusedExecutor> executor_;
};

class RenderJob {
 public:
  RenderJob(const RenderRequest& request, const std::function<void(const std::string&, const ItemError&)>& failure)
      : request_(request), failure_(failure), files_(posix_file_system()) {}

  RenderReport run() {
    list_items();
    name_renditions();
    const int threads = request_.threads > 0 ? request_.threads : cpu_budget().cores;
    {
      std::vector<std::jthread> workers;
      for (int i = 0; i < threads; ++i) workers.emplace_back([this] { work(); });
    }
    if (broken_) std::rethrow_exception(broken_);
    return report_;
  }

 private:
  void list_items();
  void exclude_rendered(InputOptions& options) const;
  void check_unique_ids();
  void check_targets();
  void name_renditions();
  void work();
  bool next(Item& item);
  bool concerns_all(const FileError& error) const;
  void keep(PendingFile& file, const timespec& modified);
  Status render_video(const Item& item, const std::vector<const RenderTarget*>& missing, const timespec& modified);
  Status render_item(const Item& item, FileReader& reader, DecoderSet& decoders, Image& picture, Renderer& renderer);
  fs::path source_folder() const { return fs::weakly_canonical(dataset_ ? dataset_->root : request_.inputs.source); }
  std::string source_pattern() const;
  std::vector<Rendition> own_renditions() const;
  fs::path place_of(const Item& item, const Rendition& rendition) const;

  const RenderRequest& request_;
  const std::function<void(const std::string&, const ItemError&)>& failure_;
  FileSystem& files_;
  TemporarySnapshot snapshot_;
  std::optional<Dataset> dataset_;
  std::set<std::string> extensions_;  // of a plain folder's files
  std::optional<InputList> inputs_;
  std::vector<int64_t> time_units_ns_;  // of the targets' folders
  std::mutex mutex_;                    // guards what follows, and inputs_
  RenderReport report_;
  std::exception_ptr broken_;
};

void RenderJob::list_items() {
  InputOptions options = request_.inputs;
  options.index_videos = false;  // they are rendered whole
  dataset_ = find_dataset(request_.dataset, options.source);
  if (!dataset_ && !fs::is_directory(options.source)) {
    throw Error(ErrorCode::kUsage, "renditions are made of a folder or of a dataset's .toml file: " + options.source);
  }
  if (dataset_) {
    std::erase_if(dataset_->used, [&](uint8_t index) {
      return std::any_of(request_.targets.begin(), request_.targets.end(),
                         [&](const RenderTarget& target) { return target.name == dataset_->renditions[index].name; });
    });
    if (dataset_->used.empty()) {
      throw Error(ErrorCode::kUsage, "no rendition is left to render from: give the new one another name: " +
                                         request_.targets.front().name);
    }
    options.dataset = dataset_;
  }
  exclude_rendered(options);
  const InputCounts counts = snapshot_inputs(options, files_, snapshot_.path());
  if (counts.items == 0) throw Error(ErrorCode::kUsage, "no images found in: " + options.source);
  inputs_.emplace(snapshot_.path());
  if (!dataset_) check_unique_ids();
  check_targets();
  inputs_->seek(0);
}

// If OUT lies in the source, what was rendered into it is no source. OUT may be a link: both of its names count.
void RenderJob::exclude_rendered(InputOptions& options) const {
  const fs::path root = dataset_ ? dataset_->root : options.source;
  const auto plain = [](const fs::path& path) { return fs::absolute(path).lexically_normal(); };
  std::vector<std::string> prefixes;  // of the paths of items, which --exclude is about
  if (dataset_) {
    for (const Rendition& rendition : dataset_->renditions) prefixes.push_back(rendition.prefix);
  } else {
    prefixes.emplace_back();
  }
  const std::vector<std::string> names = rendered_folders(request_.out);
  for (const auto& out : {inside(fs::weakly_canonical(request_.out), fs::weakly_canonical(root)),
                          inside(plain(request_.out / ""), plain(root / ""))}) {
    if (!out) continue;
    for (const std::string& name : names) {
      const std::string folder = (*out / name).string();
      for (const std::string& prefix : prefixes) {
        if (folder.starts_with(prefix)) options.exclude.push_back(exact_glob(folder.substr(prefix.size())));
      }
    }
  }
}

void RenderJob::check_unique_ids() {
  std::unordered_set<std::string> ids;
  for (Item item; inputs_->next(item);) {
    const std::string_view id = without_extension(item.id);
    extensions_.emplace(std::string_view(item.id).substr(id.size()));
    if (!ids.emplace(id).second) {
      throw Error(ErrorCode::kUsage,
                  "two files differ in their extension only, and would be stored as one: choose with --include, or "
                  "name renditions (docs/datasets.md): " +
                      item.path);
    }
  }
}

// A target that nothing applies to is a mistake, not an empty rendition.
void RenderJob::check_targets() {
  bool has_pictures = false;
  bool has_videos = false;
  inputs_->seek(0);
  for (Item item; inputs_->next(item) && !(has_pictures && has_videos);)
    (item.frame ? has_videos : has_pictures) = true;
  for (const RenderTarget& target : request_.targets) {
    const bool wants_videos = target.format == StoredFormat::kMp4;
    if (wants_videos ? has_videos : has_pictures) continue;
    throw Error(ErrorCode::kUsage, "--to " + to_string(target) + ": there are no " +
                                       (wants_videos ? "videos" : "pictures") + " in " + request_.inputs.source +
                                       " (format=mp4 is for videos, png and jpeg are for pictures)");
  }
}

// The files that are rendered, if they lie in OUT: so they stay items, and are what is rendered from next time.
std::vector<Rendition> RenderJob::own_renditions() const {
  const std::optional<fs::path> source = inside(source_folder(), fs::weakly_canonical(request_.out));
  if (!source) return {};
  const std::string prefix = (*source / "").string();
  std::vector<Rendition> own;
  if (dataset_) {
    for (const Rendition& rendition : dataset_->renditions) {
      own.push_back(parse_rendition(rendition.name, prefix + rendition.pattern(), "OUT"));
    }
    return own;
  }
  for (const std::string& extension : extensions_) {
    const std::string name = extensions_.size() == 1 || extension.empty() ? "full" : "full-" + extension.substr(1);
    own.push_back(parse_rendition(name, prefix + "{id}" + extension, "OUT"));
  }
  return own;
}

// Where the files lie that are rendered: "/photos/full/{id}". As seen from OUT if one lies in the other, as they may
// be moved together; of several renditions, the preferred one; without extension, as a plain folder that is rendered
// into is a dataset next time.
std::string RenderJob::source_pattern() const {
  const fs::path out = fs::weakly_canonical(request_.out);
  const fs::path source = source_folder();
  const bool moves_along = inside(source, out) || inside(out, source);
  const fs::path folder = moves_along ? source.lexically_relative(out) : source;
  const std::string pattern = dataset_ ? dataset_->renditions[dataset_->used.front()].pattern() : "{id}";
  return (folder / without_extension(pattern)).lexically_normal().string();
}

void RenderJob::name_renditions() {
  files_.create_directories(request_.out);
  const fs::path file = request_.out / kDatasetFileName;
  std::vector<Rendition> added = own_renditions();
  for (const RenderTarget& target : request_.targets) {
    const Rendition rendition = rendition_of(target);
    if (std::find(added.begin(), added.end(), rendition) == added.end()) added.push_back(rendition);
  }
  const std::string before = text_of(file);
  const std::string text = extended_dataset_file(before, file.string(), added);
  for (const RenderTarget& target : request_.targets) {
    const fs::path folder = request_.out / target.name;
    claim_rendered_folder(files_, folder, to_string(target) + " from " + source_pattern());
    time_units_ns_.push_back(time_unit_ns(folder));
  }
  if (text != before) write_atomically(files_, file, text);
}

bool RenderJob::next(Item& item) {
  const std::lock_guard lock(mutex_);
  if (broken_) return false;
  while (inputs_->next(item)) {
    const auto applies = [&item](const RenderTarget& target) { return applies_to(target, item); };
    if (std::any_of(request_.targets.begin(), request_.targets.end(), applies)) return true;
  }
  return false;
}

fs::path RenderJob::place_of(const Item& item, const Rendition& rendition) const {
  const std::string_view id = dataset_ ? std::string_view(item.id) : without_extension(item.id);
  return request_.out / (rendition.prefix + std::string(id) + rendition.suffix);
}

void RenderJob::work() try {
  FileReader reader;
  DecoderSet decoders;
  Image picture;
  Renderer renderer;
  for (Item item; next(item);) {
    const Status status = render_item(item, reader, decoders, picture, renderer);
    const std::lock_guard lock(mutex_);
    ++report_.items;
    if (status.ok()) continue;
    ++report_.failed;
    failure_(item.path, status.error());
  }
} catch (...) {
  const std::lock_guard lock(mutex_);
  if (!broken_) broken_ = std::current_exception();
}

// Whether what refused one file would refuse the others, too.
bool RenderJob::concerns_all(const FileError& error) const {
  switch (error.number()) {
    case ENOSPC:
    case EDQUOT:
    case EIO:
    case EMFILE:
    case ENFILE: return true;
    default: break;
  }
  return std::any_of(request_.targets.begin(), request_.targets.end(), [&](const RenderTarget& target) {
    return ::access((request_.out / target.name).c_str(), W_OK | X_OK) != 0;
  });
}

void RenderJob::keep(PendingFile& file, const timespec& modified) {
  file.keep(files_, modified);
  const std::lock_guard lock(mutex_);
  ++report_.written;
}

Status RenderJob::render_video(const Item& item, const std::vector<const RenderTarget*>& missing,
                               const timespec& modified) {
  std::list<PendingFile> pending;
  std::vector<VideoOutput> outputs;
  for (const RenderTarget* target : missing) {
    const PendingFile& file = pending.emplace_back(place_of(item, rendition_of(*target)));
    outputs.push_back({file.temporary().string(), {target->short_side, target->crf}});
  }
  const Status status = encode_video(item.path, outputs, request_.limits);
  if (!status.ok()) return status;
  for (PendingFile& file : pending) keep(file, modified);
  return ok_status();
}

Status RenderJob::render_item(const Item& item, FileReader& reader, DecoderSet& decoders, Image& picture,
                              Renderer& renderer) try {
  struct stat source{};
  static_cast<void>(::stat(item.path.c_str(), &source));  // if it is not there, reading it will say so
  const timespec modified = source.st_mtim;
  std::vector<const RenderTarget*> missing;
  size_t applicable = 0;
  for (size_t i = 0; i < request_.targets.size(); ++i) {
    const RenderTarget& target = request_.targets[i];
    if (!applies_to(target, item)) continue;
    ++applicable;
    const fs::path place = place_of(item, rendition_of(target));
    if (!is_rendered_from(place, modified, time_units_ns_[i])) missing.push_back(&target);
  }
  {
    const std::lock_guard lock(mutex_);
    report_.kept += applicable - missing.size();
  }
  if (missing.empty()) return ok_status();
  if (item.frame) return render_video(item, missing, modified);
  const Result<std::span<const std::byte>> bytes = reader.read(item.path, request_.limits.max_file_bytes);
  if (!bytes) return bytes.error();
  const Result<Decoder*> decoder = decoders.decoder_for(*bytes);
  if (!decoder) return decoder.error();
  const Result<ImageInfo> info = (*decoder)->inspect(*bytes);
  if (!info) return info.error();
  const Result<DecodedGeometry> geometry = decode_image(**decoder, *bytes, {}, request_.limits, picture);
  if (!geometry) return geometry.error();
  for (const RenderTarget* target : missing) {
    const auto stored = renderer.render(std::as_const(picture).view(), info->orientation, *target);
    if (!stored) return stored.error();
    PendingFile file(place_of(item, rendition_of(*target)));
    files_.create(file.temporary())->write(*stored);
    keep(file, modified);
  }
  return ok_status();
} catch (const std::bad_alloc&) {
  return ItemError{ItemErrorCode::kOutOfMemory, "not enough memory to render the image"};
} catch (const FileError& error) {
  if (concerns_all(error)) throw;
  return ItemError{ItemErrorCode::kWriteFailed, error.what()};
}

}  // namespace

RenderReport render(const RenderRequest& request,
                    const std::function<void(const std::string& path, const ItemError& error)>& failure) {
  std::set<std::string> names;
  for (const RenderTarget& target : request.targets) {
    if (!names.insert(target.name).second) {
      throw Error(ErrorCode::kUsage, "--to: two renditions have the name " + target.name);
    }
  }
  return RenderJob(request, failure).run();
}

}  // namespace smol
