// The agent's programs, out of one file that is a quarter of their size.
#include <windows.h>

#define REASON_UNITS 512
// Tests call them, too.
#define EXPORTED __declspec(dllexport)

// Puts every file of `folder`\backstay-agent.tar.lzma into `folder`, all or none. `bytes` and `sha256` (hexadecimal digits): of the
// tar. What a file replaces stays beside it as NAME.old until one of the two below is called. Returns an error of Windows, 0: none;
// then `why` is the reason in words.
EXPORTED DWORD unpack(const wchar_t *folder, ULONGLONG bytes, const wchar_t *sha256, wchar_t *why);
// As it was before. Does no harm where nothing was unpacked, or half of it.
EXPORTED void unpack_undo(const wchar_t *folder);
// What was replaced goes.
EXPORTED void unpack_settle(const wchar_t *folder);
