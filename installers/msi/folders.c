#include "folders.h"
#include <aclapi.h>
#include <sddl.h>
#include <shlobj.h>
#include <wchar.h>

// Everything for the system and administrators, nothing for anybody else, and so for all that will be made inside.
static const wchar_t closed[] = L"O:BAG:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)";

void path_in(wchar_t *into, const wchar_t *below) {
  wchar_t data[MAX_PATH];
  if (SHGetFolderPathW(NULL, CSIDL_COMMON_APPDATA, NULL, 0, data) != S_OK) wcscpy(data, L"C:\\ProgramData");
  // The agent asks the environment: both are to mean the same folder.
  SetEnvironmentVariableW(L"ProgramData", data);
  _snwprintf(into, PATH_UNITS, L"%ls\\Backstay%ls", data, below);
  into[PATH_UNITS - 1] = 0;
}

static BOOL is_own(HANDLE folder) {
  PSID owner;
  PSECURITY_DESCRIPTOR descriptor;
  if (GetSecurityInfo(folder, SE_FILE_OBJECT, OWNER_SECURITY_INFORMATION, &owner, NULL, NULL, NULL, &descriptor)) return FALSE;
  BOOL own = IsWellKnownSid(owner, WinLocalSystemSid) || IsWellKnownSid(owner, WinBuiltinAdministratorsSid);
  BYTE user[256];
  DWORD length;
  HANDLE token;
  if (!own && OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token)) {
    own = GetTokenInformation(token, TokenUser, user, sizeof user, &length) && EqualSid(owner, ((TOKEN_USER *)user)->User.Sid);
    CloseHandle(token);
  }
  LocalFree(descriptor);
  return own;
}

// INVALID_HANDLE_VALUE when it is none of ours.
static HANDLE open_own(const wchar_t *path, DWORD access) {
  HANDLE folder = CreateFileW(path, access | READ_CONTROL | FILE_READ_ATTRIBUTES, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING,
                              FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
  if (folder == INVALID_HANDLE_VALUE) return folder;
  BY_HANDLE_FILE_INFORMATION facts;
  BOOL ours = GetFileInformationByHandle(folder, &facts) && (facts.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) &&
              !(facts.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) && is_own(folder);
  if (ours) return folder;
  CloseHandle(folder);
  return INVALID_HANDLE_VALUE;
}

BOOL is_own_folder(const wchar_t *path) {
  HANDLE folder = open_own(path, 0);
  if (folder == INVALID_HANDLE_VALUE) return FALSE;
  CloseHandle(folder);
  return TRUE;
}

// Anybody may make folders in ProgramData before we do. What is a stranger's, or leads elsewhere, is moved aside: nothing in
// it is believed, and nothing of ours is put there.
static DWORD make_folder(const wchar_t *path) {
  SECURITY_ATTRIBUTES attributes = {sizeof attributes, NULL, FALSE};
  if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(closed, SDDL_REVISION_1, &attributes.lpSecurityDescriptor, NULL))
    return GetLastError();
  DWORD error = CreateDirectoryW(path, &attributes) ? 0 : GetLastError();
  if (error == ERROR_ALREADY_EXISTS) {
    HANDLE folder = open_own(path, WRITE_DAC | WRITE_OWNER);
    if (folder != INVALID_HANDLE_VALUE) {
      BOOL present, defaulted;
      PACL list;
      PSID owner;
      GetSecurityDescriptorDacl(attributes.lpSecurityDescriptor, &present, &list, &defaulted);
      GetSecurityDescriptorOwner(attributes.lpSecurityDescriptor, &owner, &defaulted);
      const SECURITY_INFORMATION what = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION;
      error = SetSecurityInfo(folder, SE_FILE_OBJECT, what, owner, NULL, list, NULL);
      CloseHandle(folder);
    } else {
      wchar_t aside[PATH_UNITS + 32];
      _snwprintf(aside, PATH_UNITS + 32, L"%ls.not-ours-%lu", path, GetTickCount());
      error = MoveFileW(path, aside) && CreateDirectoryW(path, &attributes) ? 0 : GetLastError();
    }
  }
  LocalFree(attributes.lpSecurityDescriptor);
  return error;
}

DWORD make_folders(void) {
  static const wchar_t *const folders[] = {L"", L"\\agent", L"\\etc", L"\\etc\\hooks.d"};
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
    wchar_t path[PATH_UNITS];
    path_in(path, folders[i]);
    DWORD error = make_folder(path);
    if (error) return error;
  }
  return 0;
}

DWORD remove_all(const wchar_t *path) {
  DWORD attributes = GetFileAttributesW(path), error = 0;
  if (attributes == INVALID_FILE_ATTRIBUTES) return 0;
  if (attributes & FILE_ATTRIBUTE_READONLY) SetFileAttributesW(path, attributes & ~FILE_ATTRIBUTE_READONLY);
  if (!(attributes & FILE_ATTRIBUTE_DIRECTORY)) return DeleteFileW(path) ? 0 : GetLastError();
  if (!(attributes & FILE_ATTRIBUTE_REPARSE_POINT)) {
    wchar_t below[PATH_UNITS];
    WIN32_FIND_DATAW found;
    _snwprintf(below, PATH_UNITS, L"%ls\\*", path);
    HANDLE names = FindFirstFileW(below, &found);
    while (names != INVALID_HANDLE_VALUE) {
      if (wcscmp(found.cFileName, L".") && wcscmp(found.cFileName, L"..")) {
        _snwprintf(below, PATH_UNITS, L"%ls\\%ls", path, found.cFileName);
        below[PATH_UNITS - 1] = 0;
        error = remove_all(below);
        if (error) break;
      }
      if (!FindNextFileW(names, &found)) break;
    }
    if (names != INVALID_HANDLE_VALUE) FindClose(names);
  }
  return error ? error : RemoveDirectoryW(path) ? 0 : GetLastError();
}

void for_each_file(const wchar_t *folder, const wchar_t *suffix, void (*deed)(const wchar_t *path, BOOL is_empty)) {
  wchar_t path[PATH_UNITS];
  WIN32_FIND_DATAW found;
  _snwprintf(path, PATH_UNITS, L"%ls\\*%ls", folder, suffix);
  HANDLE names = FindFirstFileW(path, &found);
  if (names == INVALID_HANDLE_VALUE) return;
  do {
    size_t length = wcslen(found.cFileName), end = wcslen(suffix);
    // Windows also looks at short names.
    if (length <= end || _wcsicmp(found.cFileName + length - end, suffix)) continue;
    _snwprintf(path, PATH_UNITS, L"%ls\\%ls", folder, found.cFileName);
    path[PATH_UNITS - 1] = 0;
    deed(path, found.nFileSizeLow == 0);
  } while (FindNextFileW(names, &found));
  FindClose(names);
}

static void drop(const wchar_t *path, BOOL is_empty) {
  (void)is_empty;
  DeleteFileW(path);
}

void drop_files(const wchar_t *folder, const wchar_t *suffix) {
  for_each_file(folder, suffix, drop);
}
