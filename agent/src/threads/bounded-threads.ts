/**
 * Has threads make the system calls that may never return. Who asks waits a while and goes on without an answer; the
 * thread stays where it is held up, its place is asked nothing until it is back, and all other places get another thread.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort, type Worker } from 'node:worker_threads'
import { type Asked, type BoundedCalls, opensHandle } from '../system/bounded-calls.ts'
import { errno } from '../system/error-numbers.ts'
import { SystemError } from '../system/system-error.ts'
import type { BoundedReply, BoundedRequest, BoundedThreadData } from './bounded-worker.ts'
import { ownThread } from './own-thread.ts'

export interface BoundedThreadsOptions {
  /** How long a call may take, the start of a thread included. */
  readonly answerMs?: number
  /** The same while another place is held up: often it is the same server. */
  readonly nextAnswerMs?: number
}

interface Thread {
  readonly worker: Worker
  readonly port: MessagePort
  readonly rung: Int32Array
}

interface HeldUp extends Thread {
  readonly place: string
  readonly asked: Asked
}

/** Held up at the same time; what lies on further places is not asked for meanwhile. */
const heldUpMax = 8
const script = new URL('./bounded-worker.ts', import.meta.url)

/** Of this process. One that is held up keeps it from ending. */
let allHeldUp = 0
export const isAnyHeldUp = (): boolean => allHeldUp > 0

export function boundedThreads({
  answerMs = 10_000,
  nextAnswerMs = 1000,
}: BoundedThreadsOptions = {}): BoundedCalls {
  let ready: Thread | undefined
  let heldUp: readonly HeldUp[] = []
  let tickets = 0
  return { ask, tell }

  function ask(place: string, asked: Asked): unknown {
    takeBack()
    if (heldUp.length >= heldUpMax || heldUp.some(thread => thread.place === place)) throw late(asked)
    ready ??= begin()
    const thread = ready
    const ticket = ++tickets
    send(thread, { ticket, ...asked })
    const reply = replyOf(thread, heldUp.length > 0 ? nextAnswerMs : answerMs)
    if (reply === undefined) {
      heldUp = [...heldUp, { ...thread, place, asked }]
      allHeldUp++
      ready = undefined
      throw late(asked)
    }
    const { refused, broken, answer } = reply
    if (broken !== undefined) throw new Error(`in a thread for system calls: ${broken}`)
    if (refused !== undefined) throw new SystemError(refused.errno, refused.call)
    return answer
  }

  function tell(place: string, asked: Asked): void {
    const thread = heldUp.find(one => one.place === place)
    // It comes to that when it is back.
    if (thread !== undefined) {
      send(thread, { ticket: 0, ...asked })
      return
    }
    try {
      ask(place, asked)
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
    }
  }

  function begin(): Thread {
    const thread = start()
    // What it was asked is late; the next one is asked of another.
    thread.worker.once('error', () => {
      if (ready?.worker === thread.worker) ready = undefined
      release(heldUp.find(({ worker }) => worker === thread.worker))
    })
    return thread
  }

  function release(thread: HeldUp | undefined): void {
    if (thread === undefined) return
    heldUp = heldUp.filter(one => one !== thread)
    allHeldUp--
  }

  /** The threads whose call has returned after all. */
  function takeBack(): void {
    for (const thread of heldUp) {
      const late = receiveMessageOnPort(thread.port)?.message as BoundedReply | undefined
      if (late === undefined) continue
      release(thread)
      // Nobody knows of what it has opened.
      if (opensHandle(thread.asked.name) && Number(late.answer) >= 0)
        send(thread, { ticket: 0, name: 'close', words: [late.answer] })
      if (ready === undefined) ready = thread
      else thread.port.postMessage(undefined)
    }
  }
}

function start(): Thread {
  const { port1: port, port2: theirs } = new MessageChannel()
  const rung = new Int32Array(new SharedArrayBuffer(4))
  const worker = ownThread(script, {
    workerData: { port: theirs, rung } satisfies BoundedThreadData,
    transferList: [theirs],
    resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 64 },
  })
  worker.unref()
  port.unref()
  return { worker, port, rung }
}

/** A view is copied with all that it is a view of: a name is not to bring its page along. */
function send({ port }: Thread, { ticket, name, words }: BoundedRequest): void {
  port.postMessage({
    ticket,
    name,
    words: words.map(word => (word instanceof Uint8Array ? new Uint8Array(word) : word)),
  } satisfies BoundedRequest)
}

/** Holds up this thread, as the call would have. Undefined: nothing came in time. */
function replyOf({ port, rung }: Thread, ms: number): BoundedReply | undefined {
  const endMs = performance.now() + ms
  for (;;) {
    // First: what comes after the look rings again.
    Atomics.store(rung, 0, 0)
    const found = receiveMessageOnPort(port)?.message as BoundedReply | undefined
    if (found !== undefined) return found
    const leftMs = endMs - performance.now()
    if (leftMs <= 0) return undefined
    Atomics.wait(rung, 0, 0, leftMs)
  }
}

const late = ({ name }: Asked) => new SystemError(errno.ETIMEDOUT, name)
