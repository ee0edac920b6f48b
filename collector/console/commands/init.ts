/** `backstay init`: founds a fleet. Every secret is made here; the collector gets nothing but public records. */
import { equalBytes, fromUtf8 } from '@backstay/proto/bytes'
import { fingerprintOf, readKit } from '@backstay/proto/content/kit'
import { Failure, isFailure } from '@backstay/proto/failure'
import type { SigningKey } from '@backstay/proto/primitives'
import { decodeEnvelope, kindOf } from '@backstay/proto/trust/envelope'
import { requireName } from '@backstay/proto/trust/key-fields'
import { verifyPolicy } from '@backstay/proto/trust/orders'
import { decodeSetup } from '@backstay/proto/trust/setup'
import { verifyTrustChain } from '@backstay/proto/trust/trust'
import { Command } from 'commander'
import { openAdmin } from '../admin.ts'
import { type AdminFolder, adminFolder, adminFolderPath, type Founding } from '../admin-folder.ts'
import { collect } from '../backup-set.ts'
import type { AdminConnection } from '../connecting.ts'
import { confirmKit } from '../kit-paper.ts'
import { type MakingOptions, make, type Stage } from '../making.ts'
import type { Surroundings } from '../surroundings.ts'

interface InitOptions extends MakingOptions {
  readonly setup: string
  readonly admin?: string
  readonly unattended?: boolean
  readonly json?: boolean
}

interface InitStage extends Stage {
  readonly options: InitOptions
}

export function initCommand(around: Surroundings): Command {
  const { USER, USERNAME } = around.environment
  return new Command('init')
    .description('found a fleet on a new collector and make its recovery kit')
    .requiredOption('--setup <string>', 'the line that the collector printed, from backstay-setup: on')
    .option('--admin <dir>', 'your folder (default: ~/.config/backstay)')
    .option('--fleet <name>', 'name of the fleet', 'our fleet')
    .option('--name <name>', 'your name', USER ?? USERNAME ?? 'admin')
    .option('--root <path>', 'what devices back up; may be given several times', collect)
    .option(
      '--exclude <pattern>',
      'what they leave out, as in .gitignore; may be given several times',
      collect,
    )
    .option('--unattended', 'do not ask for a part of the printed kit')
    .option('--passphrase-file <file>', 'its first line becomes the passphrase of your key')
    .option('--json', 'print the result as JSON')
    .action((options: InitOptions) => init(around, options))
}

/** The order matters: nothing is handed over before the kit is on paper, and nothing made is lost when the link fails. */
async function init(around: Surroundings, options: InitOptions): Promise<void> {
  const setup = decodeSetup(options.setup)
  requireName('the name of the fleet', options.fleet)
  requireName('the name', options.name)
  const folder = adminFolder(around.primitives, adminFolderPath(around, options.admin))
  const stage = { around, options, folder, setup }
  if ((await folder.readFleet()) !== undefined) throw exists(folder)
  const before = await folder.readFounding()
  if (before !== undefined) {
    around.terminal.say(`going on with the fleet that was made in "${folder.path}"`)
    await requireSame(stage, before)
    const { signingKey } = await openAdmin(around, folder, options)
    return handOver(stage, await confirmed(stage, before), signingKey)
  }
  if ((await folder.readKey()) !== undefined) throw exists(folder)
  const { founding, signingKey } = await make(stage)
  await handOver(stage, await confirmed(stage, founding), signingKey)
}

/** What was made is signed already; whoever names other folders now must hear that they are not in it. */
async function requireSame(
  { around, options, folder }: InitStage,
  { known, records }: Founding,
): Promise<void> {
  if (options.root === undefined && options.exclude === undefined) return
  const trust = await verifyTrustChain(around.primitives, known.chain, known.fleet)
  const policy = records.find(envelope => kindOf(decodeEnvelope(envelope)) === 'policy')
  if (policy === undefined) return
  const { settings } = await verifyPolicy(around.primitives, policy, { trust, nowMs: around.clock.now() })
  const made = settings.flatMap(one => (one.kind === 'backupSet' ? [one.value] : []))
  const roots = made.flatMap(set => set.roots).map(root => fromUtf8(root))
  const excludes = made.flatMap(set => set.excludes)
  const { root = roots, exclude = excludes } = options
  if (`${root}` === `${roots}` && `${exclude}` === `${excludes}`) return
  throw new Failure(
    'made_otherwise',
    `the fleet in "${folder.path}" was made to back up ${roots.join(', ')}`,
    {
      hint: 'go on without --root and --exclude; what devices back up is changed later: backstay policy edit',
    },
  )
}

/** The founding, confirmed by whoever holds the printed kit. */
async function confirmed({ around, options, folder }: InitStage, founding: Founding): Promise<Founding> {
  if (founding.confirmed) return founding
  if (options.unattended) {
    around.terminal.say(
      'nobody has confirmed that the recovery kit is on paper; print it before you rely on it',
    )
    return founding
  }
  const page = await folder.readKit()
  if (page === undefined) {
    throw new Failure(
      'kit_missing',
      `"${folder.kitFile}" was deleted before anyone typed back a part of it`,
      {
        hint: 'if it is on paper, go on with --unattended; if not, delete the folder and found the fleet anew',
      },
    )
  }
  await confirmKit(around, readKit(fromUtf8(page), founding.known.fleet))
  await folder.writeFounding({ ...founding, confirmed: true })
  return { ...founding, confirmed: true }
}

async function handOver(stage: InitStage, founding: Founding, signingKey: SigningKey): Promise<void> {
  const { around, options, folder, setup } = stage
  const { known, records } = founding
  const trust = await verifyTrustChain(around.primitives, known.chain, known.fleet)
  if (!trust.document.collectors.some(one => equalBytes(one.key, setup.collectorKey))) {
    throw new Failure('wrong_collector', `the fleet in "${folder.path}" was made for another collector`, {
      hint: 'use the set-up string it was made with, or found a fleet in another folder: --admin DIR',
    })
  }
  const { urls, code } = setup
  const connection = { urls, trust, signingKey, signal: around.signal }
  try {
    await around.connecting.found({ ...connection, code, records })
  } catch (error) {
    // Perhaps it was we who founded it, and the answer was lost: then it knows our key.
    if (!isFailure(error, 'already_founded') || !(await admits(around, connection))) throw error
  }
  await folder.rememberFleet({ ...known, urls })
  await folder.removeFounding()
  const result = { fleet: known.fleet, folder: folder.path, key: folder.keyFile, kit: folder.kitFile }
  const text = `fleet founded: ${fingerprintOf(known.fleet)}\nprinted? then delete "${folder.kitFile}"\nadd devices with: backstay token`
  around.terminal.print(options.json ? JSON.stringify(result) : text)
}

async function admits(around: Surroundings, connection: AdminConnection): Promise<boolean> {
  try {
    await using _link = await around.connecting.admin(connection)
    return true
  } catch (error) {
    if (isFailure(error, 'not_admitted')) return false
    throw error
  }
}

function exists(folder: AdminFolder): Failure {
  return new Failure('admin_exists', `"${folder.path}" belongs to a fleet already`, {
    hint: 'use another folder: --admin DIR',
  })
}
