/** `backstay policy edit` and `diff`: a new layer from a file, from single settings, or from the editor. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hex } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { decodePolicy, encodePolicy, type Policy, signPolicy } from '@backstay/proto/policy/policy'
import { keyOf, type LayerSetting } from '@backstay/proto/policy/settings'
import { type AdminSession, openAdminSession } from '../admin.ts'
import { wholeNumber } from '../options.ts'
import type { Surroundings } from '../surroundings.ts'
import { type FleetView, fleetView } from './fleet-view.ts'
import { layerText, parseLayer, parseSetting } from './layer-text.ts'
import { enact, orderOf, preview, previewJson, previewLines } from './signing.ts'
import { layerOf, type Target, type TargetOptions, targetOf } from './target.ts'

export interface EditOptions extends TargetOptions {
  readonly file?: string
  readonly set?: readonly string[]
  readonly unset?: readonly string[]
  readonly lock?: readonly string[]
  readonly unlock?: readonly string[]
  readonly days?: string
  readonly yes?: boolean
}

const dayMs = 86_400_000
/** A policy that should end says so within this time. */
const daysMax = 3650

export async function editLayer(around: Surroundings, options: EditOptions): Promise<void> {
  await using session = await openAdminSession(around, options)
  const view = await fleetView(session)
  const target = targetOf(view, options)
  const policy = await draft(around, session, view, target, options)
  if (policy === undefined)
    return around.terminal.print(options.json ? '{"signed":false}' : 'nothing changes; nothing was signed')
  const envelope = () => signPolicy(session.primitives, policy, session.admin.signingKey)
  await enact(around, session, view, [policy], [envelope], target.name, options)
}

export async function diffLayer(around: Surroundings, options: EditOptions): Promise<void> {
  await using session = await openAdminSession(around, options)
  const view = await fleetView(session)
  const policy = await draft(around, session, view, targetOf(view, options), options)
  const { terminal } = around
  if (policy === undefined) return terminal.print(options.json ? '{"classes":[]}' : 'nothing changes')
  const told = await preview(session, view, [policy], around.clock.now())
  terminal.print(options.json ? JSON.stringify(previewJson(told)) : previewLines(told).join('\n'))
}

/** Throws what is wrong with the new layer; undefined: it says what it says already. */
async function draft(
  around: Surroundings,
  session: AdminSession,
  view: FleetView,
  target: Target,
  options: EditOptions,
): Promise<Policy | undefined> {
  const before = layerOf(view, target)
  const settings = newSettings(around, before, target, options)
  if (layerText(settings) === layerText(before?.settings ?? [])) return undefined
  const sameAudience = view.orders.flatMap(({ order }) =>
    order.kind === 'policy' && order.order.audience.map(hex).join() === target.audience.map(hex).join()
      ? order.order
      : [],
  )
  const days = options.days === undefined ? 0 : wholeNumber('--days', options.days, 1, daysMax)
  const order = orderOf(around, session, sameAudience, {
    audience: target.audience,
    expiresAtMs: days === 0 ? 0 : around.clock.now() + days * dayMs,
  })
  const payload = encodePolicy({ order, name: `layer of ${target.name}`, settings })
  return decodePolicy(payload)
}

function newSettings(
  around: Surroundings,
  before: Policy | undefined,
  target: Target,
  options: EditOptions,
): readonly LayerSetting[] {
  const { file, set = [], unset = [], lock = [], unlock = [] } = options
  const current = before?.settings ?? []
  const isTyped = set.length + unset.length + lock.length + unlock.length > 0
  if (file !== undefined && isTyped) {
    throw new Failure(
      'which_change',
      '--file replaces the whole layer: --set, --unset, --lock and --unlock do not go with it',
    )
  }
  if (file !== undefined) return parseLayer(readText(file), file)
  if (!isTyped) return edited(around, current, target)
  const settings = new Map(current.map(one => [keyOf(one), one]))
  for (const text of set) {
    const setting = parseSetting(text)
    const key = keyOf(setting)
    settings.set(key, { ...setting, locked: settings.get(key)?.locked ?? false })
  }
  const need = (key: string) => {
    const found = settings.get(key)
    if (found !== undefined) return found
    throw new Failure('not_set', `this layer does not set "${key}"`, {
      hint: `it sets ${[...settings.keys()].join(', ') || 'nothing'}`,
    })
  }
  for (const key of unset) {
    need(key)
    settings.delete(key)
  }
  for (const key of lock) settings.set(key, { ...need(key), locked: true })
  for (const key of unlock) settings.set(key, { ...need(key), locked: false })
  return [...settings.values()]
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new Failure('file_unreadable', `"${file}" cannot be read`, { hint: 'name a policy file', cause })
  }
}

/** In the person's own editor; what it leaves is parsed like any file. */
function edited(
  { terminal, environment }: Surroundings,
  current: readonly LayerSetting[],
  target: Target,
): readonly LayerSetting[] {
  const editor = environment.VISUAL ?? environment.EDITOR
  if (!terminal.interactive || editor === undefined) {
    throw new Failure('no_change', 'nothing says what to change', {
      hint: 'use --set KEY=VALUE, --file FILE, or set $EDITOR on a terminal',
    })
  }
  const folder = mkdtempSync(join(tmpdir(), 'backstay-policy-'))
  const file = join(folder, 'layer.yaml')
  try {
    writeFileSync(
      file,
      layerText(current, [`layer of ${target.name}; nothing is signed before you are asked`]),
    )
    const { status } = spawnSync(`${editor} "$1"`, ['sh', file], { shell: '/bin/sh', stdio: 'inherit' })
    if (status !== 0) throw new Failure('no_change', 'the editor ended with an error; nothing was signed')
    return parseLayer(readFileSync(file, 'utf8'), file)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
