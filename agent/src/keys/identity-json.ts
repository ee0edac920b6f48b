/** The identity's shapes to JSON and back. Bytes are base64url; what does not fit is damage, never a default. */
import { type Bytes, base64url, fromBase64url } from '@backstay/proto/bytes'
import type { DeviceId, FleetId, ObjectId } from '@backstay/proto/object/id'
import type { RememberedJobs } from '@backstay/proto/trust/replay'
import { ratchetBytes } from '@backstay/proto/wire/ratchet'
import type { BegunJob, Chosen } from '../jobs/begun-job.ts'
import type { KnownOrders } from '../policy/obey.ts'
import { damaged, type Place } from './checked-json.ts'
import type { DeviceIdentity, Head, IdentitySecrets, KnownTrust } from './identity.ts'

/** What lies in the open, and which epochs have a secret. */
export type PublicIdentity = Omit<DeviceIdentity, 'secrets'> & { readonly epochs: readonly number[] }
type LastingSecrets = Omit<IdentitySecrets, 'epochs'>

export function writeDevice(identity: DeviceIdentity): unknown {
  return {
    fleet: identity.fleet,
    device: identity.device,
    urls: identity.urls,
    certificate: base64url(identity.certificate),
    grant: base64url(identity.grant),
    epochs: identity.secrets.epochs.map(one => one.epoch),
  }
}

export function parseDevice(place: Place, content: unknown): PublicIdentity {
  const read = reader(place, content)
  const epochs = read.list('epochs', value => (Number.isSafeInteger(value) ? Number(value) : undefined))
  if (epochs.length === 0) throw damaged(place, 'it has no epoch')
  return {
    epochs,
    fleet: read.id('fleet', 64) as FleetId,
    device: read.id('device', 32) as DeviceId,
    urls: read.list('urls', value => (typeof value === 'string' ? value : undefined)),
    certificate: read.bytes('certificate'),
    grant: read.bytes('grant'),
  }
}

export function writeSecrets(secrets: LastingSecrets): unknown {
  return {
    signingSeed: base64url(secrets.signingSeed),
    borderSecret: base64url(secrets.borderSecret),
    identity: secrets.identity,
  }
}

export function parseSecrets(place: Place, content: unknown): LastingSecrets {
  const read = reader(place, content)
  return {
    signingSeed: read.bytes('signingSeed', 32),
    borderSecret: read.bytes('borderSecret', 32),
    identity: read.text('identity'),
  }
}

export function writeEpoch(deviceSecret: Bytes): unknown {
  return { deviceSecret: base64url(deviceSecret) }
}

export function parseEpoch(place: Place, content: unknown): Bytes {
  return reader(place, content).bytes('deviceSecret', 32)
}

export function writeTrust(trust: KnownTrust): unknown {
  return { chain: trust.chain.map(base64url), escrowedFor: trust.escrowedFor }
}

export function parseTrust(place: Place, content: unknown): KnownTrust {
  const read = reader(place, content)
  const chain = read.list('chain', value => (typeof value === 'string' ? fromBase64url(value) : undefined))
  if (chain.length === 0) throw damaged(place, 'it has no Trust document')
  // An agent from before this was kept sealed its keys as soon as it believed.
  const isKept = typeof content === 'object' && content !== null && 'escrowedFor' in content
  return { chain, escrowedFor: isKept ? read.number('escrowedFor') : chain.length }
}

export function writeOrders({ envelopes, marks }: KnownOrders): unknown {
  return {
    envelopes: envelopes.map(base64url),
    marks: [...marks].map(([slot, mark]) => ({ slot, ...mark })),
  }
}

export function parseOrders(place: Place, content: unknown): KnownOrders {
  const read = reader(place, content)
  const marks = read.list('marks', value => {
    const mark = reader(place, value)
    const { slot, trustVersion, sequence, id } = {
      slot: mark.text('slot'),
      trustVersion: mark.number('trustVersion'),
      sequence: mark.number('sequence'),
      id: mark.id('id', 32),
    }
    return [slot, { trustVersion, sequence, id }] as const
  })
  const envelopes = read.list('envelopes', value =>
    typeof value === 'string' ? fromBase64url(value) : undefined,
  )
  return { envelopes, marks: new Map(marks) }
}

export function parseHead(place: Place, content: unknown): Head {
  const read = reader(place, content)
  const sequence = read.number('sequence')
  const id = read.has('id') ? (read.id('id', 64) as ObjectId) : undefined
  if ((sequence === 0) !== (id === undefined)) throw damaged(place, 'its sequence and id do not fit')
  return { sequence, id }
}

export function writeRatchet(value: Bytes): unknown {
  return { value: base64url(value) }
}

export function parseRatchet(place: Place, content: unknown): Bytes {
  return reader(place, content).bytes('value', ratchetBytes)
}

export function parseDoneJobs(place: Place, content: unknown): RememberedJobs {
  const read = reader(place, content)
  const done = read.list('done', value => {
    const job = reader(place, value)
    return { id: job.id('id', 32), expiresAtMs: job.number('expiresAtMs') }
  })
  // Older agents did not keep it.
  const forgottenUntilMs = read.has('forgottenUntilMs') ? read.number('forgottenUntilMs') : 0
  return { done, forgottenUntilMs }
}

export function writeBegunJob({ envelope, chosen, report }: BegunJob): unknown {
  return { envelope: base64url(envelope), chosen, ...(report && { report: base64url(report) }) }
}

export function parseBegunJob(place: Place, content: unknown): BegunJob {
  const read = reader(place, content)
  return {
    envelope: read.bytes('envelope'),
    chosen: read.has('chosen') ? chosenOf(place, read.part('chosen')) : undefined,
    report: read.has('report') ? read.bytes('report') : undefined,
  }
}

function chosenOf(place: Place, content: unknown): Chosen {
  const read = reader(place, content)
  const sequence = read.number('sequence')
  if (!read.has('folder')) return { sequence, folder: undefined }
  const folder = reader(place, read.part('folder'))
  const base = reader(place, folder.part('base'))
  const home = base.has('home') ? base.text('home') : undefined
  return { sequence, folder: { base: { folder: base.text('folder'), home }, name: folder.text('name') } }
}

function reader(place: Place, content: unknown) {
  if (typeof content !== 'object' || content === null) throw damaged(place, 'it is not of the expected form')
  const fields = content as Readonly<Record<string, unknown>>
  const wrong = (name: string) => damaged(place, `its "${name}" is not of the expected form`)
  const text = (name: string): string => {
    const value = fields[name]
    if (typeof value !== 'string' || value === '') throw wrong(name)
    return value
  }
  return {
    text,
    has: (name: string): boolean => fields[name] !== undefined,
    part: (name: string): unknown => fields[name],
    id(name: string, digits: number): string {
      const value = text(name)
      if (value.length !== digits || !/^[0-9a-f]+$/.test(value)) throw wrong(name)
      return value
    },
    number(name: string): number {
      const value = fields[name]
      if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw wrong(name)
      return value
    },
    bytes(name: string, length?: number): Bytes {
      const bytes = fromBase64url(text(name))
      if (bytes === undefined || (length !== undefined && bytes.length !== length)) throw wrong(name)
      return bytes
    },
    list<T>(name: string, parse: (value: unknown) => T | undefined): T[] {
      const values = fields[name]
      if (!Array.isArray(values)) throw wrong(name)
      return values.map(value => {
        const parsed = parse(value)
        if (parsed === undefined) throw wrong(name)
        return parsed
      })
    },
  }
}
