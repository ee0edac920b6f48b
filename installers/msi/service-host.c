// backstay-service.exe: the agent as a service of Windows. Node does not speak with the service control manager, so this
// small program does, and runs the agent as its child.
//
//   backstay-service                 as the service BackstayAgent: started by the system, not by hand
//   backstay-service prepare TOKEN   for the installer: makes the folders of the agent, and lays the token there, if any
//   backstay-service stop            for the installer: ends the service and waits until its program can be replaced
//   backstay-service purge           for the uninstaller: removes the folders with all that is in them
//
// The agent ends when its standard input is closed, and with this program whatever becomes of it (a job object). One that
// ends by itself is started again. What it says goes to C:\ProgramData\Backstay\agent\agent.log, 2 files of 8 MiB.
#include <windows.h>
#include <aclapi.h>
#include <sddl.h>
#include <shlobj.h>
#include <wchar.h>

#define SERVICE L"BackstayAgent"
#define PATH_UNITS 1024
// An agent in the middle of a commit needs seconds to end well; the system waits for no service longer than this.
#define STOP_MS 20000
#define LOG_BYTES_MAX (8 * 1024 * 1024)
#define REST_MS_FIRST 5000
#define REST_MS_MAX 600000

// Everything for the system and administrators, nothing for anybody else, and so for all that will be made inside.
static const wchar_t closed[] = L"O:BAG:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)";

static SERVICE_STATUS_HANDLE status_handle;
static HANDLE stop_event;

static void path_in(wchar_t *into, const wchar_t *below) {
  wchar_t data[MAX_PATH];
  if (SHGetFolderPathW(NULL, CSIDL_COMMON_APPDATA, NULL, 0, data) != S_OK) wcscpy(data, L"C:\\ProgramData");
  // The agent asks the environment: both are to mean the same folder.
  SetEnvironmentVariableW(L"ProgramData", data);
  _snwprintf(into, PATH_UNITS, L"%ls\\Backstay%ls", data, below);
  into[PATH_UNITS - 1] = 0;
}

// ---- folders

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

// Anybody may make folders in ProgramData before we do. What is a stranger's, or leads elsewhere, is moved aside: nothing in
// it is believed, and nothing of ours is put there.
static DWORD make_folder(const wchar_t *path) {
  SECURITY_ATTRIBUTES attributes = {sizeof attributes, NULL, FALSE};
  if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(closed, SDDL_REVISION_1, &attributes.lpSecurityDescriptor, NULL))
    return GetLastError();
  DWORD error = CreateDirectoryW(path, &attributes) ? 0 : GetLastError();
  if (error == ERROR_ALREADY_EXISTS) {
    HANDLE folder = CreateFileW(path, READ_CONTROL | WRITE_DAC | WRITE_OWNER | FILE_READ_ATTRIBUTES, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                                OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    BY_HANDLE_FILE_INFORMATION facts;
    BOOL ours = folder != INVALID_HANDLE_VALUE && GetFileInformationByHandle(folder, &facts) &&
                (facts.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) && !(facts.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) &&
                is_own(folder);
    if (ours) {
      BOOL present, defaulted;
      PACL list;
      PSID owner;
      GetSecurityDescriptorDacl(attributes.lpSecurityDescriptor, &present, &list, &defaulted);
      GetSecurityDescriptorOwner(attributes.lpSecurityDescriptor, &owner, &defaulted);
      const SECURITY_INFORMATION what = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION;
      error = SetSecurityInfo(folder, SE_FILE_OBJECT, what, owner, NULL, list, NULL);
    }
    if (folder != INVALID_HANDLE_VALUE) CloseHandle(folder);
    if (!ours) {
      wchar_t aside[PATH_UNITS + 32];
      _snwprintf(aside, PATH_UNITS + 32, L"%ls.not-ours-%lu", path, GetTickCount());
      error = MoveFileW(path, aside) && CreateDirectoryW(path, &attributes) ? 0 : GetLastError();
    }
  }
  LocalFree(attributes.lpSecurityDescriptor);
  return error;
}

