// installer.dll: what the package for Windows does beside laying files, inside msiexec and as the system. Each is told by the
// package (agent.wxs) in one string, and what it fails for stands in the log of the installation and in the event log.
//
//   refuse   an older version than was here is not installed, also after a removal
//   room     a disk that is too full is said before anything is changed
//   stop     ends the service and waits until its program can be replaced
//   place    unpacks the programs; place_back undoes that when the installation fails, settle ends it when it does not
//   prepare  makes the folders of the agent, and lays the token there, if any
//   purge    removes the folders with all that is in them
#include "folders.h"
#include "unpack.h"
#include <msi.h>
#include <msiquery.h>
#include <stdlib.h>
#include <wchar.h>

// A token with many addresses has some thousand letters.
#define DATA_UNITS (16 * 1024)
#define ACTION __declspec(dllexport) UINT __stdcall

static void data_of(MSIHANDLE installation, wchar_t *data) {
  DWORD length = DATA_UNITS;
  if (MsiGetPropertyW(installation, L"CustomActionData", data, &length)) data[0] = 0;
}

static UINT fail(MSIHANDLE installation, const wchar_t *reason) {
  MSIHANDLE record = MsiCreateRecord(1);
  MsiRecordSetStringW(record, 0, L"[1]");
  MsiRecordSetStringW(record, 1, reason);
  MsiProcessMessage(installation, INSTALLMESSAGE_ERROR, record);
  MsiCloseHandle(record);
  return ERROR_INSTALL_FAILURE;
}

// ---- versions

static BOOL read_newest(wchar_t *version, size_t units) {
  wchar_t path[PATH_UNITS];
  char text[32] = {0};
  DWORD length = 0;
  path_in(path, L"\\agent");
  // What a stranger put there refuses nothing.
  if (!is_own_folder(path)) return FALSE;
  path_in(path, L"\\agent\\newest-version");
  HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
  if (file == INVALID_HANDLE_VALUE) return FALSE;
  BOOL done = ReadFile(file, text, sizeof text - 1, &length, NULL);
  CloseHandle(file);
  text[strcspn(text, "\r\n")] = 0;
  return done && MultiByteToWideChar(CP_UTF8, 0, text, -1, version, (int)units) > 1;
}

static int compare_versions(const wchar_t *a, const wchar_t *b) {
  int order = 0;
  for (int part = 0; part < 3 && order == 0; part++) {
    long first = wcstol(a, (wchar_t **)&a, 10), second = wcstol(b, (wchar_t **)&b, 10);
    order = (first > second) - (first < second);
    if (*a == L'.') a++;
    if (*b == L'.') b++;
  }
  return order;
}

ACTION refuse(MSIHANDLE installation) {
  wchar_t version[DATA_UNITS], newest[32], reason[REASON_UNITS];
  data_of(installation, version);
  // Asked at once, and not when its turn comes, it is told nothing and may ask everything.
  DWORD length = DATA_UNITS;
  if (!version[0] && MsiGetPropertyW(installation, L"ProductVersion", version, &length)) return ERROR_SUCCESS;
  if (!read_newest(newest, 32) || compare_versions(newest, version) <= 0) return ERROR_SUCCESS;
  _snwprintf(reason, REASON_UNITS,
             L"backstay-agent %ls is not installed: %ls was here before, and what it wrote an older version may not read. "
             L"Install %ls or newer.",
             version, newest, newest);
  reason[REASON_UNITS - 1] = 0;
  return fail(installation, reason);
}

// ---- programs

// Windows Installer names folders with a backslash at their end.
static void without_end(wchar_t *folder) {
  size_t length = wcslen(folder);
  if (length > 0 && folder[length - 1] == L'\\') folder[length - 1] = 0;
}

// Of property Room: FOLDER|BYTES
ACTION room(MSIHANDLE installation) {
  wchar_t data[DATA_UNITS], volume[PATH_UNITS], reason[REASON_UNITS];
  DWORD length = DATA_UNITS;
  ULARGE_INTEGER free;
  if (MsiGetPropertyW(installation, L"Room", data, &length)) return ERROR_SUCCESS;
  wchar_t *bytes = wcschr(data, L'|');
  if (!bytes) return ERROR_SUCCESS;
  *bytes++ = 0;
  // What cannot be asked is found out.
  if (!GetVolumePathNameW(data, volume, PATH_UNITS) || !GetDiskFreeSpaceExW(volume, &free, NULL, NULL)) return ERROR_SUCCESS;
  ULONGLONG needed = wcstoull(bytes, NULL, 10);
  if (free.QuadPart >= needed) return ERROR_SUCCESS;
  _snwprintf(reason, REASON_UNITS, L"there is no room on %ls: %lu MB are needed and %lu MB are free. Nothing was changed.", volume,
             (DWORD)(needed / 1000000 + 1), (DWORD)(free.QuadPart / 1000000));
  reason[REASON_UNITS - 1] = 0;
  return fail(installation, reason);
}

