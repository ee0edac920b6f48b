// What plutil of macOS answers, recorded from its manual: none of it ran on a Mac.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { managedToken, type PreferencesSystem, preferencesFile } from './managed-preferences.ts'

const byRoot = { uid: 0, mode: 0o100644 }

function mac(facts: { uid: number; mode: number } | undefined, answer: string | undefined) {
  const asked: string[] = []
  const system: PreferencesSystem = {
    facts: async path => (path === preferencesFile ? facts : undefined),
    async ask(program, words) {
      asked.push([program, ...words].join(' '))
      return answer
    },
  }
  return { system, asked }
}

test('a profile gives a token, by the system’s own reader of property lists', async () => {
  const { system, asked } = mac(byRoot, 'backstay-enroll:abc\n')
  assert.equal(await managedToken(system), 'backstay-enroll:abc')
  assert.deepEqual(asked, [
    '/usr/bin/plutil -extract EnrollmentToken raw -expect string -o - /Library/Managed Preferences/org.backstay.agent.plist',
  ])
})

test('no profile, or one without a token, is none', async () => {
  const none = mac(undefined, 'never asked')
  assert.equal(await managedToken(none.system), undefined)
  assert.deepEqual(none.asked, [])
  assert.equal(await managedToken(mac(byRoot, undefined).system), undefined)
  assert.equal(await managedToken(mac(byRoot, ' \n').system), undefined)
})

test('what others than root may have written is not used', async () => {
  for (const facts of [
    { uid: 501, mode: 0o100644 },
    { uid: 0, mode: 0o100664 },
  ])
    await assert.rejects(managedToken(mac(facts, 'x').system), { code: 'token_unsafe' })
})
