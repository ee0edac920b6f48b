/**
 * The one document that says who may read, who may command and which collectors are genuine. Its shape and bytes;
 * trust.ts says which document to believe. docs/format.md §7.
 */
import { type Bytes, hex } from '../bytes.ts'
import { Failure } from '../failure.ts'
import { isSmallOrder } from '../small-order.ts'
import { type Fields, fieldsOf, plain } from './fields.ts'
import { isClassicRecipient, isHybridRecipient } from './recipient.ts'
import { backstay } from './trust.pb.js'

export type Role = 'owner' | 'policy' | 'restore' | 'enroll' | 'audit'
/** How a session is bound to its TLS channel: RFC 9266, or RFC 5929 behind a balancer that ends TLS. */
export type Binding = 'tls_exporter' | 'tls_end_point'

export interface Owner {
  /** Ed25519 public key, 32 bytes. */
  readonly key: Bytes
  readonly label: string
}

export interface Admin {
  /** Ed25519 public key, 32 bytes. */
  readonly key: Bytes
  readonly name: string
  /** `age1pq1…` */
  readonly recipient: string
  /** Never `owner`: owners stand in `owners`. */
  readonly roles: readonly Role[]
  /** Milliseconds since 1970; 0 = no end. */
  readonly notAfterMs: number
}

export interface TrustedCollector {
  /** Ed25519 public key, 32 bytes. */
  readonly key: Bytes
  /** SHA-256 of the TLS key's SubjectPublicKeyInfo, 32 bytes each: the current key and the next. */
  readonly spkiPins: readonly Bytes[]
  readonly binding: Binding
}

export interface TrustFlags {
  readonly hostedKeys: boolean
  readonly retentionMinDays: number
  readonly twoPerson: boolean
  readonly groupDomains: boolean
}

export interface TrustDocument {
  /** 1, 2, 3 … without gaps. */
  readonly version: number
  /** SHA-256 of the payload of the version before; empty in version 1. */
  readonly previous: Bytes
  /** 16 random bytes. */
  readonly salt: Bytes
  readonly fleetName: string
  readonly issuedAtMs: number
  /** Only warns: an expired document must never stop a backup. 0 = no end. */
  readonly expiresAtMs: number
  readonly owners: readonly Owner[]
  /** So many owners must sign. */
  readonly threshold: number
  readonly admins: readonly Admin[]
  readonly kitRecipient: string
  readonly deskRecipient: string
  readonly collectors: readonly TrustedCollector[]
  readonly flags: TrustFlags
}

/** A threshold of more people than this has never met; equals the signatures an envelope may hold. */
export const ownersMax = 16
export const adminsMax = 64
export const collectorsMax = 16
const pinsMax = 8
/** Names of fleets, people and devices. */
export const nameBytesMax = 255

const roleNumbers = { owner: 1, policy: 2, restore: 3, enroll: 4, audit: 5 } as const
const bindingNumbers = { tls_exporter: 1, tls_end_point: 2 } as const
const roles = Object.keys(roleNumbers) as Role[]
const bindings = Object.keys(bindingNumbers) as Binding[]

export function encodeTrust(document: TrustDocument): Bytes {
  const message = {
    ...document,
    owners: document.owners.map(owner => ({ ...owner })),
    admins: document.admins.map(admin => ({ ...admin, roles: admin.roles.map(role => roleNumbers[role]) })),
    collectors: document.collectors.map(collector => ({
      key: collector.key,
      spkiPins: [...collector.spkiPins],
      binding: bindingNumbers[collector.binding],
    })),
    flags: { ...document.flags },
  }
  return plain(backstay.trust.Trust.encode(message).finish())
}

