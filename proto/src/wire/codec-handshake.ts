/** Frames before and at admission. */
import type { Bytes } from '../bytes.ts'
import { idToBytes } from '../object/id.ts'
import { type Codecs, finish } from './codec.ts'
import { readShownLog, someCheckpoint, writeHashes } from './codec-log.ts'
import type { Head, NextRatchet, Speaker, Witnessing } from './frame.ts'
import {
  fieldsMax,
  foundingRecordsMax,
  keyIdBytes,
  nonceBytes,
  objectFrameBytesMax,
  ordersMax,
  setupCodeBytesMax,
  signatureBytes,
  softwareBytesMax,
  strangerFrameBytesMax,
  trustEnvelopesMax,
  windowBytesMax,
  windowFramesMax,
} from './limits.ts'
import { badFrame } from './outline.ts'
import { ratchetBytes } from './ratchet.ts'
import { bytesOf, content, fleetIdOf, integer, list, objectIdOf, someBytes, text } from './reading.ts'
import { backstay } from './wire.pb.js'

const { wire } = backstay
const speakers = { device: 1, admin: 2, newcomer: 3, founder: 4 } as const

const stranger = { frameBytesMax: strangerFrameBytesMax, fieldsMax }

export const handshakeCodecs: Codecs<'hello' | 'challenge' | 'proof' | 'welcome' | 'enroll' | 'found'> = {
  hello: {
    field: 2,
    ...stranger,
    read(bytes) {
      const message = wire.Hello.decode(bytes)
      return {
        kind: 'hello',
        version: integer('version', message.version),
        speaker: speakerOf(message.speaker),
        fleet: fleetIdOf('fleet', message.fleet),
        keyId: bytesOf('key id', message.keyId, keyIdBytes),
        nonce: bytesOf('nonce', message.nonce, nonceBytes),
        head: headOf(message),
        trustVersion: integer('Trust version', message.trustVersion),
        software: text('software', message.software, softwareBytesMax),
        ratchet: someRatchet(message.ratchet),
        witness: witnessOf(message),
      }
    },
    write({ kind: _, speaker, fleet, head, ratchet, witness, ...rest }) {
      const message = {
        ...rest,
        witness: witness !== undefined,
        checkpoint: witness?.checkpoint ?? null,
        ratchet: ratchet ?? null,
        ...headFields(head),
        speaker: speakers[speaker],
        fleet: idToBytes(fleet),
      }
      return finish(wire.Hello, message)
    },
  },
  challenge: {
    field: 3,
    ...stranger,
    read(bytes) {
      const message = wire.Challenge.decode(bytes)
      return {
        kind: 'challenge',
        version: integer('version', message.version),
        nonce: bytesOf('nonce', message.nonce, nonceBytes),
        keyId: bytesOf('key id', message.keyId, keyIdBytes),
        signature: bytesOf('signature', message.signature, signatureBytes),
      }
    },
    write: ({ kind: _, ...message }) => finish(wire.Challenge, message),
  },
  proof: {
    field: 4,
    ...stranger,
    read(bytes) {
      const message = wire.Proof.decode(bytes)
      return { kind: 'proof', signature: bytesOf('signature', message.signature, signatureBytes) }
    },
    write: ({ signature }) => finish(wire.Proof, { signature }),
  },
  welcome: {
    field: 5,
    // A newcomer is given the whole chain of Trust.
    frameBytesMax: objectFrameBytesMax,
    fieldsMax: trustEnvelopesMax + ordersMax + fieldsMax,
    read(bytes) {
      const message = wire.Welcome.decode(bytes)
      return {
        kind: 'welcome',
        trust: list('Trust envelopes', message.trust, trustEnvelopesMax),
        head: headOf(message),
        windowBytes: integer('window', message.windowBytes, windowBytesMax),
        windowFrames: integer('window', message.windowFrames, windowFramesMax),
        nowMs: integer('time', message.nowMs),
        orders: list('orders', message.orders, ordersMax),
        nextRatchet: message.nextRatchet ? nextRatchetOf(message.nextRatchet) : undefined,
        log: readShownLog(message.checkpoint, message.logProof),
      }
    },
    write({ kind: _, trust, orders, head, nextRatchet, log, ...rest }) {
      const lists = { trust: [...trust], orders: [...orders] }
      return finish(wire.Welcome, {
        ...rest,
        ...headFields(head),
        ...lists,
        nextRatchet: nextRatchet ?? null,
        checkpoint: log?.checkpoint ?? null,
        logProof: log === undefined ? null : writeHashes(log.proof),
      })
    },
  },
  enroll: {
    field: 6,
    ...stranger,
    read(bytes) {
      const message = wire.Enroll.decode(bytes)
      return {
        kind: 'enroll',
        grant: content('grant', message.grant),
        certificate: content('certificate', message.certificate),
      }
    },
    write: ({ grant, certificate }) => finish(wire.Enroll, { grant, certificate }),
  },
  found: {
    field: 7,
    ...stranger,
    read(bytes) {
      const message = wire.Found.decode(bytes)
      const setupCode = content('set-up code', message.setupCode)
      if (setupCode.length > setupCodeBytesMax) throw badFrame('its set-up code is too long')
      return { kind: 'found', setupCode, records: list('records', message.records, foundingRecordsMax) }
    },
    write: ({ setupCode, records }) => finish(wire.Found, { setupCode, records: [...records] }),
  },
}

function someRatchet(value: Uint8Array): Bytes | undefined {
  const bytes = someBytes(value as Bytes)
  return bytes && bytesOf('ratchet', bytes, ratchetBytes)
}

function nextRatchetOf(message: backstay.wire.INextRatchet): NextRatchet {
  return {
    value: bytesOf('ratchet', message.value as Bytes, ratchetBytes),
    clonedSinceMs: integer('time', message.clonedSinceMs),
  }
}

function witnessOf(message: backstay.wire.Hello): Witnessing | undefined {
  const checkpoint = someCheckpoint(message.checkpoint)
  return message.witness ? { checkpoint } : undefined
}

function speakerOf(number: number): Speaker {
  for (const [name, value] of Object.entries(speakers)) if (value === number) return name as Speaker
  throw badFrame(`nobody speaks as ${number}`)
}

function headOf(message: { headSequence: number; head: Uint8Array }): Head | undefined {
  const sequence = integer('head', message.headSequence)
  return sequence === 0 ? undefined : { sequence, id: objectIdOf('head', message.head) }
}

function headFields(head: Head | undefined) {
  return head === undefined ? {} : { headSequence: head.sequence, head: idToBytes(head.id) }
}
