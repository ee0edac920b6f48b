/**
 * One process owns the state folder. It listens on a socket in that folder; that it can listen proves that nobody else
 * does, and other commands ask it there how it is doing.
 */
import { closeSync, openSync, rmSync } from 'node:fs'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { Failure } from '@backstay/proto/failure'

export type Question = 'status'

export interface Owner extends AsyncDisposable {
  /** Sets what is answered to `status`. */
  answer(status: unknown): void
}

const socketName = 'agent.sock'
const answerBytesMax = 64 * 1024
const askMs = 2000

/** Throws `state_in_use` when another process owns the folder. */
export async function ownState(state: string): Promise<Owner> {
  if ((await askOwner(state, 'status')) !== undefined) {
    throw new Failure('state_in_use', `another backstay-agent works with "${state}"`, {
      remedy: 'retry',
      hint: 'wait until it is done; see: backstay-agent status',
    })
  }
  rmSync(join(state, socketName), { force: true })
  let current: unknown = {}
  const server = createServer(socket => {
    socket.on('error', () => socket.destroy())
    socket.end(`${JSON.stringify({ pid: process.pid, ...(current as object) })}\n`)
  })
  await listening(server, state)
  server.unref()
  return {
    answer(status) {
      current = status
    },
    async [Symbol.asyncDispose]() {
      await new Promise(resolve => server.close(resolve))
    },
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
    throw new Failure('state_in_use', `the state folder "${state}" cannot be owned`, {
      remedy: 'retry',
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
