/** What was not marked counts as absent from now on. Its bytes stay for the grace. */
import type { ObjectId } from '@backstay/proto/object/id'
import { condemnObjects } from '../../catalog/condemned.ts'
import { dropUnneededDamage } from '../../catalog/damage.ts'
import { unmarkedObjects } from '../../catalog/marks.ts'
import type { Sql } from '../../catalog/sql.ts'
import { type Marked, type Marking, mark } from './mark.ts'

/** With `unreadable`, nothing was condemned. */
export interface Condemned extends Marked {
  readonly objects: number
  readonly bytes: number
}

const rowsAtOnce = 1000

/**
 * While nothing of the domain is admitted, what came meanwhile is marked too, and then the rest is condemned: parents in
 * one transaction, then segments, on which nothing hangs any more. A crash in between leaves segments for the next time.
 */
export function condemnUnmarked(marking: Marking): Promise<Condemned> {
  const { sql, ingest } = marking.options
  return ingest.whileQuiet(marking.domain, async () => {
    const marked = await mark(marking)
    if (marked.unreadable > 0) return { objects: 0, bytes: 0, ...marked }
    const parents = await sql.transaction(tx => condemnAll(tx, marking, false))
    const segments = await condemnAll(sql, marking, true)
    await dropUnneededDamage(sql, marking.options.vault, marking.domain, [...marking.dead])
    return { objects: parents.objects + segments.objects, bytes: parents.bytes + segments.bytes, ...marked }
  })
}

/** What would be condemned. */
export async function countUnmarked({
  options,
  domain,
}: Marking): Promise<{ readonly objects: number; readonly bytes: number }> {
  const sum = { objects: 0, bytes: 0 }
  for (const segments of [false, true]) {
    for await (const page of unmarked(options.sql, options.vault, domain, segments)) {
      sum.objects += page.length
      sum.bytes += page.reduce((bytes, one) => bytes + one.length, 0)
    }
  }
  return sum
}

async function condemnAll(sql: Sql, { options, domain, nowMs }: Marking, segments: boolean) {
  const sum = { objects: 0, bytes: 0 }
  for await (const page of unmarked(sql, options.vault, domain, segments)) {
    await sql.transaction(tx => condemnObjects(tx, options.vault, domain, page, nowMs))
    sum.objects += page.length
    sum.bytes += page.reduce((bytes, one) => bytes + one.length, 0)
  }
  return sum
}

async function* unmarked(sql: Sql, vault: number, domain: Marking['domain'], segments: boolean) {
  for (let after: ObjectId | undefined; ; ) {
    const page = await unmarkedObjects(sql, vault, domain, { segments, after, limit: rowsAtOnce })
    if (page.length === 0) return
    yield page
    after = page.at(-1)?.id
  }
}
