// What the page asks of the process that serves it; the whole of it, in a browser: scripts/console/stories/employee.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulatedClock } from '@backstay/proto/simulated-clock'
import type { Agent } from '../agent.ts'
import { serveEmployeePage } from './employee-page.ts'

test('a page that nobody uses ends by itself, and one that is used stays', async () => {
  const clock = simulatedClock()
  await using page = await serveEmployeePage({ clock } as unknown as Agent, { port: 0, idleMs: 60_000 })
  const word = new URL(page.url).hash.slice('#enter='.length)
  const headers = { origin: page.origin }
  const entered = await fetch(`${page.origin}/local/v1/enter`, { method: 'POST', headers, body: word })
  const [cookie = ''] = entered.headers.getSetCookie()
  const ask = (question: string, body = '{}', method = 'POST') =>
    fetch(`${page.origin}/local/v1/${question}`, {
      method,
      headers: { ...headers, cookie: cookie.split(';')[0] as string },
      ...(method === 'POST' && { body }),
    })
  let isOver = false
  const idle = page.idle(new AbortController().signal).then(() => {
    isOver = true
  })
  await clock.advance(40_000)
  // Asked by a person; refused before anything of this stand-in is touched.
  for (const [question, body, status] of [
    ['folder', '[]', 400],
    ['pause', '{"minutes":-1}', 400],
    ['restore', '{"at":1}', 400],
    ['suggest', `{"path":"${'A'.repeat(70_000)}"}`, 413],
    ['constructor', '{}', 404],
  ] as const)
    assert.equal((await ask(question, body)).status, status, question)
  assert.equal((await ask('folder', '', 'GET')).status, 404)
  assert.deepEqual(await (await ask('restoring')).json(), { state: 'none' })
  await clock.advance(40_000)
  assert.equal(isOver, false)
  // The page itself asks again and again, whether anybody looks at it or not.
  await ask('restoring')
  await clock.advance(25_000)
  await idle
  assert.equal(isOver, true)
})
