/** What is said of the log: checkpoints and proofs (proto/log). */
import { type Bytes, concat } from '../bytes.ts'
import { checkpointBytesMax } from '../log/checkpoint.ts'
import { hashBytes } from '../log/merkle.ts'
import { proofHashesMax } from '../log/proof.ts'
import type { ShownLog } from '../log/witness.ts'
import { type Codecs, finish } from './codec.ts'
import { controlFrameBytesMax, fieldsMax } from './limits.ts'
import { badFrame } from './outline.ts'
import { integer, someBytes } from './reading.ts'
import { backstay } from './wire.pb.js'

const { wire } = backstay
const control = { frameBytesMax: controlFrameBytesMax, fieldsMax }

export const logCodecs: Codecs<'askLog' | 'logProof'> = {
  askLog: {
    field: 38,
    ...control,
    read(bytes) {
      const { from, to } = wire.AskLog.decode(bytes)
      return { kind: 'askLog', from: integer('size', from), to: integer('size', to) }
    },
    write: ({ from, to }) => finish(wire.AskLog, { from, to }),
  },
  logProof: {
    field: 39,
    ...control,
    read(bytes) {
      const message = wire.LogProof.decode(bytes)
      const shown = readShownLog(message.checkpoint, message.proof)
      if (shown === undefined) throw badFrame('it has no checkpoint')
      return { kind: 'logProof', ...shown }
    },
    write: ({ checkpoint, proof }) => finish(wire.LogProof, { checkpoint, proof: writeHashes(proof) }),
  },
}

/** Undefined: nothing is shown. */
export function readShownLog(checkpoint: Uint8Array, proof: Uint8Array): ShownLog | undefined {
  const some = someCheckpoint(checkpoint)
  if (some === undefined) return undefined
  if (proof.length % hashBytes !== 0 || proof.length > proofHashesMax * hashBytes) {
    throw badFrame('its proof is not a list of hashes')
  }
  const count = proof.length / hashBytes
  const hashes = Array.from({ length: count }, (_, at) => proof.slice(at * hashBytes, (at + 1) * hashBytes))
  return { checkpoint: some, proof: hashes.map(hash => Uint8Array.from(hash)) }
}

export function writeHashes(hashes: readonly Bytes[]): Bytes {
  return concat(...hashes)
}

export function someCheckpoint(value: Uint8Array): Bytes | undefined {
  if (value.length > checkpointBytesMax) throw badFrame('its checkpoint is too long')
  return someBytes(value as Bytes)
}
