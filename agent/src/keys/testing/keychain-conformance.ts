/** The promises of `Keychain`, asked of any implementation. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { isFailure } from '@backstay/proto/failure'
import { type Keychain, secretBytesMax } from '../keychain.ts'

/** `reopen` gives another keychain on the same place, as after a restart; absent for those that forget. */
export function keychainConformance(open: () => Promise<Keychain>, reopen?: () => Promise<Keychain>): void {
  const code = (expected: string) => (error: unknown) => isFailure(error, expected)
  const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte)

  it('gives back exactly what was set, every byte value and every length', async () => {
    const keychain = await open()
    for (const secret of [everyByte, everyByte.subarray(0, 1), new Uint8Array(secretBytesMax).fill(7)]) {
      await keychain.set('one', secret)
      assert.deepEqual(await keychain.get('one'), secret)
    }
    await keychain.delete('one')
  })

  it('knows nothing of what was never set', async () => {
    const keychain = await open()
    assert.equal(await keychain.get('never'), undefined)
    assert.equal(await keychain.delete('never'), false)
  })

  it('forgets what is deleted, once', async () => {
    const keychain = await open()
    await keychain.set('one', everyByte)
    assert.equal(await keychain.delete('one'), true)
    assert.equal(await keychain.get('one'), undefined)
    assert.equal(await keychain.delete('one'), false)
  })

  it('keeps names apart', async () => {
    const keychain = await open()
    await keychain.set('one', Uint8Array.of(1))
    await keychain.set('one-more', Uint8Array.of(2))
    assert.deepEqual(await keychain.get('one'), Uint8Array.of(1))
    await keychain.delete('one')
    assert.deepEqual(await keychain.get('one-more'), Uint8Array.of(2))
    await keychain.delete('one-more')
  })

  it('keeps its own copy', async () => {
    const keychain = await open()
    const secret = Uint8Array.of(1, 2, 3)
    await keychain.set('one', secret)
    secret[0] = 9
    const read = await keychain.get('one')
    assert.deepEqual(read, Uint8Array.of(1, 2, 3))
    if (read) read[1] = 9
    assert.deepEqual(await keychain.get('one'), Uint8Array.of(1, 2, 3))
    await keychain.delete('one')
  })

  it('refuses names that could lead elsewhere, and secrets of no or too many bytes', async () => {
    const keychain = await open()
    for (const name of ['', '../x', 'a/b', 'a\\b', 'A', '.', 'a b', 'x'.repeat(64), 'a\0']) {
      await assert.rejects(keychain.set(name, everyByte), code('bad_secret_name'), JSON.stringify(name))
      await assert.rejects(keychain.get(name), code('bad_secret_name'), JSON.stringify(name))
      await assert.rejects(keychain.delete(name), code('bad_secret_name'), JSON.stringify(name))
    }
    await assert.rejects(keychain.set('one', new Uint8Array()), code('secret_too_large'))
    await assert.rejects(keychain.set('one', new Uint8Array(secretBytesMax + 1)), code('secret_too_large'))
    assert.equal(await keychain.get('one'), undefined)
  })

  if (reopen === undefined) return
  it('remembers after a restart', async () => {
    await (await open()).set('one', everyByte)
    const again = await reopen()
    assert.deepEqual(await again.get('one'), everyByte)
    await again.delete('one')
  })
}
