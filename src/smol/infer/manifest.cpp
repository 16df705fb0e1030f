#include "smol/infer/manifest.h"
#include "smol/infer/backend.h"
#include "smol/infer/simulated_device.h"
