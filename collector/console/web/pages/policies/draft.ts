/** Changes to a layer that nobody has signed yet. */
import { settingText } from '@backstay/proto/policy/setting-text'
import type { PolicyLayer } from '@backstay/proto/rest/settings'
import { readValue, writeValue } from '../../../policy/setting-values.ts'
import { settingFrom } from './fields.ts'
import type { Setting } from './setting-value.ts'

export type Change =
  | { readonly kind: 'set'; readonly setting: Setting; readonly locked: boolean }
  /** This layer says nothing of it any more. */
  | { readonly kind: 'drop' }

/** By key. */
export type Draft = Map<string, Change>

export function isEmptyDraft(draft: Draft): boolean {
  return draft.size === 0
}

export function draftedText(_key: string, change: Change): string {
  return change.kind === 'drop'
    ? 'not set here any more'
    : `${settingText(change.setting)}${change.locked ? ' (locked)' : ''}`
}

export interface WholeSetting {
  readonly key: string
  readonly setting: Setting
  readonly locked: boolean
}

/** All that the layer says with the changes in it: what is signed is always the whole layer. */
export function wholeLayer(layer: PolicyLayer | undefined, draft: Draft): WholeSetting[] {
  const whole = new Map<string, WholeSetting>()
  for (const { key, kind, value, locked } of layer?.settings ?? []) {
    whole.set(key, { key, setting: settingFrom(kind, value), locked })
  }
  for (const [key, change] of draft) {
    if (change.kind === 'drop') whole.delete(key)
    else whole.set(key, { key, setting: change.setting, locked: change.locked })
  }
  return [...whole.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
}

/** As policy files have it: what keys sign. */
export function plainOf({ key, setting, locked }: WholeSetting) {
  return { key, value: writeValue(setting), locked }
}

/** Throws Mistake (setting-values.ts) with what would be right. */
export function settingOf(key: string, plain: unknown): Setting {
  return readValue(key, plain)
}
