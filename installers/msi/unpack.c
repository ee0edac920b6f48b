#include "unpack.h"
#include "folders.h"
#include "lzma.h"
#include <bcrypt.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define ARCHIVE L"backstay-agent.tar.lzma"
// The programs are 110 MB; all of it is held in memory while it is unpacked.
#define BYTES_MAX (1024ull * 1024 * 1024)
#define BLOCK 512
#define FILES_MAX 16

static DWORD because(wchar_t *why, DWORD error, const wchar_t *what, const wchar_t *name) {
  wchar_t said[256] = L"";
  FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL, error, 0, said, 256, NULL);
  for (wchar_t *end = said + wcslen(said); end > said && wcschr(L"\r\n. ", end[-1]); end--) end[-1] = 0;
  _snwprintf(why, REASON_UNITS, L"%ls \"%ls\": %ls (%lu)", what, name, said, error);
  why[REASON_UNITS - 1] = 0;
  return error;
}

// ---- the archive in memory

typedef struct {
  char name[101];
  const BYTE *bytes;
  DWORD length;
} Packed;

static BOOL has_sha256(BYTE *bytes, ULONG length, const wchar_t *wanted) {
  BCRYPT_ALG_HANDLE algorithm;
  BCRYPT_HASH_HANDLE hash;
  BYTE digest[32] = {0};
  wchar_t digits[65];
  if (BCryptOpenAlgorithmProvider(&algorithm, BCRYPT_SHA256_ALGORITHM, NULL, 0)) return FALSE;
  BOOL done = !BCryptCreateHash(algorithm, &hash, NULL, 0, NULL, 0, 0);
  if (done) {
    done = !BCryptHashData(hash, bytes, length, 0) && !BCryptFinishHash(hash, digest, sizeof digest, 0);
    BCryptDestroyHash(hash);
  }
  BCryptCloseAlgorithmProvider(algorithm, 0);
  for (int i = 0; i < 32; i++) _snwprintf(digits + 2 * i, 3, L"%02x", digest[i]);
  return done && !wcscmp(digits, wanted);
}

// Its hash says that we made it; and even so no name leads out of the folder. Returns how many files it has, 0: it is no archive.
static size_t read_tar(const BYTE *tar, size_t length, Packed *files) {
  size_t count = 0;
  for (size_t at = 0; length - at >= BLOCK; count++) {
    const BYTE *header = tar + at;
    if (header[0] == 0) return count;
    Packed *file = &files[count];
    if (count == FILES_MAX || memcmp(header + 257, "ustar", 5) || (header[156] != '0' && header[156] != 0)) return 0;
    memcpy(file->name, header, 100);
    file->name[100] = 0;
    if (strspn(file->name, "abcdefghijklmnopqrstuvwxyz0123456789-.") != strlen(file->name) || file->name[0] == '.') return 0;
    char size[13] = {0};
    memcpy(size, header + 124, 12);
    unsigned long long bytes = strtoull(size, NULL, 8);
    at += BLOCK;
    if (bytes > length - at) return 0;
    file->bytes = tar + at;
    file->length = (DWORD)bytes;
    size_t whole = (size_t)(bytes + BLOCK - 1) / BLOCK * BLOCK;
    if (whole > length - at) return 0;
    at += whole;
  }
  return 0;
}

// ---- files

typedef wchar_t Path[PATH_UNITS];

static void beside(wchar_t *path, const wchar_t *folder, const wchar_t *name, const wchar_t *suffix) {
  _snwprintf(path, PATH_UNITS, L"%ls\\%ls%ls", folder, name, suffix);
  path[PATH_UNITS - 1] = 0;
}

// With its final length first: a disk that is full says so before minutes were spent on it.
static DWORD write_file(const wchar_t *path, const BYTE *bytes, DWORD length) {
  HANDLE file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
  if (file == INVALID_HANDLE_VALUE) return GetLastError();
  LARGE_INTEGER end = {.QuadPart = length}, start = {.QuadPart = 0};
  DWORD written = 0;
  BOOL done = SetFilePointerEx(file, end, NULL, FILE_BEGIN) && SetEndOfFile(file) && SetFilePointerEx(file, start, NULL, FILE_BEGIN) &&
              WriteFile(file, bytes, length, &written, NULL) && FlushFileBuffers(file);
  DWORD error = done && written == length ? 0 : done ? ERROR_DISK_FULL : GetLastError();
  CloseHandle(file);
  return error;
}

// Under this name nobody would bring it back, and the service removes it when it runs no more. To leave that to the next start
// of Windows would have tools think that the machine wants to be restarted.
static BOOL send_away(const wchar_t *path) {
  Path gone;
  _snwprintf(gone, PATH_UNITS, L"%ls.%lu.gone", path, GetTickCount());
  gone[PATH_UNITS - 1] = 0;
  return MoveFileExW(path, gone, 0);
}

