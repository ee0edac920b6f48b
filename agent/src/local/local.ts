/**
 * One process owns the state folder. A lock says which, and the system frees it however that process ends; on a socket in
 * the folder other commands ask it how it is doing, or to do something (questions.ts).
 */
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Failure } from '@backstay/proto/failure'
import { lineOf, parseQuestion, type Question, questionBytesMax, type Reply, replyOf } from './questions.ts'
import { newSocketPath } from './socket-path.ts'

/** Answers a question that is not about status; `progress` is shown to who asked. */
export type Answer = (
  question: Question,
  progress: (now: unknown) => void,
  signal: AbortSignal,
) => Promise<unknown>

export interface Owner extends AsyncDisposable {
  /** Sets what is answered to `status`. */
  answer(status: unknown): void
  /** From now on this process does what it is asked, and says by `status` how it is. */
  serve(answer: Answer): void
}

/** Who connects and does not ask. */
const silentMs = 10_000
const progressMsDefault = 2000
const askersMax = 32

/** Throws `state_in_use` when another process owns the folder, however busy that one is. */
export async function ownState(state: string, progressMs = progressMsDefault): Promise<Owner> {
  const lock = takeLock(state)
  try {
    let current: unknown = {}
    let served: Answer | undefined
    const asking = new Set<Socket>()
    const over = new AbortController()

    async function answer(line: string, socket: Socket, signal: AbortSignal): Promise<Reply> {
      try {
        const question = parseQuestion(line)
        if (served === undefined) {
          if (question.ask === 'status') return { answer: { pid: process.pid, ...(current as object) } }
          throw new Failure('state_in_use', 'another backstay-agent command is under way', {
            remedy: 'retry',
          })
        }
        let shown: unknown = {}
        const keep = (now: unknown) => {
          shown = now ?? {}
        }
        const show = () => socket.write(lineOf({ progress: shown }))
        // Shows too that we live: who asks gives up on a process that is silent.
        const timer = setInterval(show, progressMs)
        signal.addEventListener('abort', () => clearInterval(timer), { once: true })
        try {
          return { answer: await served(question, keep, signal) }
        } finally {
          clearInterval(timer)
        }
      } catch (error) {
        return replyOf(error)
      }
    }

    const server = createServer({ allowHalfOpen: true }, socket => {
      if (asking.size >= askersMax) return socket.destroy()
      asking.add(socket)
      const left = new AbortController()
      socket.on('close', () => {
        asking.delete(socket)
        left.abort(new Error('who asked has left'))
      })
      socket.on('error', () => socket.destroy())
      socket.setTimeout(silentMs, () => socket.destroy())
      firstLine(socket, async line => {
        socket.setTimeout(0)
        const reply = await answer(line, socket, AbortSignal.any([left.signal, over.signal]))
        if (!socket.destroyed) socket.end(lineOf(reply))
      })
    })
    await listening(server, state)
    server.unref()
    return {
      answer(status) {
        current = status
      },
      serve(answer) {
        served = answer
      },
      async [Symbol.asyncDispose]() {
        over.abort(new Error('the running agent ends'))
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

/** A question without an end is cut; what comes behind its first line is dropped. */
function firstLine(socket: Socket, take: (line: string) => void): void {
  let text = ''
  let isTaken = false
  const end = () => {
    if (isTaken) return
    isTaken = true
    take(text.split('\n', 1)[0] ?? '')
  }
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    if (isTaken) return
    text += chunk
    if (text.length > questionBytesMax) socket.destroy()
    else if (text.includes('\n')) end()
  })
  socket.on('end', end)
}

async function listening(server: Server, state: string): Promise<void> {
  try {
    using socket = newSocketPath(state)
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(socket.path, resolve)
    })
  } catch (cause) {
    throw new Failure('no_state', `the state folder "${state}" cannot be owned`, {
      hint: 'check its permissions and free space',
      cause,
    })
  }
}
