/** Whose layer is meant. */
import { type Bytes, hex } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { idToBytes } from '@backstay/proto/object/id'
import type { Policy } from '@backstay/proto/policy/policy'
import type { CommonOptions } from '../options.ts'
import { type FleetView, findGroup, findViewed } from './fleet-view.ts'

export interface TargetOptions extends CommonOptions {
  readonly fleet?: boolean
  readonly group?: string
  readonly device?: string
}

/** Whose layer it is. */
export interface Target {
  readonly audience: readonly Bytes[]
  /** As people call it. */
  readonly name: string
}

export function targetOf(view: FleetView, { group, device, fleet }: TargetOptions): Target {
  if ([group, device, fleet].filter(one => one !== undefined).length > 1) {
    throw new Failure('which_layer', '--fleet, --group and --device exclude one another', {
      hint: 'name one of them',
    })
  }
  if (group !== undefined) {
    const found = findGroup(view, group)
    return { audience: [found.id], name: found.name }
  }
  if (device !== undefined) {
    const { place, certificate } = findViewed(view, device)
    return { audience: [idToBytes(place.device)], name: certificate.name }
  }
  return { audience: [], name: 'fleet' }
}

export function layerOf({ standing }: FleetView, { audience: [id] }: Target): Policy | undefined {
  return standing.policies.get(id === undefined ? '' : hex(id))
}