/** Throws `bad_trust`, or `trust_classic_recipient`. */
export function decodeTrust(payload: Bytes): TrustDocument {
  const fields = fieldsOf('trust', 'a Trust document')
  const message = fields.decode(backstay.trust.Trust, payload, 'strict')
  const version = fields.integer('version', message.version)
  if (version < 1) throw fields.bad('it has no version')
  const document = {
    version,
    previous: fields.fixed('link to the version before', message.previous, version === 1 ? 0 : 32),
    salt: fields.fixed('salt', message.salt, 16),
    fleetName: fields.text('fleet name', message.fleetName, nameBytesMax),
    issuedAtMs: fields.time('time of issue', message.issuedAtMs),
    expiresAtMs: fields.time('end', message.expiresAtMs),
    owners: fields.list('owners', message.owners, { min: 1, max: ownersMax }, owner =>
      readOwner(fields, owner),
    ),
    threshold: fields.integer('threshold', message.threshold),
    admins: fields.list('admins', message.admins, { max: adminsMax }, admin => readAdmin(fields, admin)),
    kitRecipient: recipient(fields, 'kit recipient', message.kitRecipient),
    deskRecipient: recipient(fields, 'desk recipient', message.deskRecipient),
    collectors: fields.list('collectors', message.collectors, { min: 1, max: collectorsMax }, collector =>
      readCollector(fields, collector),
    ),
    flags: readFlags(fields, message.flags),
  }
  if (document.threshold < 1 || document.threshold > document.owners.length) {
    throw fields.bad(`${document.threshold} of its ${document.owners.length} owners must sign`)
  }
  for (const people of [document.owners, document.admins, document.collectors])
    requireDistinct(fields, people)
  return document
}

/** Throws `trust_classic_recipient` for age's older kind and `bad_<kind>` for anything else that is not `age1pq1…`. */
export function recipient(fields: Fields, name: string, value: string | null | undefined): string {
  const text = value ?? ''
  if (isHybridRecipient(text)) return text
  if (isClassicRecipient(text)) {
    throw new Failure('trust_classic_recipient', `the ${name} is not of the post-quantum kind age1pq1…`, {
      hint: 'make a new identity with: age-keygen -pq',
    })
  }
  throw fields.bad(`its ${name} is not age1pq1…`)
}

/** An Ed25519 public key under which not everyone can forge. */
export function publicKey(fields: Fields, name: string, value: Uint8Array | null | undefined): Bytes {
  const key = fields.fixed(name, value, 32)
  if (isSmallOrder(key)) throw fields.bad(`its ${name} is of small order`)
  return key
}

function readOwner(fields: Fields, owner: backstay.trust.Owner.$Properties): Owner {
  return {
    key: publicKey(fields, 'owner key', owner.key),
    label: fields.text('owner label', owner.label, nameBytesMax),
  }
}

function readAdmin(fields: Fields, admin: backstay.trust.Admin.$Properties): Admin {
  const read = fields.list('roles of one admin', admin.roles, { min: 1, max: roles.length }, number => {
    const role = roles.find(role => roleNumbers[role] === Number(number))
    if (role === undefined || role === 'owner') throw fields.bad(`an admin has role ${number}`)
    return role
  })
  return {
    key: publicKey(fields, 'admin key', admin.key),
    name: fields.text('admin name', admin.name, nameBytesMax),
    recipient: recipient(fields, 'admin recipient', admin.recipient),
    roles: read,
    notAfterMs: fields.time("end of an admin's time", admin.notAfterMs),
  }
}

function readCollector(fields: Fields, collector: backstay.trust.Collector.$Properties): TrustedCollector {
  const binding = bindings.find(binding => bindingNumbers[binding] === Number(collector.binding ?? 0))
  if (binding === undefined) throw fields.bad(`a collector has channel binding ${collector.binding}`)
  return {
    key: publicKey(fields, 'collector key', collector.key),
    spkiPins: fields.list('pins of one collector', collector.spkiPins, { min: 1, max: pinsMax }, pin =>
      fields.fixed('pin', pin, 32),
    ),
    binding,
  }
}

function readFlags(fields: Fields, flags: backstay.trust.Flags.$Properties | null | undefined): TrustFlags {
  return {
    hostedKeys: flags?.hostedKeys ?? false,
    retentionMinDays: fields.integer('shortest retention', flags?.retentionMinDays),
    twoPerson: flags?.twoPerson ?? false,
    groupDomains: flags?.groupDomains ?? false,
  }
}

function requireDistinct(fields: Fields, people: readonly { readonly key: Bytes }[]): void {
  const keys = new Set(people.map(one => hex(one.key)))
  if (keys.size !== people.length) throw fields.bad('it names one key twice')
}