// A running program can be renamed, though neither written to nor replaced.
static BOOL replace(const wchar_t *path, const wchar_t *fresh) {
  const DWORD how = MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH;
  return MoveFileExW(fresh, path, how) || (send_away(path) && MoveFileExW(fresh, path, how));
}

// A second name, so that the first is never without a file. Where there was none, an empty NAME.old says that.
static DWORD keep_old(const wchar_t *path, const wchar_t *old) {
  if (CreateHardLinkW(old, path, NULL)) return 0;
  if (GetLastError() == ERROR_FILE_NOT_FOUND) return write_file(old, (const BYTE *)"", 0);
  return MoveFileExW(path, old, 0) ? 0 : GetLastError();
}

static DWORD put_all(const wchar_t *folder, const Packed *files, size_t count, wchar_t *why) {
  for (size_t pass = 0; pass < 2; pass++) {
    for (size_t i = 0; i < count; i++) {
      wchar_t name[101];
      Path path, fresh, old;
      MultiByteToWideChar(CP_UTF8, 0, files[i].name, -1, name, 101);
      beside(path, folder, name, L"");
      beside(fresh, folder, name, L".new");
      beside(old, folder, name, L".old");
      // First all of them beside the old ones, then each into its place.
      DWORD error = pass == 0 ? write_file(fresh, files[i].bytes, files[i].length) : keep_old(path, old);
      if (error) return because(why, error, pass == 0 ? L"cannot write" : L"cannot replace", path);
      if (pass == 1 && !replace(path, fresh)) return because(why, GetLastError(), L"cannot put", path);
    }
  }
  return 0;
}

static DWORD unpack_bytes(const wchar_t *folder, const BYTE *packed, size_t length, BYTE *tar, ULONGLONG bytes, const wchar_t *sha256, wchar_t *why) {
  Packed files[FILES_MAX];
  BOOL is_whole = lzma_decode(packed, length, tar, (size_t)bytes) && has_sha256(tar, (ULONG)bytes, sha256);
  size_t count = is_whole ? read_tar(tar, (size_t)bytes, files) : 0;
  if (count == 0) return because(why, ERROR_FILE_CORRUPT, L"not what this package was made with:", ARCHIVE);
  return put_all(folder, files, count, why);
}

DWORD unpack(const wchar_t *folder, ULONGLONG bytes, const wchar_t *sha256, wchar_t *why) {
  Path path;
  beside(path, folder, ARCHIVE, L"");
  unpack_undo(folder);
  if (bytes == 0 || bytes > BYTES_MAX) return because(why, ERROR_INVALID_DATA, L"the size is none for", ARCHIVE);
  HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, FILE_FLAG_SEQUENTIAL_SCAN, NULL);
  LARGE_INTEGER length = {.QuadPart = 0};
  if (file == INVALID_HANDLE_VALUE || !GetFileSizeEx(file, &length)) return because(why, GetLastError(), L"cannot read", path);
  HANDLE mapping = CreateFileMappingW(file, NULL, PAGE_READONLY, 0, 0, NULL);
  const BYTE *packed = mapping ? MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, 0) : NULL;
  BYTE *tar = VirtualAlloc(NULL, (SIZE_T)bytes, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
  DWORD error = packed && tar ? unpack_bytes(folder, packed, (size_t)length.QuadPart, tar, bytes, sha256, why)
                              : because(why, GetLastError(), L"cannot read", path);
  if (error) unpack_undo(folder);
  if (tar) VirtualFree(tar, 0, MEM_RELEASE);
  if (packed) UnmapViewOfFile(packed);
  if (mapping) CloseHandle(mapping);
  CloseHandle(file);
  return error;
}

// ---- before and after

static void forget(const wchar_t *path, BOOL is_empty) {
  (void)is_empty;
  if (!DeleteFileW(path)) send_away(path);
}

static void bring_back(const wchar_t *old, BOOL is_empty) {
  Path path;
  wcscpy(path, old);
  path[wcslen(path) - wcslen(L".old")] = 0;
  if (!is_empty) {
    replace(path, old);
    return;
  }
  forget(path, FALSE);
  DeleteFileW(old);
}

void unpack_undo(const wchar_t *folder) {
  drop_files(folder, L".new");
  drop_files(folder, L".gone");
  for_each_file(folder, L".old", bring_back);
}

void unpack_settle(const wchar_t *folder) {
  drop_files(folder, L".gone");
  for_each_file(folder, L".old", forget);
}
