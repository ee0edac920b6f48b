/** The fleet as its signatures show it: devices that an admin let in, and the orders about policy that stand. */

import { type Bytes, equalBytes, hex } from '@backstay/proto/bytes'
import { Failure, isFailure } from '@backstay/proto/failure'
import type { DeviceId } from '@backstay/proto/object/id'
import { type EffectivePolicy, effectivePolicy } from '@backstay/proto/policy/effective'
import {
  concerning,
  type Place,
  type Standing,
  type StandingOrder,
  standingHash,
  standingKinds,
  standingOf,
} from '@backstay/proto/policy/standing'
import { type Certificate, decodeCertificate } from '@backstay/proto/trust/certificate'
import { decodeEnvelope, signersOf } from '@backstay/proto/trust/envelope'
import type { Group } from '@backstay/proto/trust/group'
import { verifyHeartbeat } from '@backstay/proto/trust/heartbeat'
import { verifyStanding } from '@backstay/proto/trust/orders'
import type { DeviceRow } from '@backstay/proto/wire/frame'
import type { AdminSession } from '../admin.ts'
import type { DeviceLister } from '../connecting.ts'
import { checkRow, verifyDevice } from '../known-device.ts'

export interface FleetView {
  readonly orders: readonly ViewedOrder[]
  readonly standing: Standing
  /** Not revoked, by name. */
  readonly devices: readonly ViewedDevice[]
}

export interface ViewedOrder {
  readonly order: StandingOrder
  readonly envelope: Bytes
  readonly receivedAtMs: number
  readonly signer: string
}

export interface ViewedDevice {
  readonly certificate: Certificate
  readonly place: Place
  readonly row: DeviceRow
}

/** What reading the orders takes: an admin's session, or a key holder in a page. */
export type OrderReader = Pick<AdminSession, 'primitives' | 'trust'> & {
  readonly link: Pick<AdminSession['link'], 'listRecords'>
}

/** What looking at the whole fleet takes. */
export type FleetReader = OrderReader &
  Pick<AdminSession, 'history'> & { readonly link: DeviceLister & Pick<AdminSession['link'], 'listRecords'> }

export async function fleetView(session: FleetReader): Promise<FleetView> {
  const orders = await readOrders(session)
  const devices: ViewedDevice[] = []
  for await (const row of session.link.listDevices()) {
    const listed = await checkRow(session.primitives, session.history, row)
    if (listed.state !== 'verified' || row.revoked) continue
    const { certificate } = listed
    const { device, grantId } = certificate
    devices.push({ certificate, row, place: { device, grantId } })
  }
  const byName = devices.toSorted((a, b) => (a.certificate.name < b.certificate.name ? -1 : 1))
  return { orders, standing: standingOf(orders.map(one => one.order)), devices: byName }
}

/**
 * Of devices that a change may concern, which their unproved certificates say; only those are verified. `only`: no other device is concerned.
 */
export async function viewSome(
  { primitives: p, history, link }: FleetReader,
  orders: readonly ViewedOrder[],
  isConcerned: (place: Place) => boolean,
  only?: readonly DeviceId[],
): Promise<FleetView> {
  const devices: ViewedDevice[] = []
  for await (const row of rowsOf(link, only)) {
    if (row.revoked) continue
    try {
      const said = decodeCertificate(decodeEnvelope(row.certificate).payload)
      if (!isConcerned({ device: said.device, grantId: said.grantId })) continue
      const { certificate } = await verifyDevice(p, history, row)
      const { device, grantId } = certificate
      devices.push({ certificate, row, place: { device, grantId } })
    } catch (error) {
      // Nobody let it in: no order concerns it.
      if (!isFailure(error)) throw error
    }
  }
  return { orders, standing: standingOf(orders.map(one => one.order)), devices }
}

/** So many are asked for one by one; for more, the whole list is quicker. */
const oneByOneMax = 100

async function* rowsOf(link: DeviceLister, only: readonly DeviceId[] | undefined): AsyncIterable<DeviceRow> {
  if (link.leanDevices === undefined) yield* link.listDevices()
  else if (only === undefined || only.length > oneByOneMax) yield* link.leanDevices()
  else for (const device of only) yield* link.leanDevices(device)
}

export async function readStanding(session: AdminSession): Promise<Standing> {
  return standingOf((await readOrders(session)).map(one => one.order))
}

