/** A setting of policy as the page shows it: in words, and as a value. */
import { z } from 'zod'
import { word } from './shapes.ts'

export const settingSource = z.object({
  layer: z.enum(['fleet', 'group', 'grant', 'device']),
  /** Of the group, grant or device; empty for the fleet. */
  id: z.string(),
  name: z.string(),
})

export const setting = z.object({
  /** `retention`, `sets.home` … */
  key: z.string(),
  kind: z.string().regex(/^[a-zA-Z]+$/),
  /** As people read and type it. */
  text: z.string(),
  /** As proto/policy/settings.ts has it; paths as text. */
  value: z.unknown(),
  locked: z.boolean(),
})
export type SettingView = z.infer<typeof setting>

export const effectiveSetting = setting.extend({
  source: settingSource,
  /** Layers further in that would have it otherwise, and may not. */
  heldBack: z.array(settingSource),
})
export type EffectiveSettingView = z.infer<typeof effectiveSetting>

export const policyLayer = z.object({
  /** Empty for the fleet; else of a group, grant or device. */
  audience: z.string(),
  layer: word,
  name: z.string(),
  sequence: z.int(),
  trustVersion: z.int(),
  issuedAtMs: z.int(),
  /** Name in Trust of who signed it. */
  signer: z.string().optional(),
  settings: z.array(setting),
  /** It says more than this collector understands. */
  newer: z.boolean(),
})
export type PolicyLayer = z.infer<typeof policyLayer>
