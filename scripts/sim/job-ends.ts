/** How the jobs of a simulated fleet ended: each once, or said not to be; and what a restore brought back is what was there. */
import type { KnownJob } from '@backstay/collector/fleet/jobs'
import { fromUtf8, hex } from '@backstay/proto/bytes'
import { openWith } from '@backstay/proto/content/age'
import type { Primitives } from '@backstay/proto/primitives'
import { testIdentity } from '@backstay/proto/trust/testing/fleet'
import { sha256Of } from './file-history.ts'
import type { SignedJob } from './jobs.ts'
import type { Laptop } from './laptop.ts'

/** `known`: what the collector knows of the laptop's jobs; `nowMs` by the admin's clock. */
export async function wrongWithJobs(
  p: Primitives,
  one: Laptop,
  signed: readonly SignedJob[],
  known: readonly KnownJob[],
  nowMs: number,
): Promise<string[]> {
  const wrong: string[] = []
  for (const job of signed) {
    const say = (what: string) => wrong.push(`${one.name}: ${job.kind} job ${job.id.slice(0, 8)} ${what}`)
    const found = known.find(({ job: { order } }) => hex(order.id) === job.id)
    const { report } = found ?? {}
    const isBegun = one.obeyed.begun.has(job.id)
    if (found === undefined) say('was brought, and the collector does not know it')
    else if (report === undefined && job.expiresAtMs > nowMs) say('has no end')
    else if (report === undefined && isBegun) say('was begun, and nobody says how it ended')
    if (report?.state === 'done' && !isBegun) say('is said to be done, and was never begun')
    if (report?.state === 'refused' && isBegun) say('is said to be refused, and was begun')
    if (job.kind !== 'restore' || report?.state !== 'done') continue
    const result = JSON.parse(fromUtf8(await openWith([testIdentity(2).identity], report.sealed))) as Restored
    for (const what of wrongRestored(p, one, job, result)) say(what)
  }
  return wrong
}

/** What the device sealed for the admin (agent/src/jobs/restore-job.ts). */
interface Restored {
  readonly sequence: number
  readonly folder: string
  readonly leftOut: number
  readonly damaged: number
  readonly lostParts: number
}

function wrongRestored(p: Primitives, one: Laptop, { path }: SignedJob, result: Restored): string[] {
  const snapshot = one.acknowledged.find(({ sequence }) => sequence === result.sequence)
  // Published, and the answer was lost: nobody knows when it began.
  if (snapshot === undefined) return []
  // The folder that was asked for is the new one; a file lies in it.
  const top = one.history.isFolder(path) ? path : path.slice(0, path.lastIndexOf('/'))
  const read = new Map<string, string | undefined>()
  for (const [file, content] of one.disk.files()) {
    if (file.startsWith(`${result.folder}/`))
      read.set(`${top}${file.slice(result.folder.length)}`, sha256Of(p, content))
  }
  const isWhole = snapshot.unread + result.leftOut + result.damaged + result.lostParts === 0
  return one.history.wrongIn(read, snapshot, { path, isWhole })
}
