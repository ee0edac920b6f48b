/** What a witness remembers of the collector's log, to JSON and back. Agents and admins keep it alike. */
import { type Bytes, base64url, fromBase64url } from '@backstay/proto/bytes'
import { isFailure } from '@backstay/proto/failure'
import { decodeCheckpoint } from '@backstay/proto/log/checkpoint'
import { forkKinds, type LogFork, type WitnessedLog } from '@backstay/proto/log/witness'
import { damaged, type Place } from './checked-json.ts'

export function writeWitnessed({ checkpoint, fork }: WitnessedLog): unknown {
  return {
    checkpoint: base64url(checkpoint),
    fork: fork && { ...fork, before: base64url(fork.before) },
  }
}

export function parseWitnessed(place: Place, content: unknown): WitnessedLog {
  const { checkpoint, fork } = fieldsOf(place, content)
  return {
    checkpoint: checkpointOf(place, checkpoint),
    fork: fork === undefined ? undefined : forkOf(place, fork),
  }
}

function forkOf(place: Place, content: unknown): LogFork {
  const { kind, before, sinceMs, lastMs } = fieldsOf(place, content)
  const known = forkKinds.find(one => one === kind)
  if (known === undefined || typeof sinceMs !== 'number' || typeof lastMs !== 'number') {
    throw damaged(place, 'its fork is not of the expected form')
  }
  return { kind: known, before: checkpointOf(place, before), sinceMs, lastMs }
}

function checkpointOf(place: Place, value: unknown): Bytes {
  const bytes = typeof value === 'string' ? fromBase64url(value) : undefined
  if (bytes === undefined) throw damaged(place, 'it has no checkpoint')
  try {
    decodeCheckpoint(bytes)
    return bytes
  } catch (error) {
    if (isFailure(error)) throw damaged(place, error.message)
    throw error
  }
}

function fieldsOf(place: Place, content: unknown): Readonly<Record<string, unknown>> {
  if (typeof content !== 'object' || content === null) throw damaged(place, 'it is not of the expected form')
  return content as Readonly<Record<string, unknown>>
}