static DWORD make_folders(void) {
  static const wchar_t *const folders[] = {L"", L"\\agent", L"\\etc", L"\\etc\\hooks.d"};
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
    wchar_t path[PATH_UNITS];
    path_in(path, folders[i]);
    DWORD error = make_folder(path);
    if (error) return error;
  }
  return 0;
}

static DWORD write_token(const wchar_t *token) {
  wchar_t path[PATH_UNITS];
  path_in(path, L"\\etc\\token");
  // A token is ASCII; the folder is closed already.
  char text[16 * 1024];
  int length = WideCharToMultiByte(CP_UTF8, 0, token, -1, text, sizeof text, NULL, NULL);
  if (length <= 1) return length == 0 ? GetLastError() : 0;
  HANDLE file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
  if (file == INVALID_HANDLE_VALUE) return GetLastError();
  DWORD written, error = WriteFile(file, text, length - 1, &written, NULL) && FlushFileBuffers(file) ? 0 : GetLastError();
  SecureZeroMemory(text, sizeof text);
  CloseHandle(file);
  return error;
}

// Never through a junction: that would remove what is elsewhere.
static DWORD remove_all(const wchar_t *path) {
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

// ---- the log

// Takes what the agent says until nobody is left to say anything.
static DWORD WINAPI keep_log(void *from) {
  wchar_t path[PATH_UNITS], older[PATH_UNITS];
  path_in(path, L"\\agent\\agent.log");
  path_in(older, L"\\agent\\agent.log.1");
  HANDLE file = INVALID_HANDLE_VALUE;
  char bytes[8192];
  for (DWORD count, written; ReadFile(from, bytes, sizeof bytes, &count, NULL);) {
    LARGE_INTEGER size;
    if (file != INVALID_HANDLE_VALUE && GetFileSizeEx(file, &size) && size.QuadPart > LOG_BYTES_MAX) {
      CloseHandle(file);
      file = INVALID_HANDLE_VALUE;
      MoveFileExW(path, older, MOVEFILE_REPLACE_EXISTING);
    }
    if (file == INVALID_HANDLE_VALUE)
      file = CreateFileW(path, FILE_APPEND_DATA, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL, OPEN_ALWAYS, 0, NULL);
    // A full disk must not hold up the agent: what cannot be written is lost.
    if (file != INVALID_HANDLE_VALUE) WriteFile(file, bytes, count, &written, NULL);
  }
  if (file != INVALID_HANDLE_VALUE) CloseHandle(file);
  CloseHandle(from);
  return 0;
}

// ---- the service

static void report(DWORD state, DWORD error, DWORD wait_ms) {
  SERVICE_STATUS status = {SERVICE_WIN32_OWN_PROCESS, state, 0, error, 0, 0, wait_ms};
  if (state == SERVICE_RUNNING) status.dwControlsAccepted = SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_PRESHUTDOWN;
  SetServiceStatus(status_handle, &status);
}

static DWORD WINAPI control(DWORD what, DWORD type, void *data, void *context) {
  (void)type, (void)data, (void)context;
  if (what == SERVICE_CONTROL_INTERROGATE) return NO_ERROR;
  if (what != SERVICE_CONTROL_STOP && what != SERVICE_CONTROL_PRESHUTDOWN) return ERROR_CALL_NOT_IMPLEMENTED;
  report(SERVICE_STOP_PENDING, 0, STOP_MS + 5000);
  SetEvent(stop_event);
  return NO_ERROR;
}

typedef struct {
  HANDLE process, input, job;
} Agent;

static DWORD start_agent(Agent *agent) {
  wchar_t folder[PATH_UNITS], words[PATH_UNITS + 64];
  DWORD length = GetModuleFileNameW(NULL, folder, PATH_UNITS);
  if (length == 0 || length == PATH_UNITS) return ERROR_BUFFER_OVERFLOW;
  *wcsrchr(folder, L'\\') = 0;
  _snwprintf(words, PATH_UNITS + 64, L"\"%ls\\backstay-agent.exe\" run --end-with-input", folder);
  SECURITY_ATTRIBUTES handed_down = {sizeof handed_down, NULL, TRUE};
  HANDLE input, output, said;
  if (!CreatePipe(&input, &agent->input, &handed_down, 0)) return GetLastError();
  if (!CreatePipe(&said, &output, &handed_down, 0)) return GetLastError();
  SetHandleInformation(agent->input, HANDLE_FLAG_INHERIT, 0);
  SetHandleInformation(said, HANDLE_FLAG_INHERIT, 0);
  STARTUPINFOW start = {0};
  start.cb = sizeof start;
  start.dwFlags = STARTF_USESTDHANDLES;
  start.hStdInput = input;
  start.hStdOutput = start.hStdError = output;
  PROCESS_INFORMATION made;
  // Asleep until it is in the job, so that nothing it starts is outside.
  BOOL started = CreateProcessW(NULL, words, NULL, NULL, TRUE, CREATE_NO_WINDOW | CREATE_SUSPENDED, NULL, folder, &start, &made);
  DWORD error = started ? 0 : GetLastError();
  CloseHandle(input);
  CloseHandle(output);
  if (error) {
    CloseHandle(agent->input);
    CloseHandle(said);
    return error;
  }
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};
  limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
  agent->job = CreateJobObjectW(NULL, NULL);
  SetInformationJobObject(agent->job, JobObjectExtendedLimitInformation, &limits, sizeof limits);
  AssignProcessToJobObject(agent->job, made.hProcess);
  HANDLE thread = CreateThread(NULL, 0, keep_log, said, 0, NULL);
  if (thread != NULL) CloseHandle(thread);
  ResumeThread(made.hThread);
  CloseHandle(made.hThread);
  agent->process = made.hProcess;
  return 0;
}