// FOLDER|BYTES|SHA-256
ACTION place(MSIHANDLE installation) {
  wchar_t data[DATA_UNITS], reason[REASON_UNITS] = L"";
  data_of(installation, data);
  wchar_t *bytes = wcschr(data, L'|'), *sha256 = bytes ? wcschr(bytes + 1, L'|') : NULL;
  if (!sha256) return fail(installation, L"the package does not say what its programs are");
  *bytes++ = *sha256++ = 0;
  without_end(data);
  return unpack(data, wcstoull(bytes, NULL, 10), sha256, reason) ? fail(installation, reason) : ERROR_SUCCESS;
}

ACTION place_back(MSIHANDLE installation) {
  wchar_t folder[DATA_UNITS];
  data_of(installation, folder);
  without_end(folder);
  unpack_undo(folder);
  return ERROR_SUCCESS;
}

// FOLDER|VERSION
ACTION settle(MSIHANDLE installation) {
  wchar_t data[DATA_UNITS], path[PATH_UNITS];
  data_of(installation, data);
  wchar_t *version = wcschr(data, L'|');
  if (!version) return ERROR_SUCCESS;
  *version++ = 0;
  without_end(data);
  unpack_settle(data);
  path_in(path, L"\\agent\\newest-version");
  char text[32];
  int length = WideCharToMultiByte(CP_UTF8, 0, version, -1, text, sizeof text, NULL, NULL);
  DWORD written;
  HANDLE file = length > 1 ? CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL) : INVALID_HANDLE_VALUE;
  if (file == INVALID_HANDLE_VALUE) return ERROR_SUCCESS;
  text[length - 1] = '\n';
  WriteFile(file, text, (DWORD)length, &written, NULL);
  CloseHandle(file);
  return ERROR_SUCCESS;
}

// ---- folders

static DWORD write_token(const wchar_t *token) {
  wchar_t path[PATH_UNITS];
  path_in(path, L"\\etc\\token");
  // A token is ASCII; the folder is closed already.
  char text[DATA_UNITS];
  int length = WideCharToMultiByte(CP_UTF8, 0, token, -1, text, sizeof text, NULL, NULL);
  if (length <= 1) return length == 0 ? GetLastError() : 0;
  HANDLE file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
  if (file == INVALID_HANDLE_VALUE) return GetLastError();
  DWORD written, error = WriteFile(file, text, length - 1, &written, NULL) && FlushFileBuffers(file) ? 0 : GetLastError();
  SecureZeroMemory(text, sizeof text);
  CloseHandle(file);
  return error;
}

ACTION prepare(MSIHANDLE installation) {
  wchar_t token[DATA_UNITS], folder[PATH_UNITS], reason[REASON_UNITS];
  DWORD error = make_folders();
  data_of(installation, token);
  if (!error) error = write_token(token);
  SecureZeroMemory(token, sizeof token);
  if (!error) return ERROR_SUCCESS;
  path_in(folder, L"");
  _snwprintf(reason, REASON_UNITS, L"the folders in \"%ls\" cannot be made (error %lu of Windows)", folder, error);
  reason[REASON_UNITS - 1] = 0;
  return fail(installation, reason);
}

// A service counts as stopped before its process is gone, and until then the files of both are in use.
static void stop_service(void) {
  SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT);
  SC_HANDLE service = manager ? OpenServiceW(manager, SERVICE, SERVICE_STOP | SERVICE_QUERY_STATUS) : NULL;
  SERVICE_STATUS_PROCESS facts;
  SERVICE_STATUS status;
  DWORD length;
  if (service && QueryServiceStatusEx(service, SC_STATUS_PROCESS_INFO, (BYTE *)&facts, sizeof facts, &length) && facts.dwProcessId) {
    HANDLE process = OpenProcess(SYNCHRONIZE, FALSE, facts.dwProcessId);
    ControlService(service, SERVICE_CONTROL_STOP, &status);
    for (DWORD waited = 0; waited < STOP_MS + 5000; waited += 100) {
      if (!QueryServiceStatus(service, &status) || status.dwCurrentState == SERVICE_STOPPED) break;
      Sleep(100);
    }
    if (process) WaitForSingleObject(process, 5000);
    if (process) CloseHandle(process);
  }
  if (service) CloseServiceHandle(service);
  if (manager) CloseServiceHandle(manager);
}

ACTION stop(MSIHANDLE installation) {
  (void)installation;
  stop_service();
  return ERROR_SUCCESS;
}

ACTION purge(MSIHANDLE installation) {
  wchar_t path[PATH_UNITS], reason[REASON_UNITS];
  path_in(path, L"");
  stop_service();
  // Virus scanners hold on to files for a while, and programs that end do.
  DWORD error = remove_all(path);
  for (int tries = 0; error && tries < 120; tries++) {
    Sleep(250);
    error = remove_all(path);
  }
  if (!error) return ERROR_SUCCESS;
  _snwprintf(reason, REASON_UNITS, L"\"%ls\" could not be removed whole (error %lu of Windows): remove it by hand", path, error);
  reason[REASON_UNITS - 1] = 0;
  return fail(installation, reason);
}
