/** `backstay pin` and `backstay hold`: what stays, whatever the retention rule says. */
import { tableText, timeText } from '@backstay/agent/commands/text'
import { fromHex, hex } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { DeviceId, ObjectId } from '@backstay/proto/object/id'
import { releaseWaitMs, standingHolds } from '@backstay/proto/policy/holds'
import type { SigningKey } from '@backstay/proto/primitives'
import { type Hold, signHold } from '@backstay/proto/trust/hold'
import { newOrder } from '@backstay/proto/trust/order'
import { Command } from 'commander'
import { type AdminSession, openAdminSession } from '../admin.ts'
import { collect } from '../backup-set.ts'
import { findDevice } from '../device-archive.ts'
import { readOwnerFile } from '../kit-file.ts'
import { type CommonOptions, requireText, wholeNumber, withCommonOptions } from '../options.ts'
import { ownerKeyOf } from '../owner-key.ts'
import { holds, retentionFacts } from '../retention-facts.ts'
import type { Surroundings } from '../surroundings.ts'

interface HoldOptions extends CommonOptions {
  readonly reason: string
  readonly device?: string
  /** Of owners. */
  readonly kit?: readonly string[]
}

export function pinCommand(around: Surroundings): Command {
  const command = new Command('pin')
    .description('keep one snapshot whatever the policy says; end it with: backstay hold release ID')
    .argument('<device>', 'its name or id')
    .argument('<snapshot>', 'its number, such as 12 or #12, as in: backstay retention explain')
    .option('--reason <text>', 'for people', '')
  return withCommonOptions(command).action((device: string, snapshot: string, options: HoldOptions) =>
    act(around, options, async session => {
      const number = snapshot.replace(/^#/, '')
      const sequence = wholeNumber('the snapshot', number, 1, Number.MAX_SAFE_INTEGER)
      const certificate = await findDevice(session, device)
      const { verdicts } = await retentionFacts(session, certificate, around.clock.now())
      const found = verdicts.find(one => one.snapshot.sequence === sequence)
      if (found === undefined)
        throw new Failure('unknown_snapshot', `there is no snapshot ${sequence} of this device`, {
          hint: 'list them: backstay snapshots DEVICE',
        })
      return begin(session, around, certificate.device, found.snapshot.id, options.reason)
    }),
  )
}

export function holdCommand(around: Surroundings): Command {
  const command = new Command('hold').description('legal holds: nothing of a device, or of all, goes')
  const add = new Command('add')
    .description('keep every snapshot until an owner releases the hold')
    .option('--device <device>', 'only of this device (default: of all)')
    .option('--reason <text>', 'for people', '')
  withCommonOptions(add).action((options: HoldOptions) =>
    act(around, options, async session => {
      const device = options.device === undefined ? undefined : await findDevice(session, options.device)
      return begin(session, around, device?.device, undefined, options.reason)
    }),
  )
  const release = new Command('release')
    .description('end a pin or a hold; it takes effect a week later, and at once when two owners sign it')
    .argument('<id>', 'as listed')
    .option('--reason <text>', 'for people', '')
    .option(
      '--kit <file>',
      'the kit or paper of an owner, who alone ends a legal hold; of two owners, given twice',
      collect,
    )
  withCommonOptions(release).action((id: string, options: HoldOptions) =>
    act(around, options, session => end(session, around, id, options)),
  )
  const list = new Command('list').description('list pins and holds that stand')
  withCommonOptions(list).action((options: CommonOptions) => listHolds(around, options))
  return command.addCommand(add).addCommand(release).addCommand(list)
}

async function act(
  around: Surroundings,
  options: HoldOptions,
  deed: (session: AdminSession) => Promise<Hold>,
): Promise<void> {
  requireText('a reason', options.reason)
  await using session = await openAdminSession(around, options)
  const hold = await deed(session)
  const owners = await ownerKeys(session, options.kit ?? [])
  const keys = owners.length > 0 ? owners : [session.admin.signingKey]
  await session.link.putRecord(await signHold(session.primitives, hold, ...keys))
  const id = hex(hold.order.id)
  const effectiveMs =
    hold.order.issuedAtMs + (hold.releases === undefined || owners.length > 1 ? 0 : releaseWaitMs)
  const { terminal } = around
  if (options.json) return terminal.print(JSON.stringify({ id, effectiveMs }))
  if (hold.releases !== undefined)
    return terminal.print(
      owners.length > 1
        ? 'released; it takes effect at once'
        : `released; it takes effect on ${timeText(effectiveMs)}`,
    )
  terminal.print(hold.snapshot === undefined ? 'held: no snapshot of it goes' : 'pinned: it stays')
  terminal.print(`end it with: backstay hold release ${id}`)
}

async function begin(
  { primitives, trust }: AdminSession,
  around: Surroundings,
  device: DeviceId | undefined,
  snapshot: ObjectId | undefined,
  reason: string,
): Promise<Hold> {
  const order = newOrder(primitives, trust, around.clock.now())
  return { order, device, snapshot, reason, releases: undefined }
}

async function end(
  session: AdminSession,
  around: Surroundings,
  id: string,
  { reason, kit = [] }: HoldOptions,
): Promise<Hold> {
  const nowMs = around.clock.now()
  const standing = standingHolds(await holds(session), nowMs)
  const found = standing.find(hold => hex(hold.order.id) === id.toLowerCase())
  if (found === undefined) {
    throw new Failure('unknown_hold', `no pin or hold "${id}" stands`, {
      hint: 'list them: backstay hold list',
    })
  }
  const { device, snapshot } = found
  // Signed by an admin it would stand there and never count.
  if (snapshot === undefined && kit.length === 0)
    throw new Failure('no_kit', 'only an owner ends a legal hold, and the key of an owner is on paper', {
      hint: 'give its lines in a file: --kit FILE',
    })
  const order = newOrder(session.primitives, session.trust, nowMs)
  return { order, device, snapshot, reason, releases: fromHex(id.toLowerCase()) }
}

/** Each once. Throws `wrong_role` for a paper that is no owner's now. */
async function ownerKeys(
  { primitives, trust }: AdminSession,
  files: readonly string[],
): Promise<SigningKey[]> {
  const keys = new Map<string, SigningKey>()
  for (const file of files) {
    const key = await ownerKeyOf(primitives, trust, await readOwnerFile(file))
    keys.set(hex(key.publicKey), key)
  }
  return [...keys.values()]
}

async function listHolds(around: Surroundings, options: CommonOptions): Promise<void> {
  await using session = await openAdminSession(around, options)
  const standing = standingHolds(await holds(session), around.clock.now())
  const { terminal } = around
  const lines = standing.map(({ order, device, snapshot, reason }) => ({
    id: hex(order.id),
    sinceMs: order.issuedAtMs,
    device: device ?? 'all',
    snapshot: snapshot ?? 'all',
    reason,
  }))
  if (options.json) return terminal.print(JSON.stringify(lines))
  if (lines.length === 0) return terminal.print('no pin and no hold')
  const rows = lines.map(one => [
    one.id,
    timeText(one.sinceMs),
    one.device,
    one.snapshot.slice(0, 12),
    one.reason,
  ])
  terminal.print(tableText(['id', 'since', 'device', 'snapshot', 'reason'], rows))
}
