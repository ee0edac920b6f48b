// backstay-service.exe: the agent as a service of Windows. Node does not speak with the service control manager, so this
// small program does, and runs the agent as its child. Started by the system, not by hand.
//
// The agent ends when its standard input is closed, and with this program whatever becomes of it (a job object). One that
// ends by itself is started again. What it says goes to C:\ProgramData\Backstay\agent\agent.log, 2 files of 8 MiB.
//
// Once a day it runs `backstay-agent update`, where an administrator wants that: when there is a file
// C:\ProgramData\Backstay\etc\update-daily. At once: sc control BackstayAgent 128.
#include "folders.h"
#include <wchar.h>

#define LOG_BYTES_MAX (8 * 1024 * 1024)
#define REST_MS_FIRST 5000
#define REST_MS_MAX 600000
// The first that Windows leaves to services.
#define CONTROL_UPDATE 128
#define DAY_MS 86400000
// A fleet does not ask at the same minute, and a laptop does not run for a day.
#define FIRST_UPDATE_MS_MAX 3600000

static SERVICE_STATUS_HANDLE status_handle;
static HANDLE stop_event, update_event;

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

// ---- the service and the agent

static void report(DWORD state, DWORD error, DWORD wait_ms) {
  SERVICE_STATUS status = {SERVICE_WIN32_OWN_PROCESS, state, 0, error, 0, 0, wait_ms};
  if (state == SERVICE_RUNNING) status.dwControlsAccepted = SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_PRESHUTDOWN;
  SetServiceStatus(status_handle, &status);
}

static DWORD WINAPI control(DWORD what, DWORD type, void *data, void *context) {
  (void)type, (void)data, (void)context;
  if (what == SERVICE_CONTROL_INTERROGATE) return NO_ERROR;
  if (what == CONTROL_UPDATE) return SetEvent(update_event) ? NO_ERROR : GetLastError();
  if (what != SERVICE_CONTROL_STOP && what != SERVICE_CONTROL_PRESHUTDOWN) return ERROR_CALL_NOT_IMPLEMENTED;
  report(SERVICE_STOP_PENDING, 0, STOP_MS + 5000);
  SetEvent(stop_event);
  return NO_ERROR;
}

typedef struct {
  HANDLE process, input, job;
} Agent;

// Handles that are handed down go to whoever is started at that moment: one at a time.
static SRWLOCK starting = SRWLOCK_INIT;

// Where the programs are. Its length in units, 0: too long.
static DWORD own_folder(wchar_t *folder) {
  DWORD length = GetModuleFileNameW(NULL, folder, PATH_UNITS);
  if (length == 0 || length == PATH_UNITS) return 0;
  *wcsrchr(folder, L'\\') = 0;
  return length;
}

// `words` behind the name of the program. It sleeps until its thread is resumed.
static DWORD start_program(const wchar_t *words, HANDLE input, HANDLE output, PROCESS_INFORMATION *made) {
  wchar_t folder[PATH_UNITS], line[PATH_UNITS + 64];
  if (!own_folder(folder)) return ERROR_BUFFER_OVERFLOW;
  _snwprintf(line, PATH_UNITS + 64, L"\"%ls\\backstay-agent.exe\" %ls", folder, words);
  STARTUPINFOW start = {0};
  start.cb = sizeof start;
  start.dwFlags = STARTF_USESTDHANDLES;
  start.hStdInput = input;
  start.hStdOutput = start.hStdError = output;
  return CreateProcessW(NULL, line, NULL, NULL, TRUE, CREATE_NO_WINDOW | CREATE_SUSPENDED, NULL, folder, &start, made) ? 0 : GetLastError();
}

static DWORD start_agent(Agent *agent) {
  SECURITY_ATTRIBUTES handed_down = {sizeof handed_down, NULL, TRUE};
  HANDLE input, output, said;
  AcquireSRWLockExclusive(&starting);
  DWORD error = CreatePipe(&input, &agent->input, &handed_down, 0) ? 0 : GetLastError();
  if (!error && !CreatePipe(&said, &output, &handed_down, 0)) {
    error = GetLastError();
    CloseHandle(input);
    CloseHandle(agent->input);
  }
  if (error) {
    ReleaseSRWLockExclusive(&starting);
    return error;
  }
  SetHandleInformation(agent->input, HANDLE_FLAG_INHERIT, 0);
  SetHandleInformation(said, HANDLE_FLAG_INHERIT, 0);
  PROCESS_INFORMATION made;
  error = start_program(L"run --end-with-input", input, output, &made);
  CloseHandle(input);
  CloseHandle(output);
  ReleaseSRWLockExclusive(&starting);
  if (error) {
    CloseHandle(agent->input);
    CloseHandle(said);
    return error;
  }
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};
  limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
  agent->job = CreateJobObjectW(NULL, NULL);
  SetInformationJobObject(agent->job, JobObjectExtendedLimitInformation, &limits, sizeof limits);
  // Before it runs, so that nothing it starts is outside.
  AssignProcessToJobObject(agent->job, made.hProcess);
  HANDLE thread = CreateThread(NULL, 0, keep_log, said, 0, NULL);
  if (thread != NULL) CloseHandle(thread);
  ResumeThread(made.hThread);
  CloseHandle(made.hThread);
  agent->process = made.hProcess;
  return 0;
}

