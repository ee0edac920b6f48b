/** What a device reports of a restore job (agent/src/jobs/restore-job.ts). Pure: commands and pages read it. */

import { fromUtf8, hex } from '@backstay/proto/bytes'
import type { Identity } from '@backstay/proto/content/age'
import { openWith } from '@backstay/proto/content/age'
import { Failure, isFailure } from '@backstay/proto/failure'
import type { Primitives } from '@backstay/proto/primitives'
import type { Certificate } from '@backstay/proto/trust/certificate'
import { decodeEnvelope } from '@backstay/proto/trust/envelope'
import { decodeReport, type JobReport, verifyReport } from '@backstay/proto/trust/report'
import type { AdminLink } from './connecting.ts'

export interface Aside {
  readonly path: string
  readonly code: 'renamed' | 'taken' | 'refused'
  readonly as?: string
  /** The name of the error of what its system refused. */
  readonly why?: string
}

export interface Flaw {
  readonly path: string
  readonly code: string
  /** The name of the error of what its system refused. */
  readonly why?: string
}

export interface Restored {
  readonly sequence: number
  /** On the device. */
  readonly folder: string
  readonly written: number
  readonly leftOut: number
  readonly bytes: number
  /** What did not come back exactly, counted by its kind (agent/src/restore/target-report.ts). */
  readonly notes: Readonly<Record<string, number>>
  readonly damaged: number
  readonly lostParts: number
  /** Of the original place: entries that were there already, the same; and those renamed or left out beside what is there, or refused. */
  readonly there?: number
  readonly aside?: readonly Aside[]
  readonly named: readonly { readonly path: string; readonly code: string }[]
  /** What is not as it was, the first of it, by the kinds of `notes`; what stands in `aside` is not here again. */
  readonly flaws: readonly Flaw[]
  /** Names of what came back, the first of them. */
  readonly back: readonly string[]
}

/** What a restore leaves out on purpose is no failure; what is lost or was never read is. */
export function isIncomplete({ damaged, lostParts, notes }: Restored): boolean {
  const { unread = 0, refused = 0, content = 0, bad_name = 0, folder_left_out = 0 } = notes
  return damaged + lostParts + unread + refused + content + bad_name + folder_left_out > 0
}

/**
 * The first word of the device on a job, verified; undefined: it has not reported. `job`: id of the order, in hexadecimal digits.
 */
export async function reportOn(
  p: Primitives,
  link: Pick<AdminLink, 'listRecords'>,
  { device, deviceKey }: Pick<Certificate, 'device' | 'deviceKey'>,
  job: string,
): Promise<JobReport | undefined> {
  for await (const { envelope } of link.listRecords('report', device)) {
    try {
      if (hex(decodeReport(decodeEnvelope(envelope).payload).job) !== job) continue
      return await verifyReport(p, envelope, deviceKey)
    } catch (error) {
      if (!isFailure(error)) throw error
    }
  }
  return undefined
}

/** Undefined: it says nothing about what it restored. Throws `bad_report` and what opening throws. */
export async function openRestored(identity: Identity, { sealed }: JobReport): Promise<Restored | undefined> {
  if (sealed.length === 0) return undefined
  return readRestored(JSON.parse(fromUtf8(await openWith([identity], sealed))))
}

/** What a device says is checked before it is shown: its shape, and nothing of its truth. */
export function readRestored(said: unknown): Restored | undefined {
  const fields = fieldsOf(said)
  // Of one that failed before anything was written: where, and no more.
  if (fields.written === undefined) return undefined
  const { there, aside } = fields
  return {
    ...{ sequence: count(fields.sequence), folder: text(fields.folder), written: count(fields.written) },
    ...{ leftOut: count(fields.leftOut), bytes: count(fields.bytes), damaged: count(fields.damaged) },
    lostParts: count(fields.lostParts),
    notes: Object.fromEntries(
      Object.entries(fieldsOf(fields.notes)).map(([what, value]) => [what, count(value)]),
    ),
    ...(there !== undefined && { there: count(there) }),
    ...(aside !== undefined && { aside: listOf(aside).map(asideOf) }),
    named: listOf(fields.named).map(one => ({ path: text(one.path), code: text(one.code) })),
    // An agent of before names neither.
    flaws: listOf(fields.flaws ?? []).map(flawOf),
    back: textsOf(fields.back ?? []),
  }
}

function asideOf({ path, code, as, why }: Fields): Aside {
  if (code !== 'renamed' && code !== 'taken' && code !== 'refused') throw badReport()
  return {
    ...{ path: text(path), code },
    ...(as !== undefined && { as: text(as) }),
    ...(why !== undefined && { why: text(why) }),
  }
}

function flawOf({ path, code, why }: Fields): Flaw {
  return { path: text(path), code: text(code), ...(why !== undefined && { why: text(why) }) }
}

type Fields = Readonly<Record<string, unknown>>

function fieldsOf(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badReport()
  return value as Fields
}

function listOf(value: unknown): readonly Fields[] {
  if (!Array.isArray(value)) throw badReport()
  return value.map(fieldsOf)
}

function textsOf(value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw badReport()
  return value.map(text)
}

function count(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw badReport()
}

function text(value: unknown): string {
  if (typeof value === 'string') return value
  throw badReport()
}

function badReport(): Failure {
  return new Failure('bad_report', 'the device reported what this version does not understand', {
    hint: 'look on the device what it restored',
  })
}
