/** What a device reported of a job, for whoever signed it. */
import { shownText } from '@backstay/agent/commands/text'
import { hex } from '@backstay/proto/bytes'
import { ExitCode, exitCodes } from '@backstay/proto/command-line'
import { Failure } from '@backstay/proto/failure'
import type { Job, JobKind } from '@backstay/proto/trust/job'
import type { JobReport } from '@backstay/proto/trust/report'
import type { AdminSession } from './admin.ts'
import { foundBy } from './follow-job.ts'
import type { CommonOptions } from './options.ts'
import { isIncomplete, readRestored } from './restored.ts'
import { restoredText, restoreHints } from './restored-text.ts'
import type { Surroundings } from './surroundings.ts'

/** `about`: said with it as JSON. Throws `job_not_done`, and the exit code of a restore that is not whole. */
export async function showReport(
  around: Surroundings,
  { admin }: AdminSession,
  { kind, order }: Job,
  report: JobReport,
  options: CommonOptions,
  about: object = {},
): Promise<void> {
  const { state, code } = report
  const found = await foundBy(admin.identity, report)
  const restored = kind === 'restore' && state === 'done' ? readRestored(found) : undefined
  const { terminal } = around
  if (options.json) terminal.print(JSON.stringify({ ...about, job: hex(order.id), kind, state, code, found }))
  else if (restored !== undefined) terminal.print(restoredText(restored))
  else {
    terminal.print(state === 'done' ? 'done' : `${state}: ${code}`)
    for (const [name, value] of Object.entries((found ?? {}) as Record<string, unknown>)) {
      if (value !== null && value !== undefined)
        terminal.print(`  ${name}: ${shownText(typeof value === 'string' ? value : JSON.stringify(value))}`)
    }
  }
  if (state === 'done') {
    if (restored !== undefined && isIncomplete(restored)) throw new ExitCode(exitCodes.incomplete)
    return
  }
  throw new Failure('job_not_done', `the device did not do it: ${code}`, { hint: hintOf(kind, code) })
}

function hintOf(kind: JobKind, code: string): string {
  const restoring = kind === 'restore' ? restoreHints[code] : undefined
  if (restoring !== undefined) return restoring
  if (code === 'interrupted') return 'the agent was ended while it worked; sign the job again'
  if (code === 'old_trust') return 'Trust has changed since; sign the job again'
  return 'see what the device says: backstay-agent status'
}
