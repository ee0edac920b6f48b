/** The standing wish of the fleet for its devices: what is backed up and how long it is kept. docs/format.md §9.5. */
import { type Bytes, fromUtf8, hex, utf8 } from '../bytes.ts'
import type { Primitives, SigningKey } from '../primitives.ts'
import { signEnvelope } from '../trust/envelope.ts'
import { type Fields, fieldsOf, plain } from '../trust/fields.ts'
import { nameBytesMax } from '../trust/key-fields.ts'
import { type Order, readOrder, writeOrder } from '../trust/order.ts'
import { backstay } from './policy.pb.js'

export interface Policy {
  readonly order: Order
  readonly name: string
  readonly backupSets: readonly BackupSet[]
  readonly retention: Retention
}

export interface BackupSet {
  readonly name: string
  /** Absolute paths as bytes: names need not be UTF-8. */
  readonly roots: readonly Bytes[]
  /** gitignore patterns, relative to each root. */
  readonly excludes: readonly string[]
  /** False: files of different roots never share a segment. */
  readonly shareSegments: boolean
}

/** How long snapshots are kept; all zero: forever. */
export interface Retention {
  readonly keepWithinDays: number
  readonly keepDaily: number
  readonly keepWeekly: number
  readonly keepMonthly: number
  readonly keepYearly: number
}

export const backupSetsMax = 64
export const rootsMax = 256
export const excludesMax = 4096
/** So that a commit, which repeats the roots, has room for them. */
export const policyBytesMax = 256 * 1024
/** The longest path that a snapshot holds. */
const rootBytesMax = 32 * 1024
const excludeBytesMax = 4096
/** A hundred years of days. */
const keepMax = 36_525

export function encodePolicy(policy: Policy): Bytes {
  const message = {
    order: writeOrder(policy.order),
    name: policy.name,
    backupSets: policy.backupSets.map(set => ({
      ...set,
      roots: [...set.roots],
      excludes: [...set.excludes],
    })),
    retention: { ...policy.retention },
  }
  return plain(backstay.policy.Policy.encode(message).finish())
}

/** Throws `bad_policy`. Unknown fields are ignored: a policy half understood protects better than none. */
export function decodePolicy(payload: Bytes): Policy {
  const fields = fieldsOf('policy', 'a policy')
  if (payload.length > policyBytesMax) throw fields.bad(`it has ${payload.length} bytes`)
  const message = fields.decode(backstay.policy.Policy, payload, 'lenient')
  return {
    order: readOrder(fields, message.order),
    name: fields.text('name', message.name, nameBytesMax),
    backupSets: fields.list('backup sets', message.backupSets, { max: backupSetsMax }, set =>
      readSet(fields, set),
    ),
    retention: readRetention(fields, message.retention),
  }
}

export function signPolicy(p: Primitives, policy: Policy, key: SigningKey): Promise<Bytes> {
  return signEnvelope(p, 'policy', encodePolicy(policy), [key])
}

/** An absolute path, POSIX or Windows with a drive, that does not climb: what a root must be. */
export function isAbsoluteRoot(path: Bytes): boolean {
  if (path.length === 0 || path.length > rootBytesMax || path.includes(0)) return false
  const text = printable(path)
  const drive = /^[A-Za-z]:[\\/]/.test(text)
  if (!drive && !text.startsWith('/')) return false
  const names = text.split(drive ? /[\\/]/ : '/')
  return !names.includes('..') && !names.includes('.')
}

function readSet(fields: Fields, set: backstay.policy.BackupSet.$Properties): BackupSet {
  return {
    name: fields.text('backup set name', set.name, nameBytesMax),
    roots: fields.list('roots of one backup set', set.roots, { max: rootsMax }, root => {
      const path = fields.bytes('root', root, { min: 1, max: rootBytesMax })
      if (!isAbsoluteRoot(path)) throw fields.bad(`root "${visible(path)}" is not an absolute path`)
      return path
    }),
    excludes: fields.list('excludes of one backup set', set.excludes, { max: excludesMax }, pattern => {
      if (pattern === '' || utf8(pattern).length > excludeBytesMax || /[\0\n]/.test(pattern)) {
        throw fields.bad('an exclude is not one pattern')
      }
      return pattern
    }),
    shareSegments: set.shareSegments ?? false,
  }
}

function readRetention(
  fields: Fields,
  retention: backstay.policy.Retention.$Properties | null | undefined,
): Retention {
  const keep = (value: number | null | undefined) => fields.integer('retention', value, keepMax)
  return {
    keepWithinDays: keep(retention?.keepWithinDays),
    keepDaily: keep(retention?.keepDaily),
    keepWeekly: keep(retention?.keepWeekly),
    keepMonthly: keep(retention?.keepMonthly),
    keepYearly: keep(retention?.keepYearly),
  }
}

/** One character a byte, so that names which are not UTF-8 can be looked at. */
function printable(path: Bytes): string {
  let text = ''
  for (const byte of path) text += String.fromCharCode(byte)
  return text
}

function visible(path: Bytes): string {
  try {
    return JSON.stringify(fromUtf8(path)).slice(1, -1)
  } catch {
    return hex(path)
  }
}
