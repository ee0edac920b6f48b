/** `backstay policy show`: what holds, which layer says it, and whether the device obeys. */
import { shownText, tableText, timeText } from '@backstay/agent/commands/text'
import { hex } from '@backstay/proto/bytes'
import { Failure, isFailure } from '@backstay/proto/failure'
import { type EffectivePolicy, effectivePolicy, type Source } from '@backstay/proto/policy/effective'
import type { Policy } from '@backstay/proto/policy/policy'
import { settingText } from '@backstay/proto/policy/setting-text'
import { keyOf } from '@backstay/proto/policy/settings'
import type { Group } from '@backstay/proto/trust/group'
import { openAdminSession } from '../admin.ts'
import type { CommonOptions } from '../options.ts'
import type { Surroundings } from '../surroundings.ts'
import {
  type FleetView,
  findGroup,
  findViewed,
  fleetView,
  groupPolicy,
  obeysOf,
  type ViewedDevice,
} from './fleet-view.ts'
import { layerText } from './layer-text.ts'

export async function showPolicy(
  around: Surroundings,
  name: string | undefined,
  options: CommonOptions,
): Promise<void> {
  await using session = await openAdminSession(around, options)
  const view = await fleetView(session)
  const { terminal } = around
  if (name === undefined) {
    const layer = view.standing.policies.get('')
    if (options.json) return terminal.print(JSON.stringify(layerJson(layer)))
    return terminal.print(
      layer === undefined
        ? 'the fleet has no layer yet; begin with: backstay policy edit'
        : layerText(layer.settings, aboutLayer(layer)).trimEnd(),
    )
  }
  const subject = subjectOf(view, name)
  const policy =
    subject.kind === 'device'
      ? effectivePolicy(view.standing, subject.viewed.place)
      : groupPolicy(view.standing, subject.group)
  const obeys = subject.kind === 'device' ? await obeysOf(session, view, subject.viewed) : undefined
  const refused = subject.kind === 'device' ? (subject.viewed.row.obeyed?.refused ?? []) : []
  if (options.json) {
    const codes = refused.map(({ id, code }) => ({ id: id && hex(id), code }))
    return terminal.print(
      JSON.stringify({ [subject.kind]: name, settings: settingsJson(policy), obeys, refused: codes }),
    )
  }
  if (policy.settings.size === 0) terminal.print('no layer reaches it')
  else terminal.print(settingsTable(policy))
  if (obeys !== undefined) terminal.print(obeysText[obeys.state])
  for (const { code } of refused) terminal.say(`warning: it refused an order: ${code}`)
}

const obeysText = {
  obeys: 'the device obeys this',
  differs:
    'the device does not obey this yet: it was not connected since, or the collector holds back the news',
  unknown: 'the device has not said yet what it obeys',
} as const

type Subject =
  | { readonly kind: 'device'; readonly viewed: ViewedDevice }
  | { readonly kind: 'group'; readonly group: Group }

function subjectOf(view: FleetView, name: string): Subject {
  const isGroup = [...view.standing.groups.values()].some(
    group => group.name === name || hex(group.id) === name,
  )
  if (isGroup) return { kind: 'group', group: findGroup(view, name) }
  try {
    return { kind: 'device', viewed: findViewed(view, name) }
  } catch (error) {
    if (!isFailure(error, 'unknown_device')) throw error
    throw new Failure('unknown_name', `no device and no group "${name}" is in this fleet`, {
      hint: 'list them: backstay devices, backstay policy groups',
    })
  }
}

function settingsJson({ settings }: EffectivePolicy) {
  return [...settings].map(([setting, { setting: value, source, heldBack }]) => ({
    ...{ setting, value: settingText(value), source, locked: value.locked, heldBack },
  }))
}

function settingsTable({ settings }: EffectivePolicy): string {
  const rows = [...settings].map(([key, { setting, source, heldBack }]) => {
    const against = heldBack.length > 0 ? `, against ${heldBack.map(sourceText).join(', ')}` : ''
    return [key, settingText(setting), `${sourceText(source)}${setting.locked ? ', locked' : ''}${against}`]
  })
  return tableText(['setting', 'value', 'from'], rows)
}

function sourceText({ layer, name }: Source): string {
  return layer === 'group' ? `group "${shownText(name)}"` : layer
}

function layerJson(layer: Policy | undefined) {
  const settings = (layer?.settings ?? []).map(one => ({
    setting: keyOf(one),
    value: settingText(one),
    locked: one.locked,
  }))
  return { text: layerText(layer?.settings ?? []), settings, number: layer?.order.sequence ?? 0 }
}

const aboutLayer = ({ order, name }: Policy) => [
  `${shownText(name)}: number ${order.sequence}, signed ${timeText(order.issuedAtMs)}`,
]
