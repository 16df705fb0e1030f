#include "smol/engine/run_directory.h"
#include "smol/engine/input_list.h"
#include "smol/engine/chunk_encoder.h"
