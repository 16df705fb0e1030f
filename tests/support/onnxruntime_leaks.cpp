// ONNX Runtime keeps a string of 14 bytes for as long as the process lives, which LeakSanitizer takes for a leak.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libonnxruntime\n"; }
