// A hook as it runs here, on each platform its own way. Who may have put it there: hooks.test.ts, and windows-guard.test.ts.
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { startHook } from './hook-process.ts'

const isWindows = process.platform === 'win32'
const folder = mkdtempSync(join(tmpdir(), 'backstay hooks '))
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }))

function hook(name: string, lines: { readonly posix: string; readonly windows: string }): string {
  const path = join(folder, isWindows ? `${name}.cmd` : name)
  writeFileSync(path, isWindows ? `@${lines.windows}\r\n` : `#!/bin/sh\n${lines.posix}\n`, { mode: 0o755 })
  return path
}

test('it has no words and nothing that we were given, and its end is told', async () => {
  process.env.PLANTED = 'secret'
  const said = join(folder, 'said')
  const path = hook('says', {
    posix: `echo "words: $1, $PLANTED" > '${said}'; exit 3`,
    windows: `echo words: %1, %PLANTED%> "${said}"\r\n@exit /b 3`,
  })
  assert.equal(await startHook(path).ended, 'ended with exit code 3')
  assert.match(readFileSync(said, 'utf8'), /^words: , *\r?\n$/)
  assert.equal(await startHook(hook('well', { posix: 'exit 0', windows: 'exit /b 0' })).ended, undefined)
})

test('one that does not end is ended, and one that is not there could not be run', async () => {
  const begun = join(folder, 'begun')
  const path = hook('hangs', {
    posix: `touch '${begun}'; while :; do sleep 1; done`,
    windows: `echo > "${begun}"\r\n@:again\r\n@goto again`,
  })
  const { ended, stop, kill } = startHook(path)
  while (!existsSync(begun)) await setImmediate()
  stop()
  assert.match((await ended) ?? '', /^(was ended by SIG(TERM|KILL)|ended with exit code 1)$/)
  kill()
  const missing = join(folder, isWindows ? 'none.exe' : 'none')
  assert.match((await startHook(missing).ended) ?? '', /^could not be run/)
})
