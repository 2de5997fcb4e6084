/* CUDA's runtime, or with -DDRIVER its driver, played in the memory of the host: memory and copies are real, streams and graphs are written down, and
   kernels compute nothing. What is not here is made by played_cuda.py, and does nothing.
   PLAYED_COUNT: GPUs; PLAYED_FAULT: what every call answers; PLAYED_LOG: a file of what was asked, by which thread. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static __thread int device;
static volatile int recorder; /* the thread that records a graph */

static int number(const char *name, int usual) {
    const char *text = getenv(name);
    return text ? atoi(text) : usual;
}

static void note(const char *what, size_t bytes) {
    static FILE *file;
    int thread = (int)syscall(SYS_gettid);
    if (!getenv("PLAYED_LOG")) return;
    if (!file) file = fopen(getenv("PLAYED_LOG"), "a");
    fprintf(file, "%s %zu %d %d %d\n", what, bytes, device, thread, recorder);
    fflush(file);
}

#ifdef DRIVER

int cuInit(unsigned flags) { return 0; }
int cuDeviceGetCount(int *count) { *count = number("PLAYED_COUNT", 1); return 0; }
int cuDeviceGet(int *index, int number) { *index = number; return 0; }
int cuDeviceGetName(char *name, int length, int index) { strncpy(name, "Played", length); return 0; }
int cuDriverGetVersion(int *version) { *version = 13000; return 0; }

#else

static int take(void **to, size_t bytes) {
    note("malloc", bytes);
    *to = aligned_alloc(256, (bytes + 255) / 256 * 256);
    return 0;
}

static int copy(const char *what, void *to, const void *from, size_t bytes) {
    note(what, bytes);
    memcpy(to, from, bytes);
    return 0;
}

static int made(void **handle) {
    *handle = malloc(8);
    return 0;
}

int cudaGetDeviceCount(int *count) { *count = number("PLAYED_COUNT", 1); return number("PLAYED_FAULT", 0); }
int cudaSetDevice(int index) { device = index; return number("PLAYED_FAULT", 0); }
int cudaGetDevice(int *index) { *index = device; return 0; }
int cudaDriverGetVersion(int *version) { *version = 13000; return 0; }
int cudaRuntimeGetVersion(int *version) { *version = 13000; return 0; }
int cudaDeviceGetAttribute(int *value, int name, int index) { *value = name == 75 ? 8 : name == 76 ? 9 : 32; return 0; }
int cudaGetDeviceProperties(char *facts, int index) { memset(facts, 0, 900); strcpy(facts, "Played"); return 0; }
int cudaMemGetInfo(size_t *unused, size_t *all) { *unused = *all = 8ul << 30; return 0; }
int cudaMalloc(void **to, size_t bytes) { return take(to, bytes); }
int cudaMallocHost(void **to, size_t bytes) { return take(to, bytes); }
int cudaHostAlloc(void **to, size_t bytes, unsigned flags) { return take(to, bytes); }
int cudaFree(void *memory) { free(memory); return 0; }
int cudaFreeHost(void *memory) { free(memory); return 0; }
int cudaMemcpy(void *to, const void *from, size_t n, int kind) { return copy("copy", to, from, n); }
int cudaMemcpyAsync(void *to, const void *from, size_t n, int kind, void *stream) {
    if (recorder) usleep(20000); /* so that others would come in between */
    return copy("stream-copy", to, from, n);
}
int cudaMemset(void *to, int value, size_t n) { memset(to, value, n); return 0; }
int cudaMemsetAsync(void *to, int value, size_t n, void *stream) { memset(to, value, n); return 0; }
int cudaStreamCreate(void **stream) { return made(stream); }
int cudaStreamCreateWithFlags(void **stream, unsigned flags) { return made(stream); }
int cudaStreamSynchronize(void *stream) { note("wait", 0); return 0; }
int cudaStreamIsCapturing(void *stream, int *state) { *state = recorder != 0; return 0; }
int cudaStreamBeginCapture(void *stream, int mode) {
    recorder = (int)syscall(SYS_gettid);
    note(mode ? "record-other" : "record-global", 0);
    return 0;
}
int cudaStreamEndCapture(void *stream, void **graph) { note("recorded", 0); recorder = 0; return made(graph); }
int cudaGraphInstantiate(void **ready, void *graph, unsigned long long flags) { return made(ready); }
int cudaGraphLaunch(void *graph, void *stream) { note("graph", 0); return 0; }
int cudaEventCreate(void **event) { return made(event); }
int cudaEventCreateWithFlags(void **event, unsigned flags) { return made(event); }
int cudaEventElapsedTime(float *ms, void *first, void *last) { *ms = 1; return 0; }
int cudaPointerGetAttributes(int *facts, const void *memory) { memset(facts, 0, 32); facts[0] = 2; return 0; }
void **__cudaRegisterFatBinary(void *binary) { static void *handle; return &handle; }
const char *cudaGetErrorName(int code) { return "cudaErrorPlayed"; }
const char *cudaGetErrorString(int code) {
    return code == 35 ? "CUDA driver version is insufficient for CUDA runtime version" : "played";
}

#endif
