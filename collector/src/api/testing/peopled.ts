/** A stage with two devices, one of them backed up and in a group, and somebody of every role. */
import { nodePrimitives as p } from '@backstay/proto/node'
import { type PersonRole, personRoles } from '@backstay/proto/rest/shapes'
import { signAssignment } from '@backstay/proto/trust/assignment'
import { signGroup } from '@backstay/proto/trust/group'
import { newOrder } from '@backstay/proto/trust/order'
import { testNowMs } from '@backstay/proto/trust/testing/fleet'
import { testHeartbeat } from '@backstay/proto/trust/testing/heartbeat'
import { seededRandom } from '../../packs/seeded-random.ts'
import { type SampleTree, sampleCommit, sampleEscrow, sampleTree } from '../../testing/sample-objects.ts'
import { laptop, sampleFleet, server } from '../../testing/sample-vault.ts'
import { type Browser, type Stage, stage } from './stage.ts'

export const salesId = '5a'.repeat(16)

export interface Peopled extends Stage {
  readonly as: Readonly<Record<PersonRole, Browser>>
  /** Of laptop's newest snapshot. */
  readonly tree: SampleTree
  /** Ends laptop's session. */
  leave(): Promise<void>
}

export async function peopled(options: Parameters<typeof stage>[0] = {}): Promise<Peopled> {
  const made = await stage(options)
  const { world, view } = made
  const { trust, admin } = sampleFleet
  const session = await world.enroll(laptop)
  await (await world.enroll(server)).close()
  await session.putRecord(await sampleEscrow(sampleFleet, laptop))
  const tree = await sampleTree(seededRandom(5))
  for (const { id, stored } of tree.objects) await session.put(id, stored)
  await session.publish((await sampleCommit(sampleFleet, laptop, tree.root)).stored)
  await session.heartbeat(await testHeartbeat(p, sampleFleet, laptop, { user: 'Ada', keyProtection: 'file' }))
  const group = Uint8Array.fromHex(salesId)
  const order = () => newOrder(p, trust, testNowMs)
  const orders = [
    await signGroup(
      p,
      { kind: 'group', order: order(), id: group, name: '<b>Sales</b>', parent: undefined, retired: false },
      admin,
    ),
    await signAssignment(p, { kind: 'assignment', order: order(), devices: [laptop.id], group }, admin),
  ]
  await using brought = await world.admin()
  for (const envelope of orders) await brought.putRecord(envelope)
  await view.look()
  const signedIn: [PersonRole, Browser][] = []
  for (const role of personRoles) signedIn.push([role, await (await made.person(role, [role])).signIn()])
  return {
    ...made,
    as: Object.fromEntries(signedIn) as Record<PersonRole, Browser>,
    tree,
    leave: () => session.close(),
  }
}
