/** Settings of policy as the API shows them. */
import type { EffectiveSetting } from '@backstay/proto/policy/effective'
import { visible } from '@backstay/proto/policy/places'
import { settingText } from '@backstay/proto/policy/setting-text'
import { keyOf, type LayerSetting } from '@backstay/proto/policy/settings'
import type { EffectiveSettingView, SettingView } from '@backstay/proto/rest/settings'

export function settingView(setting: LayerSetting): SettingView {
  return {
    ...{ key: keyOf(setting), kind: setting.kind, text: settingText(setting), locked: setting.locked },
    value:
      setting.kind === 'backupSet'
        ? { ...setting.value, roots: setting.value.roots.map(visible) }
        : setting.value,
  }
}

export function effectiveView(
  key: string,
  { setting, source, heldBack }: EffectiveSetting,
): EffectiveSettingView {
  return { ...settingView(setting), key, source: { ...source }, heldBack: heldBack.map(one => ({ ...one })) }
}
