// Vectors of signed envelopes: docs/format.md §9.1.
import { type Bytes, concat, hex, utf8 } from '@backstay/proto/bytes'
import type { Primitives } from '@backstay/proto/primitives'
import {
  decodeEnvelope,
  type Envelope,
  encodeEnvelope,
  keyIdOf,
  signEnvelope,
} from '@backstay/proto/trust/envelope'
import { openBook } from './book.ts'

const forgeable = concat(Uint8Array.of(1), new Uint8Array(31))

export async function writeEnvelopes(p: Primitives): Promise<void> {
  const book = openBook(
    'trust-envelope.json',
    'Signed envelopes: signing, and which of the candidates signed.',
  )
  const seeds = [1, 2].map(n => new Uint8Array(32).fill(n))
  const keys = await Promise.all(seeds.map(seed => p.signingKey(seed)))
  const candidates = keys.map(key => hex(key.publicKey))
  const payload = utf8('payload')
  const signing = { kind: 'grant', payload: hex(payload) }
  await book.add('one signature', 'envelope.sign', { ...signing, seeds: seeds.slice(0, 1).map(hex) })
  await book.add('two signatures', 'envelope.sign', { ...signing, seeds: seeds.map(hex) })
  await book.add('an empty payload', 'envelope.sign', {
    kind: 'commit',
    payload: '',
    seeds: seeds.slice(0, 1).map(hex),
  })

  const signed = await signEnvelope(p, 'grant', payload, keys.slice(0, 1))
  const ask = (name: string, envelope: Bytes, more: object = {}, failure?: string) =>
    book.add(
      name,
      'envelope.signers',
      { kind: 'grant', envelope: hex(envelope), candidates, ...more },
      failure,
    )
  await ask('the first of two candidates signed', signed)
  await ask('both signed', await signEnvelope(p, 'grant', payload, keys))
  await ask('a candidate named twice counts once', signed, { candidates: [candidates[0], candidates[0]] })
  const again = [keys[0], keys[0]].filter(key => key !== undefined)
  await ask('a key that signed twice counts once', await signEnvelope(p, 'grant', payload, again))
  await ask('no candidate signed', signed, { candidates: candidates.slice(1) })
  await ask('a signature for another kind', signed, { kind: 'job' }, 'wrong_kind')

  const opened = decodeEnvelope(signed)
  const altered = (changes: Partial<Envelope>) => encodeEnvelope({ ...opened, ...changes })
  const [one] = opened.signatures
  if (one === undefined) throw new Error('there is a signature')
  await ask('a payload that was changed', altered({ payload: utf8('Payload') }))
  await ask(
    'a signature that was changed',
    altered({ signatures: [{ ...one, signature: turned(one.signature) }] }),
  )
  const relabelled = altered({ payloadType: 'application/vnd.backstay.job.v1+proto' })
  await ask('a type that was changed', relabelled, { kind: 'job' })
  const forged = { keyId: await keyIdOf(p, forgeable), signature: concat(forgeable, new Uint8Array(32)) }
  const anyone = { candidates: [hex(forgeable)] }
  await ask('a signature under a key of small order', altered({ signatures: [forged] }), anyone)

  await ask('no bytes', new Uint8Array(), {}, 'bad_envelope')
  await ask('cut short', signed.subarray(0, -1), {}, 'bad_envelope')
  await ask('an unknown field behind', concat(signed, Uint8Array.of(0x78, 1)), {}, 'bad_envelope')
  await ask('a field twice', concat(signed, signed), {}, 'bad_envelope')
  await ask('no signature', altered({ signatures: [] }), {}, 'bad_envelope')
  await ask('17 signatures', altered({ signatures: Array(17).fill(one) }), {}, 'bad_envelope')
  const shortKey = [{ ...one, keyId: one.keyId.subarray(1) }]
  await ask('a key id of 31 bytes', altered({ signatures: shortKey }), {}, 'bad_envelope')
  const shortSignature = [{ ...one, signature: one.signature.subarray(1) }]
  await ask('a signature of 63 bytes', altered({ signatures: shortSignature }), {}, 'bad_envelope')
  book.write()
}

function turned(bytes: Bytes): Bytes {
  const copy = Uint8Array.from(bytes)
  copy[40] = (copy[40] as number) ^ 1
  return copy
}
