/**
 * One process owns the state folder. A lock says which, and the system frees it however that process ends; on a socket in
 * the folder other commands ask it how it is doing.
 */
import { closeSync, openSync, rmSync } from 'node:fs'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Failure } from '@backstay/proto/failure'

export type Question = 'status'

export interface Owner extends AsyncDisposable {
  /** Sets what is answered to `status`. */
  answer(status: unknown): void
}

const socketName = 'agent.sock'
const answerBytesMax = 64 * 1024
const askMs = 2000

/** Throws `state_in_use` when another process owns the folder, however busy that one is. */
export async function ownState(state: string): Promise<Owner> {
  const lock = takeLock(state)
  try {
    rmSync(join(state, socketName), { force: true })
    let current: unknown = {}
    const asking = new Set<Socket>()
    const server = createServer(socket => {
      asking.add(socket)
      socket.on('close', () => asking.delete(socket))
      socket.on('error', () => socket.destroy())
      // A socket with something left to read never ends, and then neither would we.
      socket.resume()
      socket.end(`${JSON.stringify({ pid: process.pid, ...(current as object) })}\n`)
    })
    await listening(server, state)
    server.unref()
    return {
      answer(status) {
        current = status
      },
      async [Symbol.asyncDispose]() {
        for (const socket of asking) socket.destroy()
        await new Promise(resolve => server.close(resolve))
        lock.close()
      },
    }
  } catch (error) {
    lock.close()
    throw error
  }
}

/** SQLITE_BUSY */
const busy = 5

/**
 * An empty database with an open exclusive transaction: SQLite asks each system for its own kind of file lock, which no
 * crash leaves behind. Nothing is ever written to it.
 */
function takeLock(state: string): DatabaseSync {
  let lock: DatabaseSync | undefined
  try {
    lock = new DatabaseSync(join(state, 'lock'))
    // No journal: a full disk must not keep anyone from restoring.
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    return lock
  } catch (cause) {
    lock?.close()
    const isBusy = cause instanceof Error && 'errcode' in cause && (Number(cause.errcode) & 0xff) === busy
    if (isBusy) {
      throw new Failure('state_in_use', `another backstay-agent works with "${state}"`, {
        remedy: 'retry',
        hint: 'wait until it is done; see: backstay-agent status',
        cause,
      })
    }
    throw new Failure('no_state', `the state folder "${state}" cannot be owned`, {
      hint: 'check its permissions and free space',
      cause,
    })
  }
}

/** What the owner answers, or undefined when nobody owns the folder. */
export async function askOwner(state: string, question: Question): Promise<unknown> {
  const folder = openFolder(state)
  if (folder === undefined) return undefined
  try {
    const socket = createConnection({ path: throughHandle(folder) })
    socket.end(question)
    return JSON.parse(await received(socket))
  } catch {
    return undefined
  } finally {
    closeSync(folder)
  }
}

async function listening(server: Server, state: string): Promise<void> {
  const folder = openFolder(state)
  if (folder === undefined) throw new Failure('no_state', `the state folder "${state}" cannot be opened`)
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(throughHandle(folder), resolve)
    })
  } catch (cause) {
    throw new Failure('no_state', `the state folder "${state}" cannot be owned`, {
      hint: 'check its permissions and free space',
      cause,
    })
  } finally {
    closeSync(folder)
  }
}

function received(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    socket.setTimeout(askMs, () => socket.destroy(new Error('no answer')))
    socket.setEncoding('utf8')
    socket.on('data', chunk => {
      text += chunk
      if (text.length > answerBytesMax) socket.destroy(new Error('too long an answer'))
    })
    socket.on('end', () => resolve(text))
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('closed')))
  })
}

/** A socket's path has at most 107 bytes; a state folder may lie deeper. */
function throughHandle(folder: number): string {
  return `/proc/self/fd/${folder}/${socketName}`
}

function openFolder(state: string): number | undefined {
  try {
    return openSync(state, 'r')
  } catch {
    return undefined
  }
}
