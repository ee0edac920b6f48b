/** The asking side of the socket of a state folder. */
import { createConnection, type Socket } from 'node:net'
import { Failure } from '@backstay/proto/failure'
import { lineOf, parseReply, type Question, type Reply } from './questions.ts'
import { socketPath } from './socket-path.ts'

export interface AskOptions {
  readonly onProgress?: (now: unknown) => void
  readonly signal?: AbortSignal
}

const answerBytesMax = 64 * 1024
/** An owner that lives shows progress every 2 s. */
const silentMs = 10_000
const statusMs = 2000

/**
 * What the owner answers, or undefined when nobody owns the folder. Throws what the owner refuses with, and `no_answer`
 * when it is silent or ends meanwhile.
 */
export async function askOwner(
  state: string,
  question: Question,
  options: AskOptions = {},
): Promise<unknown> {
  using at = socketPath(state)
  const socket = at && (await connected(at.path))
  if (socket === undefined) return undefined
  // Not ended: a pipe of Windows that is closed for writing is soon closed for reading too.
  socket.write(lineOf(question))
  return await replied(socket, question.ask === 'status' ? statusMs : silentMs, options)
}

/** Undefined when nobody listens. */
function connected(path: string): Promise<Socket | undefined> {
  return new Promise(resolve => {
    const socket = createConnection({ path })
    socket.once('error', () => resolve(undefined))
    socket.once('connect', () => {
      socket.removeAllListeners('error')
      resolve(socket)
    })
  })
}

function replied(socket: Socket, quietMs: number, { onProgress, signal }: AskOptions): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let text = ''
    const noAnswer = (why: string) => {
      reject(
        new Failure('no_answer', `the running agent ${why}`, {
          remedy: 'retry',
          hint: 'see: backstay-agent status',
        }),
      )
      socket.destroy()
    }
    const giveUp = () => {
      reject(signal?.reason)
      socket.destroy()
    }
    if (signal?.aborted) return giveUp()
    signal?.addEventListener('abort', giveUp, { once: true })
    socket.setTimeout(quietMs, () => noAnswer('does not answer'))
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => {
      text += chunk
      const lines = text.split('\n')
      text = lines.pop() ?? ''
      if (text.length > answerBytesMax) noAnswer('answers without end')
      for (const line of lines) {
        const reply = parseReply(line)
        if (reply === undefined) noAnswer('answers what nobody understands')
        else if ('progress' in reply) onProgress?.(reply.progress)
        else if ('answer' in reply) resolve(reply.answer)
        else reject(failureOf(reply.failed))
      }
    })
    socket.on('error', () => noAnswer('has ended'))
    socket.on('close', () => {
      signal?.removeEventListener('abort', giveUp)
      noAnswer('has ended')
    })
  })
}

function failureOf({ code, message, remedy, hint }: Extract<Reply, { failed: unknown }>['failed']): Failure {
  return new Failure(code, message, { remedy, ...(hint !== undefined && { hint }) })
}
