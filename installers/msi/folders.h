// Where the agent keeps its state and its settings on Windows, closed to all but the system and administrators.
#include <windows.h>

#define PATH_UNITS 1024
#define SERVICE L"BackstayAgent"
// An agent in the middle of a commit needs seconds to end well; the system waits for no service longer than this.
#define STOP_MS 20000

// C:\ProgramData\Backstay and what is `below` it (`\agent`), into PATH_UNITS units.
void path_in(wchar_t *into, const wchar_t *below);
// Whether it is a folder, no link to one, and of the system, of administrators or of whoever runs this.
BOOL is_own_folder(const wchar_t *path);
// All that the agent needs; what is there and is a stranger's is moved aside. Returns an error of Windows, 0: none.
DWORD make_folders(void);
// Removes a file, or a folder with what is in it; never through a junction: that would remove what is elsewhere.
DWORD remove_all(const wchar_t *path);
// Does the deed with every file of the folder whose name ends so.
void for_each_file(const wchar_t *folder, const wchar_t *suffix, void (*deed)(const wchar_t *path, BOOL is_empty));
// Removes them, as far as they can be.
void drop_files(const wchar_t *folder, const wchar_t *suffix);
