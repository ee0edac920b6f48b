/** `backstay retire`: a device that is lost, stolen or replaced is let in no more; what it backed up stays. */
import { shownText } from '@backstay/agent/commands/text'
import { hex } from '@backstay/proto/bytes'
import { newOrder } from '@backstay/proto/trust/order'
import { signRevoke } from '@backstay/proto/trust/revoke'
import { Command } from 'commander'
import { openAdminSession } from '../admin.ts'
import { findDevice } from '../device-archive.ts'
import { type CommonOptions, requireText, withCommonOptions } from '../options.ts'
import { requireYes } from '../requiring-yes.ts'
import type { Surroundings } from '../surroundings.ts'

interface RetireOptions extends CommonOptions {
  readonly reason: string
  readonly yes?: boolean
}

export function retireCommand(around: Surroundings): Command {
  const command = new Command('retire')
    .description('let a device in no more: lost, stolen or replaced; its snapshots stay')
    .argument('<device>', 'its name or id')
    .option('--reason <text>', 'for people', '')
    .option('--yes', 'do not ask')
  return withCommonOptions(command).action((device: string, options: RetireOptions) =>
    retire(around, device, options),
  )
}

async function retire(around: Surroundings, wanted: string, options: RetireOptions): Promise<void> {
  const { reason } = options
  requireText('a reason', reason)
  await using session = await openAdminSession(around, options)
  const { primitives: p, trust, admin, link } = session
  const { device, name } = await findDevice(session, wanted)
  const warning = 'It can come back only with a new token, as a new device.'
  await requireYes(around, options.yes, `retire ${shownText(name)}? ${warning}`)
  const order = newOrder(p, trust, around.clock.now())
  await link.putRecord(await signRevoke(p, { order, device, grantId: undefined, reason }, admin.signingKey))
  const { terminal } = around
  if (options.json) return terminal.print(JSON.stringify({ device, revoke: hex(order.id) }))
  terminal.print(`${shownText(name)} is retired: it is let in no more, and its snapshots stay`)
  terminal.say(`to give its files to another device: backstay job run NEW restore PATH --from ${device}`)
}
