// What each page lets people do, done: views, bulk deeds, exports, tokens, schedules, people, sessions; and a session that ends in
// the middle of it loses nothing that was filled in.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'
import { openWindow, type Window } from '../chromium.ts'
import { type MadeConsole, openMadeConsole } from '../made-console.ts'
import { becomeOwner, call, digitsOf } from '../person.ts'

let stage: MadeConsole
let window: Window
let page: Page
let secret = ''

before(async () => {
  stage = await openMadeConsole({ devices: 60, snapshots: 3, withMarkup: true })
  window = await openWindow(stage.browser, { url: stage.served.url })
  page = window.page
  await page.goto('/')
  secret = (await becomeOwner(window.context, stage.served.code)).secret ?? ''
  // The code that proved the set-up is used up.
  await call(window.context, 'POST', '/session/step-up', { method: 'totp', code: digitsOf(secret, 1) })
})

after(async () => {
  await window?.[Symbol.asyncDispose]()
  await stage?.[Symbol.asyncDispose]()
})

async function downloaded(name: string): Promise<string> {
  const [coming] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name, exact: true }).click(),
  ])
  return readFileSync(await coming.path(), 'latin1')
}

const dialog = () => page.getByRole('dialog')

describe('pages do their deeds', { concurrency: false }, () => {
  test('devices are narrowed, the view is kept and forgotten, and the list taken along', async () => {
    await page.goto('/devices')
    const count = page.getByText(/^\d+ devices?$/)
    await count.waitFor()
    const all = Number.parseInt(await count.innerText(), 10)
    await page.getByRole('button', { name: /Connected or not/ }).click()
    await page.getByRole('option', { name: 'Not connected' }).click()
    await page.getByLabel('Agent version').fill('999')
    await page.getByText('0 devices').waitFor()
    await page.getByLabel('Agent version').fill('')
    await page.waitForURL(url => url.search.includes('online=false') && !url.search.includes('agent='))
    await page.getByRole('button', { name: 'Save view' }).click()
    await dialog().getByLabel('Name').fill('Away')
    await dialog().getByRole('button', { name: 'Save' }).click()
    await page.getByRole('link', { name: 'Away' }).click()
    await page.waitForURL(/view=own-/)
    const table = await downloaded('CSV')
    const lines = table.trimEnd().split('\r\n')
    assert.ok(lines.length > 1 && lines.length - 1 <= all, `${lines.length} of ${all}`)
    assert.ok(
      lines.slice(1).every(line => line.includes(',false,')),
      'those that are not connected alone',
    )
    await page.reload()
    await page.getByRole('button', { name: 'Forget the view Away' }).click()
    await page.getByRole('link', { name: 'Away' }).waitFor({ state: 'detached' })
  })

  test('what is done to several devices says to how many', async () => {
    await page.goto('/devices')
    const boxes = page.getByRole('row').getByRole('checkbox')
    await boxes.nth(1).click({ force: true })
    await boxes.nth(2).click({ force: true })
    const bar = page.getByRole('toolbar', { name: 'Selected devices' })
    await bar.getByText('2 devices').waitFor()
    await bar.getByRole('button', { name: 'Retire…' }).click()
    await dialog().getByText('They may not connect any more').waitFor()
    await page.keyboard.press('Escape')
    await bar.getByRole('button', { name: 'Back up now' }).click()
    await dialog().getByLabel('Or ask a key holder').fill('before the move')
    await dialog().getByRole('button', { name: 'Ask for it' }).click()
    await dialog().getByText('Asked.').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('link', { name: 'Overview' }).click()
    await page.getByRole('heading', { name: 'Asked for (2)' }).waitFor()
    await page.getByRole('button', { name: 'Decline' }).first().click()
    await page.getByRole('heading', { name: 'Asked for (1)' }).waitFor()
  })

  test('a token of a program is made, good, and ended', async () => {
    await page.goto('/settings?part=tokens')
    await page.getByRole('button', { name: 'New', exact: true }).click()
    await dialog().getByLabel('What it is for').fill('monitoring')
    await dialog().getByRole('button', { name: 'Make it' }).click()
    const token = await dialog().getByText(/^bst_/).innerText()
    const metrics = () =>
      window.context.request.get(`${stage.served.url}/metrics`, {
        headers: { authorization: `Bearer ${token}`, cookie: '' },
      })
    assert.match(await (await metrics()).text(), /^backstay_devices/m)
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'End monitoring' }).click()
    await page.getByText('No token yet').waitFor()
    assert.equal((await metrics()).status(), 401)
  })

  test('somebody is let in, changed and shut out', async () => {
    await page.goto('/settings')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await dialog().getByLabel('Account').fill('bert@example.org')
    await dialog().getByLabel('Name').fill('Bert')
    await dialog().getByRole('button', { name: 'Add', exact: true }).click()
    await dialog().getByText('signs in with it once').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Change Bert' }).click()
    await dialog().getByRole('button', { name: 'Shut out' }).click()
    await page.getByText('(may not sign in)').waitFor()
  })

  test('reports are taken along and sent, until they are not', async () => {
    await page.goto('/reports?report=coverage')
    assert.match(await downloaded('CSV'), /,/)
    assert.match(await downloaded('PDF'), /^%PDF-/)
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await dialog().getByRole('textbox', { name: 'To' }).fill('it@example.org')
    await dialog().getByRole('button', { name: 'Send it' }).click()
    await page.getByText('it@example.org').waitFor()
    await page.getByRole('button', { name: /^Remove / }).click()
    await page.getByText('None is sent').waitFor()
  })

  test('the log is narrowed and taken along with proofs', async () => {
    await page.goto('/audit')
    await page.getByLabel('Action').fill('token-added')
    // Until the answer is here, the list shows other deeds as well.
    await page.waitForFunction(() => {
      const lines = [...document.querySelectorAll('tbody tr')]
      return lines.length > 0 && lines.every(line => line.textContent?.includes('token-added'))
    })
    await page.getByText('monitoring').first().waitFor()
    const proved = JSON.parse(await downloaded('JSON with proofs')) as {
      items: { entry: string }[]
      nextCursor?: string
    }
    assert.equal(proved.nextCursor, undefined)
    assert.ok(proved.items.every(({ entry }) => entry.includes('token-added')))
    assert.match(await downloaded('CSV'), /token-added/)
    await page.getByLabel('To', { exact: true }).fill('2001-01-01')
    await page.getByText('No such line').waitFor()
  })

  test('figures of storage are there, and so is who fills it', async () => {
    await page.goto('/storage')
    await page.getByText('newest snapshots, as restored').waitFor()
    await page.getByText('Dedup and compression').waitFor()
    await page.getByRole('row').nth(10).waitFor()
  })

  // "Nothing that you had chosen is lost": the address is as it was, and the page comes back where it stood.
  test('a session that is ended elsewhere while somebody works asks for a new one at once, and leads back', async () => {
    const looker = { account: 'looker', password: 'a long sentence for the looker' }
    await call(window.context, 'POST', '/people', { ...looker, name: 'Looker', roles: ['viewer'] })
    const { url } = stage.served
    await using working = await openWindow(stage.browser, { url })
    await using other = await openWindow(stage.browser, { url })
    const signIn = async (at: Page) => {
      await at.getByLabel('Account').fill(looker.account)
      await at.getByLabel('Password').fill(looker.password)
      await at.getByRole('button', { name: 'Sign in', exact: true }).click()
    }
    const at = working.page
    await at.goto('/devices?state=at_risk&sort=name')
    await signIn(at)
    await at.getByText(/^\d+ devices?$/).waitFor()
    await other.page.goto('/settings?part=sessions')
    await signIn(other.page)
    const end = other.page.getByRole('row').getByRole('button', { name: 'Sign out' })
    await end.click()
    await end.waitFor({ state: 'detached' })

    await at.getByLabel('Name, user or id').fill('a')
    await at.getByLabel('Account').waitFor()
    await signIn(at)
    await at.getByLabel('Account').waitFor({ state: 'detached' })
    await at.getByText(/^\d+ devices?$/).waitFor()
    assert.match(at.url(), /state=at_risk&sort=name&q=a/)
    assert.equal(await at.getByLabel('Name, user or id').inputValue(), 'a')
    assert.deepEqual([working.complaints, other.complaints, window.complaints], [[], [], []])
  })
})
