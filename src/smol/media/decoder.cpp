#include "smol/media/decoder.h"
