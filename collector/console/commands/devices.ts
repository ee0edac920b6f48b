/** `backstay devices`: who is in the fleet, when it was last seen, and whether its data could be read again. */
import { agoText, bytesText, tableText } from '@backstay/agent/commands/text'
import { Command } from 'commander'
import { type AdminSession, openAdminSession } from '../admin.ts'
import { checkRow, type ListedDevice } from '../known-device.ts'
import { type CommonOptions, withCommonOptions } from '../options.ts'
import { type ProvenWays, readProofs } from '../proofs.ts'
import type { Surroundings } from '../surroundings.ts'

/** What is shown of one device; times in milliseconds since 1970, 0 = never. */
interface Line {
  readonly name: string
  readonly device: string | undefined
  readonly state: 'active' | 'revoked' | 'unverified'
  readonly lastSeenMs: number
  readonly lastCompleteMs: number
  readonly storedBytes: number
  /** Ways in which the escrow of its current epoch was opened. */
  readonly proven: readonly string[]
}

export function devicesCommand(around: Surroundings): Command {
  const command = new Command('devices').description('list the devices of the fleet')
  return withCommonOptions(command).action((options: CommonOptions) => devices(around, options))
}

async function devices(around: Surroundings, options: CommonOptions): Promise<void> {
  await using session = await openAdminSession(around, options)
  const lines = await readLines(session, around.clock.now())
  const { terminal } = around
  if (options.json) return terminal.print(JSON.stringify(lines))
  if (lines.length === 0) return terminal.print('no device yet; add one with: backstay token')
  terminal.print(asTable(lines, around.clock.now()))
  const unverified = lines.filter(line => line.state === 'unverified').length
  if (unverified > 0)
    terminal.say(`warning: ${unverified} device(s) were let in by no admin; do not restore from them`)
}

async function readLines(session: AdminSession, nowMs: number): Promise<Line[]> {
  const proofs = await readProofs(session, nowMs)
  const lines: Line[] = []
  for await (const row of session.link.listDevices()) {
    lines.push(lineOf(await checkRow(session.primitives, session.history, row), proofs))
  }
  return lines.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

function lineOf(listed: ListedDevice, proofs: ProvenWays): Line {
  const { row } = listed
  const seen = {
    lastSeenMs: row.lastSeenMs,
    lastCompleteMs: row.lastCompleteAtMs,
    storedBytes: row.storedBytes,
  }
  if (listed.state === 'unverified') {
    return { ...seen, name: '(unverified)', device: undefined, state: 'unverified', proven: [] }
  }
  const { name, device } = listed.certificate
  const proven = proofs.waysOf(device, listed.head?.epoch)
  return { ...seen, name, device, state: row.revoked ? 'revoked' : 'active', proven }
}

function asTable(lines: readonly Line[], nowMs: number): string {
  const head = ['name', 'device', 'state', 'last seen', 'last complete', 'stored', 'escrow proven']
  const rows = lines.map(line => [
    line.name,
    line.device ?? '-',
    line.state,
    agoText(line.lastSeenMs, nowMs),
    agoText(line.lastCompleteMs, nowMs),
    bytesText(line.storedBytes),
    line.proven.length > 0 ? line.proven.join(', ') : 'no',
  ])
  return tableText(head, rows)
}
