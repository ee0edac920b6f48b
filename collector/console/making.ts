/** The first half of `backstay init`: makes a fleet and writes key, kit and founding into the admin's folder. */
import { passphraseWords, randomPassphrase } from '@backstay/proto/content/words'
import { Failure } from '@backstay/proto/failure'
import type { SigningKey } from '@backstay/proto/primitives'
import type { Setup } from '@backstay/proto/trust/setup'
import type { AdminFolder, Founding } from './admin-folder.ts'
import { sealAdminKey } from './admin-key.ts'
import { type BackupSetOptions, backupSet, usualRoots } from './backup-set.ts'
import { makeFleet } from './founding.ts'
import { writeKitPage } from './kit-paper.ts'
import { givenPassphrase, type PassphraseOptions } from './passphrase.ts'
import type { Surroundings } from './surroundings.ts'

export interface MakingOptions extends BackupSetOptions, PassphraseOptions {
  /** Name of the fleet. */
  readonly fleet: string
  /** Name of the admin. */
  readonly name: string
}

export interface Stage {
  readonly around: Surroundings
  readonly options: MakingOptions
  readonly folder: AdminFolder
  readonly setup: Setup
}

export async function make(stage: Stage): Promise<{ founding: Founding; signingKey: SigningKey }> {
  const { around, options, folder, setup } = stage
  const roots = options.root ?? usualRoots(process.platform)
  const wish = {
    setup,
    fleetName: options.fleet,
    adminName: options.name,
    backupSet: backupSet(options, roots),
  }
  const passphrase = await choosePassphrase(stage)
  const fleet = await makeFleet(around.primitives, { ...wish, nowMs: around.clock.now() })
  if (options.root === undefined)
    around.terminal.say(`no --root given: devices will back up ${roots.join(', ')}`)
  const about = { name: options.name, fleet: fleet.trust.fleet }
  await folder.writeKey(await sealAdminKey(fleet.adminKey, about, passphrase, around.scryptLogN))
  around.terminal.say(`your key: "${folder.keyFile}"`)
  const page = { kit: fleet.kit, fleetName: options.fleet, adminName: options.name, urls: setup.urls }
  await writeKitPage(around, { path: folder.kitFile, write: folder.writeKit }, page)
  const known = { fleet: fleet.trust.fleet, urls: setup.urls, chain: [fleet.trust.envelope] }
  const founding = { known, records: fleet.records, confirmed: false }
  await folder.writeFounding(founding)
  return { founding, signingKey: await around.primitives.signingKey(fleet.adminKey.seed) }
}

/** Of a new key. Throws `passphrase_missing`. */
export async function choosePassphrase({
  around,
  options,
}: {
  readonly around: Surroundings
  readonly options: PassphraseOptions
}): Promise<string> {
  const given = await givenPassphrase(around, options)
  if (given !== undefined) return given
  if (!around.terminal.interactive) {
    throw new Failure(
      'passphrase_missing',
      'your key needs a passphrase, and nobody is here to note a new one',
      {
        hint: 'give one with --passphrase-file FILE or in BACKSTAY_PASSPHRASE',
      },
    )
  }
  const made = randomPassphrase(around.primitives)
  around.terminal.say(
    `the passphrase of your key, ${passphraseWords} words; note it now, it is not shown again:`,
  )
  around.terminal.say(`\n    ${made}\n`)
  return made
}