/** In the order in which they came in; what does not verify decides nothing. */
export async function readOrders({ link, primitives: p, trust }: OrderReader): Promise<ViewedOrder[]> {
  const found: ViewedOrder[] = []
  for (const kind of standingKinds) {
    for await (const { envelope, receivedAtMs } of link.listRecords(kind)) {
      try {
        const order = await verifyStanding(p, envelope, { trust, nowMs: 0, held: true })
        const { owners, admins } = trust.document
        const keys = [...admins, ...owners].map(one => one.key)
        const [key] = await signersOf(p, kind, decodeEnvelope(envelope), keys)
        const admin = key && admins.find(one => equalBytes(one.key, key))
        found.push({ order, envelope, receivedAtMs, signer: admin?.name ?? 'an owner' })
      } catch (error) {
        if (!isFailure(error)) throw error
      }
    }
  }
  return found.sort((a, b) => a.receivedAtMs - b.receivedAtMs)
}

export type Obeys =
  | { readonly state: 'obeys' | 'differs'; readonly signed: boolean }
  | { readonly state: 'unknown' }

/** Whether a device says that it obeys what stands for it: by its signed heartbeat, else by what the collector reports. */
export async function obeysOf(
  session: Pick<AdminSession, 'primitives'>,
  { standing }: Pick<FleetView, 'standing'>,
  { certificate, place, row }: ViewedDevice,
): Promise<Obeys> {
  const { primitives: p } = session
  const expected = await standingHash(p, concerning(standing, place))
  const { fleet, device, deviceKey } = certificate
  const signed = await heartbeatStanding(() =>
    row.heartbeat === undefined ? undefined : verifyHeartbeat(p, row.heartbeat, { fleet, device, deviceKey }),
  )
  // The newer of the two: a heartbeat comes each minute, an answer to a push at once.
  const isFresh = row.obeyed !== undefined && row.obeyed.atMs > row.heardAtMs
  const said = isFresh ? row.obeyed?.standing : (signed ?? row.obeyed?.standing)
  if (said === undefined) return { state: 'unknown' }
  return { state: equalBytes(said, expected) ? 'obeys' : 'differs', signed: !isFresh && signed !== undefined }
}

async function heartbeatStanding(
  verified: () => Promise<{ readonly standing: Bytes | undefined }> | undefined,
): Promise<Bytes | undefined> {
  try {
    return (await verified())?.standing
  } catch (error) {
    if (isFailure(error)) return undefined
    throw error
  }
}

/** By name or id. Throws `unknown_group`, `which_group`. */
export function findGroup({ standing }: Pick<FleetView, 'standing'>, wanted: string): Group {
  const all = [...standing.groups.values()]
  const found = all.filter(group => hex(group.id) === wanted || (group.name === wanted && !group.retired))
  const [only, second] = found
  if (only === undefined) {
    throw new Failure('unknown_group', `there is no group "${wanted}"`, {
      hint: 'list them: backstay policy groups',
    })
  }
  if (second === undefined) return only
  throw new Failure('which_group', `more than one group is named "${wanted}"`, {
    hint: `name one by its id: ${found.map(group => hex(group.id)).join(', ')}`,
  })
}

/** By name, id, or the beginning of one. Throws `unknown_device`, `which_device`. */
export function findViewed({ devices }: Pick<FleetView, 'devices'>, wanted: string): ViewedDevice {
  const exact = devices.find(one => one.place.device === wanted)
  const found = exact
    ? [exact]
    : devices.filter(
        ({ certificate: { name, device } }) =>
          name === wanted || (wanted.length >= 4 && device.startsWith(wanted)),
      )
  const [only, second] = found
  if (only === undefined) {
    throw new Failure('unknown_device', `no device "${wanted}" is in this fleet`, {
      hint: 'list them: backstay devices',
    })
  }
  if (second === undefined) return only
  throw new Failure('which_device', `"${wanted}" is the name of more than one device`, {
    hint: `name one by its id: ${found.map(one => one.place.device).join(', ')}`,
  })
}

/** What a device would do that stands in the group and has nothing of its own. */
export function groupPolicy(standing: Standing, group: Group): EffectivePolicy {
  const device = '00'.repeat(16) as DeviceId
  const order = group.order
  const assigned = { kind: 'assignment', order, devices: [device], group: group.id } as const
  const assignments = new Map([[device as string, assigned]])
  return effectivePolicy({ ...standing, assignments }, { device, grantId: new Uint8Array(16) })
}
