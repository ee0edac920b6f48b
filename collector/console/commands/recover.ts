/** `backstay recover`: the collector is gone, only packs and the kit are left. */
import { join, resolve } from 'node:path'
import { restoreInto } from '@backstay/agent/commands/browse'
import { loadSystem } from '@backstay/agent/system/load'
import { ExitCode, exitCodes } from '@backstay/proto/command-line'
import { Failure } from '@backstay/proto/failure'
import { Command } from 'commander'
import { readKitFile } from '../kit-file.ts'
import { openPackFolder } from '../pack-folder.ts'
import { type ForgottenSnapshot, type RecoveredDevice, recoverFleet } from '../recovering.ts'
import type { Surroundings } from '../surroundings.ts'

interface Options {
  readonly packs: string
  readonly kit: string
  readonly to: string
  readonly device?: string
  readonly at?: string
  readonly all?: boolean
  readonly asRoot?: boolean
  readonly json?: boolean
}

export function recoverCommand(around: Surroundings): Command {
  return new Command('recover')
    .description('restore every device from packs and the recovery kit alone, without a collector')
    .requiredOption('--packs <dir>', 'the folder of packs, or a copy of it')
    .requiredOption('--kit <file>', 'the saved kit page, or a text file with its three lines')
    .requiredOption('--to <dir>', 'the folder to restore into, one folder a device')
    .option('--device <device>', 'only this device, by name or id')
    .option('--at <time>', 'the newest snapshot up to this time, or "#12" (default: the newest)')
    .option('--all', 'also snapshots that the retention rule let go, and list them')
    .option('--as-root', 'give back owners, set-id bits, device nodes and capabilities too')
    .option('--json', 'print the results as JSON, one line a device')
    .action((options: Options) => recover(around, options))
}

async function recover(around: Surroundings, options: Options): Promise<void> {
  const { terminal, primitives } = around
  const system = await loadSystem()
  const kit = await readKitFile(options.kit)
  const packs = await openPackFolder(primitives, options.packs)
  for (const trouble of packs.troubles) terminal.say(`warning: ${trouble}`)
  const { devices } = await recoverFleet(primitives, packs, kit, { all: options.all === true })
  const chosen = devices.filter(device => isChosen(device, options.device))
  if (chosen.length === 0) {
    const names = devices.map(({ certificate }) => certificate.name).join(', ')
    throw new Failure('unknown_device', `the packs hold no device "${options.device ?? ''}"`, {
      hint: `there are: ${names}`,
    })
  }
  terminal.say(`${packs.packs} packs with ${packs.objects} objects; ${devices.length} devices`)
  let isIncomplete = false
  for (const { certificate, archive, why, forgotten } of chosen) {
    if (archive === undefined) {
      terminal.say(`error: device "${certificate.name}" cannot be recovered: ${why?.message}`)
      isIncomplete = true
      continue
    }
    const to = join(resolve(options.to), folderName(certificate.name, certificate.device))
    terminal.say(`device "${certificate.name}":`)
    for (const line of forgottenLines(forgotten, options.all === true)) terminal.say(line)
    try {
      await restoreInto(archive, system, terminal, undefined, { ...options, to, signal: around.signal })
    } catch (error) {
      if (!(error instanceof ExitCode)) throw error
      isIncomplete = true
    }
  }
  if (isIncomplete) throw new ExitCode(exitCodes.incomplete)
}

function forgottenLines(forgotten: readonly ForgottenSnapshot[], all: boolean): string[] {
  if (forgotten.length === 0) return []
  if (!all) return [`${forgotten.length} snapshot(s) that the rule let go are left out (--all)`]
  return forgotten.map(
    ({ sequence, forgottenAtMs }) =>
      `#${sequence}: forgotten by the rule on ${new Date(forgottenAtMs).toISOString().slice(0, 10)}; parts of it may be gone`,
  )
}

function isChosen({ certificate }: RecoveredDevice, wanted: string | undefined): boolean {
  return wanted === undefined || certificate.name === wanted || certificate.device.startsWith(wanted)
}

/** Names come from devices: only harmless characters make a folder. */
function folderName(name: string, device: string): string {
  return `${name.replace(/[^A-Za-z0-9_-]+/g, '-').slice(0, 60)}-${device.slice(0, 8)}`
}
