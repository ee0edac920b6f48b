/** `backstay erase`: what a retired device backed up goes. One owner's word waits a week; a second owner's makes it count at once. */
import { shownText, tableText, timeText } from '@backstay/agent/commands/text'
import { hex } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { DeviceId } from '@backstay/proto/object/id'
import { type EraseFact, eraseCountsFromMs, eraseWaitMs } from '@backstay/proto/policy/erasures'
import type { SigningKey } from '@backstay/proto/primitives'
import { cosignEnvelope } from '@backstay/proto/trust/envelope'
import { signErase } from '@backstay/proto/trust/erase'
import { newOrder } from '@backstay/proto/trust/order'
import { Command } from 'commander'
import { type AdminSession, openAdminSession } from '../admin.ts'
import { findDevice } from '../device-archive.ts'
import { readOwnerFile } from '../kit-file.ts'
import { isRetired } from '../known-device.ts'
import { type CommonOptions, requireText, withCommonOptions } from '../options.ts'
import { ownerKeyOf } from '../owner-key.ts'
import { erasures } from '../retention-facts.ts'
import type { Surroundings } from '../surroundings.ts'

interface KitOptions extends CommonOptions {
  readonly kit?: string
}

interface EraseOptions extends KitOptions {
  readonly reason: string
  readonly yes?: boolean
}

export function eraseCommand(around: Surroundings): Command {
  const command = new Command('erase').description('let go of all that a retired device backed up')
  const begin = new Command('begin')
    .description('sign it as an owner; it counts after a week, and a hold stops it')
    .argument('<device>', 'its name or id; retired')
    .option('--reason <text>', 'for people', '')
    .option('--yes', 'do not ask')
    .option('--kit <file>', 'the lines of the recovery kit, whose key is an owner')
  withCommonOptions(begin).action((device: string, options: EraseOptions) =>
    eraseDevice(around, device, options),
  )
  const confirm = new Command('confirm')
    .description('sign it as a second owner; it counts at once')
    .argument('<id>', 'as listed')
    .option('--kit <file>', 'the lines of a kit of another owner')
  withCommonOptions(confirm).action((id: string, options: KitOptions) => confirmErase(around, id, options))
  const list = new Command('list').description('list what was signed, and from when it counts')
  withCommonOptions(list).action((options: CommonOptions) => listErasures(around, options))
  return command.addCommand(begin).addCommand(confirm).addCommand(list)
}

async function eraseDevice(around: Surroundings, wanted: string, options: EraseOptions): Promise<void> {
  const { reason } = options
  requireText('a reason', reason)
  await using session = await openAdminSession(around, options)
  const key = await ownerKey(session, options.kit)
  const { device, name } = await findDevice(session, wanted)
  await requireRetired(session, device, name)
  await requireYes(around, name, options.yes)
  const { primitives: p, trust, link } = session
  const nowMs = around.clock.now()
  const order = newOrder(p, trust, nowMs)
  await link.putRecord(await signErase(p, { order, device, reason }, key))
  const id = hex(order.id)
  const countsFromMs = nowMs + eraseWaitMs
  const { terminal } = around
  if (options.json) return terminal.print(JSON.stringify({ id, device, countsFromMs }))
  terminal.print(`signed: the snapshots of ${shownText(name)} may go from ${timeText(countsFromMs)} on`)
  terminal.say(`stop it: backstay hold add --device ${device}`)
  terminal.say(`a second owner makes it count at once: backstay erase confirm ${id}`)
}

async function confirmErase(around: Surroundings, id: string, options: KitOptions): Promise<void> {
  await using session = await openAdminSession(around, options)
  const key = await ownerKey(session, options.kit)
  const found = (await erasures(session)).find(({ fact }) => hex(fact.erase.order.id) === id.toLowerCase())
  if (found === undefined) {
    throw new Failure('unknown_erase', `nobody signed "${id}"`, { hint: 'list them: backstay erase list' })
  }
  const { primitives: p, link } = session
  const envelope = await cosignEnvelope(p, 'erase', found.envelope, [key])
  await link.putRecord(envelope)
  const [now] = (await erasures(session))
    .map(({ fact }) => fact)
    .filter(fact => hex(fact.erase.order.id) === id.toLowerCase())
    .sort((a, b) => b.owners - a.owners)
  const { terminal } = around
  if (now === undefined || now.owners < 2) {
    throw new Failure('one_owner', 'this order was signed by you already, and one owner counts once', {
      hint: 'ask another owner, or wait',
    })
  }
  terminal.print(options.json ? JSON.stringify({ id, owners: now.owners }) : 'signed: it counts from now on')
}

async function listErasures(around: Surroundings, options: CommonOptions): Promise<void> {
  await using session = await openAdminSession(around, options)
  const lines = (await erasures(session)).map(({ fact }) => lineOf(fact))
  const { terminal } = around
  if (options.json) return terminal.print(JSON.stringify(lines))
  if (lines.length === 0) return terminal.print('nothing is to be erased')
  const rows = lines.map(one => [
    one.id,
    one.device,
    String(one.owners),
    timeText(one.countsFromMs),
    one.reason,
  ])
  terminal.print(tableText(['id', 'device', 'owners', 'counts from', 'reason'], rows))
}

function lineOf(fact: EraseFact) {
  const { order, device, reason } = fact.erase
  return { id: hex(order.id), device, owners: fact.owners, countsFromMs: eraseCountsFromMs(fact), reason }
}

/** Throws `no_kit`, and what `ownerKeyOf` throws. */
async function ownerKey(session: AdminSession, kitFile: string | undefined): Promise<SigningKey> {
  if (kitFile === undefined) {
    throw new Failure('no_kit', 'only an owner erases, and the key of an owner is on the recovery kit', {
      hint: 'give its lines in a file: --kit FILE',
    })
  }
  return ownerKeyOf(session.primitives, session.trust, await readOwnerFile(kitFile))
}

async function requireRetired(session: AdminSession, device: DeviceId, name: string): Promise<void> {
  if (await isRetired(session, device)) return
  throw new Failure('not_retired', `${shownText(name)} is not retired`, {
    hint: `what a device at work has is let go by its policy; first: backstay retire ${device}`,
  })
}

async function requireYes({ terminal }: Surroundings, name: string, yes: boolean | undefined): Promise<void> {
  if (yes) return
  if (!terminal.interactive)
    throw new Failure('not_confirmed', 'nobody is here to confirm', { hint: 'add --yes' })
  const question = `erase all snapshots of ${shownText(name)}? Nobody can bring them back. Type its name: `
  if ((await terminal.ask(question)).trim() !== name)
    throw new Failure('not_confirmed', 'that is not its name', { hint: 'nothing was signed' })
}
