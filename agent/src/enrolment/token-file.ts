/**
 * A token that lies in a file until it was used. Who can read it can add a device to the fleet; who can change it, or
 * exchange the file, can lead this machine to a stranger's fleet. So neither may be anyone but root and who runs the agent.
 */
import { constants, type Stats } from 'node:fs'
import { type FileHandle, open, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Failure } from '@backstay/proto/failure'
import { syncFolder } from '../keys/durable-file.ts'

/** Twice the longest token, for those that are written with two bytes a character. */
const fileBytesMax = 64 * 1024
const othersMay = 0o077
const othersMayWrite = 0o022
const isSticky = 0o1000
const root = 0

/**
 * Undefined when there is no such file, or nothing but space in it. Throws `token_unsafe` with what mends it,
 * `file_unreadable` and `file_too_large`. `isClosed`: the system keeps others away by more than the mode tells.
 */
export async function readTokenFile(path: string, { isClosed = false } = {}): Promise<string | undefined> {
  try {
    // A pipe that nobody writes to would be waited for for ever.
    await using file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    const facts = await file.stat()
    if (!facts.isFile()) throw unreadable(path, 'is not a file')
    // Windows has no such bits; there the folder is closed by the installer.
    if (!isClosed && process.platform !== 'win32') await requirePrivate(path, facts)
    return textOf(path, await readAll(file, path))
  } catch (cause) {
    if (cause instanceof Failure) throw cause
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw unreadable(path, `cannot be read (${code})`, cause)
  }
}

/**
 * Overwrites its bytes and removes it. On disks that write elsewhere what is written again, the old bytes stay until they
 * are used anew: a token ends by its uses and its date, not by this.
 */
export async function destroyTokenFile(path: string): Promise<void> {
  {
    await using file = await open(path, 'r+')
    const { size } = await file.stat()
    await file.write(new Uint8Array(Math.min(size, fileBytesMax)).fill(0x20), 0, undefined, 0)
    await file.sync()
  }
  await rm(path)
  await syncFolder(dirname(path))
}

async function requirePrivate(path: string, { mode, uid }: Stats): Promise<void> {
  if ((mode & othersMay) !== 0) {
    const octal = (mode & 0o777).toString(8).padStart(4, '0')
    throw unsafe(path, `others than its owner may use it (mode ${octal})`, `chmod 600 ${path}`)
  }
  if (uid !== root && uid !== process.geteuid?.()) {
    throw unsafe(path, `it belongs to user ${uid}`, `chown ${process.geteuid?.()} ${path}`)
  }
  const folder = dirname(path)
  const around = await stat(folder)
  if ((around.mode & othersMayWrite) !== 0 && (around.mode & isSticky) === 0) {
    throw unsafe(path, `others may exchange it: "${folder}" is open to them`, `chmod go-w ${folder}`)
  }
}

async function readAll(file: FileHandle, path: string): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(fileBytesMax + 1))
  if (bytesRead <= fileBytesMax) return buffer.subarray(0, bytesRead)
  throw new Failure('file_too_large', `"${path}" is no token: it has more than ${fileBytesMax} bytes`, {
    hint: 'put there what `backstay token` printed, and nothing else',
  })
}

/** PowerShell writes two bytes a character, with a mark before them. */
function textOf(path: string, bytes: Buffer): string | undefined {
  const isWide = bytes[0] === 0xff && bytes[1] === 0xfe
  const text = (isWide ? bytes.toString('utf16le', 2) : bytes.toString('utf8')).trim()
  if (text.includes('\0')) throw unreadable(path, 'is no text')
  return text === '' ? undefined : text
}

function unsafe(path: string, why: string, mend: string): Failure {
  return new Failure('token_unsafe', `the token in "${path}" is not used: ${why}`, {
    remedy: 'repair',
    hint: `${mend}; who may have read it can use it: see backstay devices`,
  })
}

function unreadable(path: string, why: string, cause?: unknown): Failure {
  return new Failure('file_unreadable', `"${path}" ${why}`, {
    hint: 'put there a file with a token, for root alone',
    cause,
  })
}
