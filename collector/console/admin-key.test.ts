import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromUtf8 } from '@backstay/proto/bytes'
import { testIdentity } from '@backstay/proto/trust/testing/fleet'
import { sealAdminKey } from './admin-key.ts'

test('who says nothing of the cost gets a key file that takes a second to try a passphrase on', async () => {
  const key = { seed: new Uint8Array(32), identity: testIdentity(0).identity }
  const file = fromUtf8(await sealAdminKey(key, { name: 'ada' }, 'correct horse'))
  const header = Buffer.from(file.split('\n').slice(1, 4).join(''), 'base64').toString('latin1')
  assert.match(header, /^age-encryption\.org\/v1\n-> scrypt \S+ 18\n/)
})
