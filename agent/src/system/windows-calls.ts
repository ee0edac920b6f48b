/**
 * The bindings of Windows: what is called in ntdll, and nothing else. Native calls look names up in the folder of a handle,
 * take names that Win32 rewrites or refuses (`CON`, `notes.`), and return their status instead of leaving it behind.
 */
import type { Bytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'

/** Each returns an NTSTATUS: negative for a failure. Addresses and handles that nobody gives are 0. */
export interface WindowsCalls {
  NtCreateFile(
    handle: Bytes,
    access: number,
    object: Bytes,
    status: Bytes,
    size: null,
    attributes: number,
    share: number,
    disposition: number,
    options: number,
    extended: null,
    extendedLength: number,
  ): number
  NtClose(handle: number): number
  NtReadFile(
    file: number,
    event: number,
    apc: null,
    context: null,
    status: Bytes,
    into: Bytes,
    length: number,
    position: Bytes | null,
    key: null,
  ): number
  NtWriteFile(
    file: number,
    event: number,
    apc: null,
    context: null,
    status: Bytes,
    bytes: Bytes,
    length: number,
    position: Bytes | null,
    key: null,
  ): number
  NtFlushBuffersFile(file: number, status: Bytes): number
  NtQueryInformationFile(file: number, status: Bytes, into: Bytes, length: number, what: number): number
  NtSetInformationFile(file: number, status: Bytes, bytes: Bytes, length: number, what: number): number
  NtQueryVolumeInformationFile(file: number, status: Bytes, into: Bytes, length: number, what: number): number
  NtQueryDirectoryFile(
    folder: number,
    event: number,
    apc: null,
    context: null,
    status: Bytes,
    into: Bytes,
    length: number,
    what: number,
    single: number,
    pattern: null,
    restart: number,
  ): number
  NtFsControlFile(
    file: number,
    event: number,
    apc: null,
    context: null,
    status: Bytes,
    code: number,
    input: Bytes | null,
    inputLength: number,
    output: Bytes | null,
    outputLength: number,
  ): number
  NtQueryObject(handle: number, what: number, into: Bytes, length: number, needed: Bytes): number
  NtQuerySecurityObject(handle: number, what: number, into: Bytes, length: number, needed: Bytes): number
  NtSetSecurityObject(handle: number, what: number, descriptor: Bytes): number
  NtOpenProcessToken(process: number, access: number, handle: Bytes): number
  NtAdjustPrivilegesToken(
    token: number,
    disableAll: number,
    privileges: Bytes,
    length: number,
    previous: null,
    needed: null,
  ): number
  /** Whether cloud files show themselves to this process as what they are. Missing in old systems. */
  RtlSetProcessPlaceholderCompatibilityMode: ((mode: number) => number) | undefined
  /** Where the bytes lie in memory. */
  address(bytes: Bytes): bigint
}

const needed: Record<
  Exclude<keyof WindowsCalls, 'address' | 'RtlSetProcessPlaceholderCompatibilityMode'>,
  string
> = {
  NtCreateFile:
    'int32 NtCreateFile(void *, uint32, void *, void *, void *, uint32, uint32, uint32, uint32, void *, uint32)',
  NtClose: 'int32 NtClose(intptr)',
  NtReadFile: 'int32 NtReadFile(intptr, intptr, void *, void *, void *, void *, uint32, void *, void *)',
  NtWriteFile: 'int32 NtWriteFile(intptr, intptr, void *, void *, void *, void *, uint32, void *, void *)',
  NtFlushBuffersFile: 'int32 NtFlushBuffersFile(intptr, void *)',
  NtQueryInformationFile: 'int32 NtQueryInformationFile(intptr, void *, void *, uint32, int)',
  NtSetInformationFile: 'int32 NtSetInformationFile(intptr, void *, void *, uint32, int)',
  NtQueryVolumeInformationFile: 'int32 NtQueryVolumeInformationFile(intptr, void *, void *, uint32, int)',
  NtQueryDirectoryFile:
    'int32 NtQueryDirectoryFile(intptr, intptr, void *, void *, void *, void *, uint32, int, uint8, void *, uint8)',
  NtFsControlFile:
    'int32 NtFsControlFile(intptr, intptr, void *, void *, void *, uint32, void *, uint32, void *, uint32)',
  NtQueryObject: 'int32 NtQueryObject(intptr, int, void *, uint32, void *)',
  NtQuerySecurityObject: 'int32 NtQuerySecurityObject(intptr, uint32, void *, uint32, void *)',
  NtSetSecurityObject: 'int32 NtSetSecurityObject(intptr, uint32, void *)',
  NtOpenProcessToken: 'int32 NtOpenProcessToken(intptr, uint32, void *)',
  NtAdjustPrivilegesToken: 'int32 NtAdjustPrivilegesToken(intptr, uint8, void *, uint32, void *, void *)',
}

const wished = 'int8 RtlSetProcessPlaceholderCompatibilityMode(int8)'

/** The part of koffi that we use. */
export interface KoffiOfWindows {
  load(path: string): { func(definition: string): (...values: readonly never[]) => number }
  address(bytes: Bytes): bigint
}

/** Throws `no_system_calls` when koffi or a symbol of ntdll cannot be loaded. */
export async function loadWindowsCalls(importKoffi = defaultKoffi): Promise<WindowsCalls> {
  try {
    const koffi = await importKoffi()
    const ntdll = koffi.load('ntdll.dll')
    const calls = Object.entries(needed).map(([name, definition]) => [name, ntdll.func(definition)])
    return {
      ...Object.fromEntries(calls),
      RtlSetProcessPlaceholderCompatibilityMode: ifThere(() => ntdll.func(wished)),
      address: koffi.address,
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Failure(
      'no_system_calls',
      `the system calls that a backup needs cannot be loaded through koffi: ${why}`,
      { hint: 'install the agent again: koffi.node belongs beside its program', cause },
    )
  }
}

function ifThere<Symbol>(load: () => Symbol): Symbol | undefined {
  try {
    return load()
  } catch {
    return undefined
  }
}

async function defaultKoffi(): Promise<KoffiOfWindows> {
  return (await import('koffi')).default
}
