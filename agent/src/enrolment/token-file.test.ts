import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmod, chown, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { isFailure } from '@backstay/proto/failure'
import { destroyTokenFile, readTokenFile } from './token-file.ts'

const top = await mkdtemp(join(tmpdir(), 'backstay-token-'))
after(() => rm(top, { recursive: true }))
const isWindows = process.platform === 'win32'
const isRoot = process.geteuid?.() === 0

const at = (name: string) => join(top, name)
async function lay(name: string, content: string | Uint8Array, mode = 0o600): Promise<string> {
  await writeFile(at(name), content)
  await chmod(at(name), mode)
  return at(name)
}
const unsafe = (mend: RegExp) => (error: unknown) =>
  isFailure(error, 'token_unsafe') && mend.test(error.hint ?? '') && !error.message.includes('secret')

describe('a token in a file', () => {
  it('is read as it was written, by whatever wrote it', async () => {
    assert.equal(
      await readTokenFile(await lay('plain', 'backstay-enroll:secret\n')),
      'backstay-enroll:secret',
    )
    const wide = Buffer.concat([
      Uint8Array.of(0xff, 0xfe),
      Buffer.from('backstay-enroll:secret\r\n', 'utf16le'),
    ])
    assert.equal(await readTokenFile(await lay('wide', wide)), 'backstay-enroll:secret')
    assert.equal(
      await readTokenFile(await lay('marked', '\ufeffbackstay-enroll:secret')),
      'backstay-enroll:secret',
    )
  })

  it('is none where there is no file, or nothing in it', async () => {
    assert.equal(await readTokenFile(at('absent')), undefined)
    assert.equal(await readTokenFile(join(at('no-folder'), 'token')), undefined)
    assert.equal(await readTokenFile(join(await lay('no-folder-but-a-file', 'x'), 'token')), undefined)
    assert.equal(await readTokenFile(await lay('empty', '')), undefined)
    assert.equal(await readTokenFile(await lay('blank', ' \n\n')), undefined)
  })

  it('is not used when others may read or change it, and says how to mend that', {
    skip: isWindows,
  }, async () => {
    for (const mode of [0o604, 0o640, 0o602, 0o620, 0o644, 0o666]) {
      const path = await lay(`open-${mode}`, 'secret', mode)
      await assert.rejects(readTokenFile(path), unsafe(/^chmod 600 /))
      await chmod(path, 0o600)
      assert.equal(await readTokenFile(path), 'secret')
    }
  })

  it('is not used when others may exchange it', { skip: isWindows }, async () => {
    await mkdir(at('open-folder'))
    const path = await lay('open-folder/token', 'secret')
    await chmod(at('open-folder'), 0o777)
    await assert.rejects(readTokenFile(path), unsafe(/^chmod go-w /))
    // As /tmp is: others may add, and not exchange.
    await chmod(at('open-folder'), 0o1777)
    assert.equal(await readTokenFile(path), 'secret')
  })

  it('is not used when it belongs to somebody else', { skip: !isRoot }, async () => {
    const path = await lay('foreign', 'secret')
    await chown(path, 65_534, 65_534)
    await assert.rejects(readTokenFile(path), unsafe(/^chown 0 /))
  })

  it('may be open by its mode when the system closes its folder', async () => {
    assert.equal(await readTokenFile(await lay('credential', 'secret', 0o440), { isClosed: true }), 'secret')
  })

  it('is told from what is no such file, at once', { skip: isWindows }, async () => {
    spawnSync('mkfifo', ['-m', '600', at('pipe')])
    await mkdir(at('folder'), { mode: 0o700 })
    const binary = await lay('binary', Uint8Array.of(1, 0, 2))
    for (const path of [at('pipe'), at('folder'), binary]) {
      await assert.rejects(readTokenFile(path), error => isFailure(error, 'file_unreadable'))
    }
    await symlink(at('loop'), at('loop'))
    await assert.rejects(readTokenFile(at('loop')), error => isFailure(error, 'file_unreadable'))
    const large = await lay('large', 'x'.repeat(64 * 1024 + 1))
    await assert.rejects(readTokenFile(large), error => isFailure(error, 'file_too_large'))
  })

  it('is overwritten before it is removed', { skip: isWindows }, async () => {
    const path = await lay('used', 'backstay-enroll:secret')
    // Another name of the same bytes shows what became of them.
    spawnSync('ln', [path, at('other-name')])
    await destroyTokenFile(path)
    assert.equal(await readTokenFile(path), undefined)
    assert.equal((await readFile(at('other-name'), 'utf8')).trim(), '')
  })
})
