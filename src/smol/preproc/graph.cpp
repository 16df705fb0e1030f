#include "smol/preproc/graph.h"
#include "smol/preproc/executor.h"
