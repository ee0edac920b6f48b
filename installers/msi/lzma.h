// Decodes LZMA as `xz --format=lzma` writes it.
#include <stddef.h>

// Whether `in` is one whole LZMA file (with its header of 13 bytes) that decodes to exactly `out_length` bytes. Reads and
// writes nothing outside of the two, whatever `in` says.
int lzma_decode(const unsigned char *in, size_t in_length, unsigned char *out, size_t out_length);
