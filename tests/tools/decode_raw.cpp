// Decodes one picture to raw RGB, for tests in other languages.
//
//   decode_raw FILE [OPTION...] > out
//
// Options: spec=1/2 (any text form of a DecodeSpec)  region=TOP,LEFT,BOTTOM,RIGHT  read_to_end  max_pixels=N
//
// `out` is a line "HEIGHT WIDTH TOP LEFT BOTTOM RIGHT ORIENTATION" (the size of what follows, the part of the stored
// picture that it covers, its EXIF orientation), then HEIGHT * WIDTH * 3 bytes. A picture that cannot be decoded:
// exit code 3 and "error_code: message" on stderr. A wrong call: exit code 2.
#include <cstdio>
#include <iostream>
#include <stdexcept>
#include <string>

#include "smol/media/decoder.h"
#include "smol/media/file_reader.h"

namespace {

using namespace smol;

struct Job {
  DecodeSpec spec;
  DecodeLimits limits;
};

Job parse(int argc, char** argv) {
  Job job;
  Rect region;
  for (int i = 2; i < argc; ++i) {
    const std::string argument = argv[i];
    const std::string value = argument.substr(argument.find('=') + 1);
    if (argument.starts_with("spec=")) {
      const DecodeSpec before = job.spec;
      job.spec = parse_decode_spec(value);
      job.spec.region = before.region;
      job.spec.read_to_end = before.read_to_end;
    } else if (argument.starts_with("region=") && std::sscanf(value.c_str(), "%d,%d,%d,%d", &region.top, &region.left,
                                                              &region.bottom, &region.right) == 4) {
      job.spec.region = region;
    } else if (argument == "read_to_end") {
      job.spec.read_to_end = true;
    } else if (argument.starts_with("max_pixels=")) {
      job.limits.max_pixels = std::stoll(value);
    } else {
      throw std::runtime_error("unknown option: " + argument);
    }
  }
  return job;
}

int fail(const ItemError& error) {
  std::cerr << item_error_name(error.code) << ": " << error.message << '\n';
  return 3;
}

int run(int argc, char** argv) {
  if (argc < 2) throw std::runtime_error("usage: decode_raw FILE [OPTION...] > out");
  const Job job = parse(argc, argv);
  FileReader reader;
  const auto bytes = reader.read(argv[1], job.limits.max_file_bytes);
  if (!bytes.ok()) return fail(bytes.error());
  DecoderSet decoders;
  const auto decoder = decoders.decoder_for(*bytes);
  if (!decoder.ok()) return fail(decoder.error());
  const auto info = (*decoder)->inspect(*bytes);
  if (!info.ok()) return fail(info.error());
  Image picture;
  const auto geometry = decode_image(**decoder, *bytes, job.spec, job.limits, picture);
  if (!geometry.ok()) return fail(geometry.error());

  const Rect& covers = geometry->covers;
  std::printf("%d %d %d %d %d %d %d\n", geometry->size.height, geometry->size.width, covers.top, covers.left,
              covers.bottom, covers.right, static_cast<int>(info->orientation));
  const auto pixel_bytes = static_cast<size_t>(geometry->size.pixels()) * 3;
  return std::fwrite(picture.view().data, 1, pixel_bytes, stdout) == pixel_bytes ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 2;
  }
}
