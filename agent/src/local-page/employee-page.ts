/**
 * `backstay-agent open`: the employee's page. One sentence says how this machine is protected; below, a file is found and given back.
 *
 *     local-page       who may ask at all: loopback, one word, one cookie, this page alone
 *     page-questions → page-answers → page-shapes
 *     own-backups      the session with the collector      page-restore   one restore at a time
 *     page/            the page itself: files as they are
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { Failure, isFailure, nextStep } from '@backstay/proto/failure'
import type { Agent } from '../agent.ts'
import { type LocalPage, serveLocalPage } from './local-page.ts'
import { ownBackups } from './own-backups.ts'
import { ownPages } from './own-pages.ts'
import { type PageAnswers, pageAnswers } from './page-answers.ts'
import { askedOf, questionBytesMax } from './page-questions.ts'
import { pageRestore } from './page-restore.ts'
import { refuse } from './refuse.ts'

export interface EmployeePage extends LocalPage {
  /** Resolves when nobody did anything for `idleMs`. */
  idle(signal: AbortSignal): Promise<void>
}

export interface EmployeePageOptions {
  /** 0 = any free one. */
  readonly port: number
  readonly idleMs: number
}

const files = ownPages('employee-page', join(import.meta.dirname, 'page'))
const questionsAt = '/local/v1/'
/** What the page asks by itself, whether anybody looks at it or not. */
const asksByItself: readonly string[] = ['state', 'restoring']
const idleLookMs = 1000

/** `agent` was opened for reading. Throws `port_in_use`. */
export async function serveEmployeePage(agent: Agent, options: EmployeePageOptions): Promise<EmployeePage> {
  const { clock } = agent
  const ending = new AbortController()
  await using parts = new AsyncDisposableStack()
  const backups = parts.use(ownBackups(agent, ending.signal))
  const restore = parts.use(pageRestore(agent, backups))
  const answers = pageAnswers({ agent, backups, restore })
  let usedMs = clock.monotonic()
  const page = parts.use(
    await serveLocalPage({
      ...{ files, port: options.port, command: 'backstay-agent open', cookieName: 'backstay-own' },
      async answer(path, request, response) {
        const question = path.startsWith(questionsAt) ? path.slice(questionsAt.length) : ''
        if (!asksByItself.includes(question)) usedMs = clock.monotonic()
        await answerTo(answers, question, request, response)
      },
    }),
  )
  const held = parts.move()
  return {
    ...{ url: page.url, origin: page.origin },
    async idle(signal) {
      for (;;) {
        if (restore.now.state === 'running') usedMs = clock.monotonic()
        if (clock.monotonic() - usedMs >= options.idleMs) return
        await clock.sleep(Math.min(idleLookMs, options.idleMs), signal)
      }
    },
    async [Symbol.asyncDispose]() {
      ending.abort(new Error('the page was closed'))
      await held.disposeAsync()
    },
  }
}

/** Questions are asked by POST alone, so that browsers say which page asks, and no name stands in an address. */
async function answerTo(
  answers: PageAnswers,
  question: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const answer = answers.of(question)
  if (answer === undefined || request.method !== 'POST')
    return refuse(response, 404, 'unknown_route', 'there is no such thing here')
  try {
    let text = ''
    for await (const part of request.setEncoding('utf8')) {
      text += part
      if (text.length > questionBytesMax) throw new Failure('too_large', 'that is no question')
    }
    const told = await answer(askedOf(text))
    response
      .writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
      .end(JSON.stringify(told))
  } catch (error) {
    if (!isFailure(error)) throw error
    refuse(response, statusOf(error), error.code, error.message, nextStep(error, 'backstay-agent open'))
  }
}

const statuses: Readonly<Record<string, number>> = {
  bad_question: 400,
  bad_folder: 400,
  bad_duration: 400,
  not_allowed: 403,
  no_snapshot: 404,
  not_in_snapshot: 404,
  folder_taken: 409,
  not_running: 409,
  state_in_use: 409,
  busy: 409,
  too_large: 413,
}

function statusOf({ code }: Failure): number {
  return statuses[code] ?? 503
}
