// Vectors of what people copy: enrolment tokens and set-up strings. docs/protocol.md.
import { utf8 } from '@backstay/proto/bytes'
import type { Primitives } from '@backstay/proto/primitives'
import { encodeSetup, type Setup } from '@backstay/proto/trust/setup'
import { testDevice, testFleet } from '@backstay/proto/trust/testing/fleet'
import { encodeToken, type Token } from '@backstay/proto/trust/token'
import { openBook } from './book.ts'

export async function writeCodes(p: Primitives): Promise<void> {
  const book = openBook('trust-codes.json', 'Enrolment tokens and set-up strings.')
  const fleet = await testFleet(p)
  const address = { urls: ['wss://backup.example:7443'], spkiPins: [new Uint8Array(32).fill(1)] }
  const token: Token = {
    ...address,
    fleet: fleet.trust.fleet,
    trustVersion: 1,
    trustHash: fleet.trust.payloadHash,
    grant: (await testDevice(p, fleet, 'laptop')).grantEnvelope,
    grantSeed: await p.sha256(utf8('grant laptop')),
  }
  const setup: Setup = {
    ...address,
    collectorKey: fleet.collector.publicKey,
    code: new Uint8Array(16).fill(2),
  }
  const texts = { token: encodeToken(token), setup: encodeSetup(setup) }
  for (const [kind, text] of Object.entries(texts)) {
    const deed = `${kind}.decode`
    const bad = `bad_${kind}`
    const decode = (name: string, text: string, failure?: string) =>
      book.add(`${kind}: ${name}`, deed, { text }, failure)
    await decode('whole', text)
    await decode('with line breaks', `${text.slice(0, 40)}\r\n  ${text.slice(40)}\n`)
    await decode('cut short by one', text.slice(0, -1), bad)
    await decode('cut to its prefix', text.slice(0, text.indexOf(':') + 1), bad)
    await decode(
      'one character changed',
      `${text.slice(0, 50)}${text[50] === 'A' ? 'B' : 'A'}${text.slice(51)}`,
      bad,
    )
    await decode('empty', '', bad)
    await decode('too long', text + 'A'.repeat(40_000), bad)
    await decode('of the other kind', texts[kind === 'token' ? 'setup' : 'token'], bad)
  }
  for (const url of [
    'ws://backup.example',
    'https://backup.example',
    'wss://user:word@backup.example',
    'x',
    '',
  ]) {
    await book.add(
      `token: to "${url}"`,
      'token.decode',
      { text: encodeToken({ ...token, urls: [url] }) },
      'bad_token',
    )
  }
  await book.add(
    'token: without address',
    'token.decode',
    { text: encodeToken({ ...token, urls: [] }) },
    'bad_token',
  )
  const small = encodeSetup({ ...setup, collectorKey: new Uint8Array(32) })
  await book.add('setup: a collector key of small order', 'setup.decode', { text: small }, 'bad_setup')
  book.write()
}
