// A stock age opens the admin's key file: the format is not ours alone. Opening an escrow itself, which is sealed to
// post-quantum recipients, needs age 1.3 or newer; Debian has 1.1.1, so that is not tried here.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { after, test } from 'node:test'
import { makeFleet } from './fleet.ts'

const versionOf = (program: string) => {
  const { status, stdout, stderr } = spawnSync(program, ['--version'], { encoding: 'utf8' })
  return status === 0 ? `${stdout}${stderr}`.trim() : undefined
}
const version = versionOf('age')
const hasTerminal = versionOf('script') !== undefined
const missing = [version === undefined ? 'age' : '', hasTerminal ? '' : 'script'].filter(name => name !== '')
const why =
  missing.length === 0 ? undefined : `not shown here, because "${missing.join('" and "')}" is not installed`

test('a stock age opens the admin key file with the passphrase', async t => {
  if (why !== undefined) {
    console.error(`age: ${why}`)
    assert.notEqual(process.env.CI, '1', why)
    return t.skip(why)
  }
  t.diagnostic(`age ${version}; opening an escrow with it would need age 1.3`)
  const fleet = await makeFleet()
  after(() => fleet[Symbol.asyncDispose]())
  const opened = await ageOpens(fleet.path('admin/admin.key.age'), fleet.passphrase)
  assert.equal(opened.code, 0, opened.text)
  assert.match(opened.text, /^AGE-SECRET-KEY-PQ-1[0-9A-Z]{50,}\r?$/m)
  assert.match(opened.text, /^BACKSTAY-ADMIN-KEY-1[0-9A-Z]{50,}\r?$/m)
  const wrong = await ageOpens(fleet.path('admin/admin.key.age'), 'another passphrase')
  assert.notEqual(wrong.code, 0)
  assert.doesNotMatch(wrong.text, /SECRET-KEY/)
})

/** age reads a passphrase from a terminal only: script(1) gives it one, and we type when it asks. */
async function ageOpens(file: string, passphrase: string): Promise<{ code: number | null; text: string }> {
  const child = spawn('script', [
    '--quiet',
    '--return',
    '--echo',
    'never',
    '--command',
    `age --decrypt '${file}'`,
    '/dev/null',
  ])
  let text = ''
  let asked = false
  child.stdout.setEncoding('utf8').on('data', chunk => {
    text += chunk
    if (asked || !/passphrase/i.test(text)) return
    asked = true
    child.stdin.write(`${passphrase}\n`)
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  return { code, text }
}
