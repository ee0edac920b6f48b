/**
 * The door of this room: frames to bytes and back, one frame in one WebSocket message. docs/protocol.md.
 *
 *     decodeFrame(encodeFrame({ request: 7, body: { kind: 'put', stored } }))
 *
 * A frame from outside is measured first (bytes of its kind, number of fields) and decoded then; whatever is wrong with
 * it, the only thing thrown is `bad_frame`. No message of the protocol contains itself, so there is no depth to attack.
 */
import { Failure } from '../failure.ts'
import type { Codec } from './codec.ts'
import { handshakeCodecs } from './codec-handshake.ts'
import { jobCodecs } from './codec-jobs.ts'
import { logCodecs } from './codec-log.ts'
import { objectCodecs } from './codec-objects.ts'
import { orderCodecs } from './codec-orders.ts'
import { recordCodecs } from './codec-records.ts'
import type { Body, Frame, Kind } from './frame.ts'
import { objectFrameBytesMax } from './limits.ts'
import {
  badFrame,
  type FrameBytes,
  frameLength,
  joined,
  readOutline,
  requireFields,
  writeOutline,
} from './outline.ts'

export { type FrameBytes, frameLength, joined } from './outline.ts'

const codecs: { readonly [K in Kind]: Codec<Body> } = {
  ...handshakeCodecs,
  ...objectCodecs,
  ...recordCodecs,
  ...orderCodecs,
  ...jobCodecs,
  ...logCodecs,
}

const byField = new Map(Object.values(codecs).map(codec => [codec.field, codec]))

/** The largest frame of any kind. */
export const frameBytesMax = objectFrameBytesMax

export function encodeFrame(frame: Frame): FrameBytes {
  const codec = codecs[frame.body.kind]
  return writeOutline(frame.request, codec.field, codec.write(frame.body))
}

/** Throws `bad_frame`. Objects and envelopes in the result are views of `bytes`. */
export function decodeFrame(bytes: FrameBytes): Frame {
  const outline = readOutline(bytes)
  const codec = byField.get(outline.field)
  if (codec === undefined) throw badFrame(`kind ${outline.field} is not known to this version`)
  if (frameLength(bytes) > codec.frameBytesMax) throw badFrame(`it has ${frameLength(bytes)} bytes`)
  if (outline.object !== undefined && !codec.objectApart) return decodeFrame([joined(bytes)])
  requireFields(outline.body, codec.fieldsMax)
  try {
    return { request: outline.request, body: codec.read(outline.body, outline.object) }
  } catch (cause) {
    throw cause instanceof Failure && cause.code === 'bad_frame'
      ? cause
      : badFrame('it cannot be read', cause)
  }
}
