/** Types of the API, and the kinds of rules in the order in which they are offered. The page takes no schema along. */
import type { AlertKind } from '@backstay/proto/rest/alerts'
import { kindWords } from './rule-words.ts'

export type { AlertKind, AlertRule, ChannelItem, RuleBody } from '@backstay/proto/rest/alerts'

export const alertKinds = Object.keys(kindWords) as readonly AlertKind[]
