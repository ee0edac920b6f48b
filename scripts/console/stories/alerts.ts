// A device that is not protected raises an alert; a webhook is told, and somebody takes care of it.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { openWindow } from '../chromium.ts'
import { openMadeConsole } from '../made-console.ts'
import { becomeOwner } from '../person.ts'

test('an alert is raised, told and taken care of', { timeout: 150_000 }, async () => {
  await using hook = await listener()
  await using stage = await openMadeConsole({ devices: 20, snapshots: 1 })
  const { served, browser } = stage
  await using window = await openWindow(browser, { url: served.url })
  const { page, context } = window
  await page.goto('/')
  await becomeOwner(context, served.code)

  await page.goto('/alerts?part=channels')
  await page.getByText('Nobody is told').waitFor()
  await page.getByRole('button', { name: 'Add' }).click()
  await page.getByRole('button', { name: /Kind/ }).click()
  await page.getByRole('option', { name: 'Webhook' }).click()
  await page.getByLabel('Name', { exact: true }).fill('on call')
  await page.getByLabel('Address', { exact: true }).fill(hook.url)
  await page.getByLabel('Secret that signs what is sent').fill('a secret of sixteen letters')
  await page.getByText('The address is in a private network').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Add' }).click()
  await page.getByRole('button', { name: 'Test' }).click()
  await page.getByText('A test message was delivered.').waitFor()
  assert.equal(hook.bodies.length, 1)

  await page.getByRole('navigation', { name: 'Alerts' }).getByRole('link', { name: 'Alerts' }).click()
  // The engine looks each minute.
  const line = page.getByRole('listitem').filter({ hasText: 'is unprotected' }).first()
  await line.waitFor({ timeout: 100_000 })
  await line.getByRole('button', { name: 'Acknowledge' }).click()
  await page
    .getByText(/taken care of by/)
    .first()
    .waitFor()
  while (!hook.bodies.some(body => body.includes('unprotected'))) await hook.next()
  assert.deepEqual(window.complaints, [])
})

async function listener() {
  const bodies: string[] = []
  const waiting: (() => void)[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
    request.on('end', () => {
      bodies.push(text)
      response.writeHead(204).end()
      for (const one of waiting.splice(0)) one()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    bodies,
    next: () => new Promise<void>(resolve => waiting.push(resolve)),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(done => server.close(done))
    },
  }
}