static void WINAPI run(DWORD count, wchar_t **words) {
  (void)count, (void)words;
  status_handle = RegisterServiceCtrlHandlerExW(SERVICE, control, NULL);
  report(SERVICE_START_PENDING, 0, 5000);
  stop_event = CreateEventW(NULL, TRUE, FALSE, NULL);
  DWORD error = make_folders(), rest_ms = REST_MS_FIRST;
  if (!error) report(SERVICE_RUNNING, 0, 0);
  while (!error && WaitForSingleObject(stop_event, 0) == WAIT_TIMEOUT) {
    Agent agent;
    ULONGLONG begun = GetTickCount64();
    error = start_agent(&agent);
    if (error) break;
    HANDLE either[2] = {stop_event, agent.process};
    if (WaitForMultipleObjects(2, either, FALSE, INFINITE) == WAIT_OBJECT_0) {
      CloseHandle(agent.input);
      if (WaitForSingleObject(agent.process, STOP_MS) == WAIT_TIMEOUT) TerminateProcess(agent.process, 1);
    } else {
      CloseHandle(agent.input);
      // It ended by itself, which it should not. After an hour of work that is forgotten.
      if (GetTickCount64() - begun > 3600000) rest_ms = REST_MS_FIRST;
      WaitForSingleObject(stop_event, rest_ms);
      rest_ms = rest_ms * 2 < REST_MS_MAX ? rest_ms * 2 : REST_MS_MAX;
    }
    CloseHandle(agent.process);
    CloseHandle(agent.job);
  }
  report(SERVICE_STOPPED, error, 0);
}

// A service counts as stopped before its process is gone, and until then the files of both are in use.
static DWORD stop_service(void) {
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
  return 0;
}

int wmain(int count, wchar_t **words) {
  if (count == 2 && !wcscmp(words[1], L"stop")) return (int)stop_service();
  if (count > 1 && !wcscmp(words[1], L"prepare")) {
    DWORD error = make_folders();
    return (int)(error || count < 3 ? error : write_token(words[2]));
  }
  if (count == 2 && !wcscmp(words[1], L"purge")) {
    wchar_t path[PATH_UNITS];
    path_in(path, L"");
    stop_service();
    // Virus scanners hold on to files for a while, and programs that end do.
    DWORD error = remove_all(path);
    for (int tries = 0; error && tries < 120; tries++) {
      Sleep(250);
      error = remove_all(path);
    }
    return (int)error;
  }
  SERVICE_TABLE_ENTRYW table[] = {{SERVICE, run}, {NULL, NULL}};
  return StartServiceCtrlDispatcherW(table) ? 0 : (int)GetLastError();
}
