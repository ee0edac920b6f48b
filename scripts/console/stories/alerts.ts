// A device that is not protected raises an alert: a webhook is told, and somebody takes care of it; or it comes by mail, and so does its end.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { keepMail } from '../../../collector/src/alerts/testing/mail-server.ts'
import { makeFleet } from '../../drills/fleet.ts'
import type { Running } from '../../drills/processes.ts'
import { openChromium, openWindow } from '../chromium.ts'
import { openMadeConsole } from '../made-console.ts'
import { becomeOwner } from '../person.ts'

test('an alert is raised, told and taken care of', async () => {
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
  assert.equal(hook.bodies.filter(body => body.includes('This is a test')).length, 1)

  await page.getByRole('navigation', { name: 'Alerts' }).getByRole('link', { name: 'Alerts' }).click()
  // The engine looks each minute.
  const line = page.getByRole('listitem').filter({ hasText: 'is unprotected' }).first()
  await line.waitFor()
  await line.getByRole('button', { name: 'Acknowledge' }).click()
  await page
    .getByText(/taken care of by/)
    .first()
    .waitFor()
  while (!hook.bodies.some(body => body.includes('unprotected'))) await hook.next()

  const open = page
    .getByRole('listitem')
    .filter({ hasText: 'is unprotected' })
    .filter({ has: page.getByText('open', { exact: true }) })
  const sentence = await open.first().locator('p').first().innerText()
  const muted = page.getByRole('listitem').filter({ hasText: sentence })
  await muted.getByRole('button', { name: 'Mute…' }).click()
  await page.getByRole('menuitem', { name: 'for 7 days' }).click()
  await muted.getByText(/^muted until/).waitFor()
  await choose(page, /State/, 'Muted')
  await page.waitForURL(/state=muted/)
  // Until the answer is here, the list shows what it showed.
  const listed = page.getByRole('main').getByRole('listitem')
  await listed.nth(1).waitFor({ state: 'detached' })
  assert.equal(await listed.count(), 1)
  await muted.getByRole('button', { name: 'Tell again' }).click()
  await page.getByText('None', { exact: true }).waitFor()
  await choose(page, /State/, 'Any state')
  await muted.getByText('open', { exact: true }).waitFor()
  assert.deepEqual(window.complaints, [])
})

test('an alert is raised, mailed, and mailed again when it is over', async () => {
  await using mail = await keepMail()
  await using fleet = await makeFleet()
  const home = fleet.path('home')
  mkdirSync(home)
  writeFileSync(fleet.path('home', 'thesis.txt'), 'a year of work')
  const laptop = await fleet.enroll('laptop', { roots: [home] })
  await using browser = await openChromium()
  await using window = await openWindow(browser, { url: `https://${fleet.collector.address}` })
  const { page, context } = window
  await page.goto('/')
  await becomeOwner(context, await signInCode(fleet.collector))

  await page.goto('/settings?part=mail')
  await page.getByLabel('Mail server').fill('127.0.0.1')
  await page.getByLabel('Port').fill(String(mail.port))
  await choose(page, /Encryption/, 'None')
  await page.getByRole('textbox', { name: 'From' }).fill('backstay@example.org')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()

  await page.goto('/alerts?part=channels')
  await page.getByRole('button', { name: 'Add' }).click()
  await page.getByLabel('Name', { exact: true }).fill('IT')
  await page.getByLabel('To', { exact: true }).fill('it@example.org')
  await page.getByRole('dialog').getByRole('button', { name: 'Add' }).click()
  await page.getByRole('button', { name: 'Test' }).click()
  await page.getByText('A test message was delivered.').waitFor()

  // Told at once, and over at once: this fleet has one device and much attention.
  await page.goto('/alerts?part=rules')
  await page.getByRole('button', { name: 'Add' }).click()
  await choose(page, /What it looks at/, 'Never backed up')
  await page.getByLabel('When it lasts (hours)').fill('0')
  const settle = page.getByLabel('Over when all was well for (minutes)')
  assert.equal(await settle.inputValue(), '10')
  await settle.fill('0')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('row').filter({ hasText: 'A device joined and never backed up' }).first().waitFor()

  const raised = await mail.mail(({ text }) => /^Subject: .*New: .*laptop/m.test(text))
  assert.deepEqual(raised.to, ['it@example.org'])
  await page.getByRole('navigation', { name: 'Alerts' }).getByRole('link', { name: 'Alerts' }).click()
  const line = page.getByRole('listitem').filter({ hasText: 'laptop' })
  await line.getByText('open', { exact: true }).waitFor()

  await laptop.backup()
  await mail.mail(({ text }) => /^Subject: .*Over: .*laptop/m.test(text))
  await line.getByText('recovered', { exact: true }).waitFor()
  await line.getByText('Acknowledge').waitFor({ state: 'detached' })

  // Of an hour that has begun today it comes with the engine's next look.
  await page.goto('/settings?part=mail')
  await page.getByText('A signed digest each day').click()
  await page.getByText('so far it would go to nobody').waitFor()
  await page.getByText('IT', { exact: true }).click()
  await choose(page, /Hour of the digest/, '00:00')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()
  const digest = await mail.mail(({ text }) => /^Subject: .*100 % protected, 0 open/m.test(text))
  assert.deepEqual(digest.to, ['it@example.org'])
  assert.match(digest.text, /Nothing is wrong that an alert rule knows of/)
  await page.reload()
  const digests = page.getByRole('checkbox', { name: /A signed digest each day/, checked: true })
  await digests.waitFor({ state: 'attached' })
  assert.deepEqual(window.complaints, [])
})

async function choose(page: Page, label: RegExp, option: string): Promise<void> {
  await page.getByRole('button', { name: label }).click()
  await page.getByRole('option', { name: option }).click()
}

async function signInCode(collector: Running): Promise<string> {
  const line = await collector.line(one => one.includes('"event":"started"'))
  return (JSON.parse(line) as { readonly signInCode: string }).signInCode
}

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