// ---- updates

// In no job: the new version ends this program while it is installed, and that goes on.
static HANDLE start_update(void) {
  wchar_t log[PATH_UNITS];
  path_in(log, L"\\agent\\update.log");
  SECURITY_ATTRIBUTES handed_down = {sizeof handed_down, NULL, TRUE};
  PROCESS_INFORMATION made = {0};
  AcquireSRWLockExclusive(&starting);
  HANDLE input = CreateFileW(L"NUL", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, &handed_down, OPEN_EXISTING, 0, NULL);
  HANDLE output = CreateFileW(log, GENERIC_WRITE, FILE_SHARE_READ, &handed_down, CREATE_ALWAYS, 0, NULL);
  DWORD error = start_program(L"update", input, output, &made);
  if (input != INVALID_HANDLE_VALUE) CloseHandle(input);
  if (output != INVALID_HANDLE_VALUE) CloseHandle(output);
  ReleaseSRWLockExclusive(&starting);
  if (error) return NULL;
  ResumeThread(made.hThread);
  CloseHandle(made.hThread);
  return made.hProcess;
}

static BOOL is_wanted_daily(void) {
  wchar_t path[PATH_UNITS];
  path_in(path, L"\\etc\\update-daily");
  return GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

static DWORD WINAPI keep_updated(void *nothing) {
  (void)nothing;
  wchar_t folder[PATH_UNITS];
  FILETIME now;
  GetSystemTimeAsFileTime(&now);
  // Any number will do that is another one on another machine.
  DWORD rest_ms = (now.dwLowDateTime / 10 ^ GetCurrentProcessId()) % FIRST_UPDATE_MS_MAX;
  HANDLE either[2] = {stop_event, update_event};
  for (DWORD why; (why = WaitForMultipleObjects(2, either, FALSE, rest_ms)) != WAIT_OBJECT_0; rest_ms = DAY_MS) {
    // Programs that ran while they were replaced.
    if (own_folder(folder)) drop_files(folder, L".gone");
    HANDLE update = why == WAIT_TIMEOUT && !is_wanted_daily() ? NULL : start_update();
    if (update == NULL) continue;
    HANDLE over[2] = {stop_event, update};
    WaitForMultipleObjects(2, over, FALSE, INFINITE);
    CloseHandle(update);
  }
  return 0;
}

// ---- the life of the service

// Should this program itself fail, Windows starts it again; after a day without, it is forgotten.
static void ask_for_restarts(void) {
  SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT);
  SC_HANDLE service = manager ? OpenServiceW(manager, SERVICE, SERVICE_CHANGE_CONFIG | SERVICE_START) : NULL;
  SC_ACTION actions[] = {{SC_ACTION_RESTART, REST_MS_FIRST}, {SC_ACTION_RESTART, 60000}, {SC_ACTION_RESTART, REST_MS_MAX}};
  SERVICE_FAILURE_ACTIONSW failure = {DAY_MS / 1000, NULL, NULL, 3, actions};
  // Also when it says that it failed, not only when it is gone.
  SERVICE_FAILURE_ACTIONS_FLAG also = {TRUE};
  if (service) ChangeServiceConfig2W(service, SERVICE_CONFIG_FAILURE_ACTIONS, &failure);
  if (service) ChangeServiceConfig2W(service, SERVICE_CONFIG_FAILURE_ACTIONS_FLAG, &also);
  if (service) CloseServiceHandle(service);
  if (manager) CloseServiceHandle(manager);
}

static void WINAPI run(DWORD count, wchar_t **words) {
  (void)count, (void)words;
  status_handle = RegisterServiceCtrlHandlerExW(SERVICE, control, NULL);
  report(SERVICE_START_PENDING, 0, 5000);
  stop_event = CreateEventW(NULL, TRUE, FALSE, NULL);
  update_event = CreateEventW(NULL, FALSE, FALSE, NULL);
  DWORD error = make_folders(), rest_ms = REST_MS_FIRST;
  ask_for_restarts();
  HANDLE updates = error ? NULL : CreateThread(NULL, 0, keep_updated, NULL, 0, NULL);
  if (updates) CloseHandle(updates);
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

int main(void) {
  SERVICE_TABLE_ENTRYW table[] = {{SERVICE, run}, {NULL, NULL}};
  return StartServiceCtrlDispatcherW(table) ? 0 : (int)GetLastError();
}
