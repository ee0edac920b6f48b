/** A Trust document's bytes. Reading refuses whatever is not one, down to each key; believing it is for trust.ts. */
import { type Bytes, hex } from '../bytes.ts'
import { type Fields, fieldsOf, plain } from './fields.ts'
import { nameBytesMax, publicKey, recipient } from './key-fields.ts'
import { backstay } from './trust.pb.js'
import {
  type Admin,
  type Binding,
  bindingNumbers,
  type Owner,
  type Role,
  roleNumbers,
  type TrustDocument,
  type TrustedCollector,
  type TrustFlags,
} from './trust-shape.ts'

/** A threshold of more people than this has never met; equals the signatures an envelope may hold. */
export const ownersMax = 16
export const adminsMax = 64
export const collectorsMax = 16
const pinsMax = 8

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
