/** What is told, before any channel gives it its form. */
import type { Alert, Telling } from './engine.ts'

export interface Message {
  readonly kind: 'alerts' | 'digest' | 'report' | 'test'
  /** One line. */
  readonly title: string
  /** Plain text, lines of any length. */
  readonly text: string
  readonly severity: 'note' | 'warning' | 'critical'
  readonly atMs: number
  /** For programs. */
  readonly events: readonly MessageEvent[]
  /** Of email alone. */
  readonly to?: readonly string[] | undefined
  readonly attachment?: { readonly name: string; readonly type: string; readonly base64: string } | undefined
}

export interface MessageEvent
  extends Pick<Alert, 'id' | 'kind' | 'severity' | 'what' | 'remedy' | 'sinceMs'> {
  readonly event: Telling['event']
  readonly device?: string | undefined
  readonly name?: string | undefined
}

/** A storm is one message: what is beyond is counted. */
const toldMax = 50

const eventWords = { raised: 'New', repeated: 'Still', recovered: 'Over' } as const

export function alertMessage(
  tellings: readonly Telling[],
  fleetName: string,
  nowMs: number,
  publicUrl: string | undefined,
): Message {
  const ordered = tellings.toSorted((a, b) => weight(b) - weight(a) || a.alert.sinceMs - b.alert.sinceMs)
  const [first] = ordered
  const more = ordered.length - 1
  const lines = ordered.slice(0, toldMax).map(({ event, alert }) => {
    const remedy = event === 'recovered' ? '' : `\n    ${alert.remedy}`
    return `${eventWords[event]}: ${oneLine(alert.what)}${remedy}`
  })
  if (ordered.length > toldMax) lines.push(`and ${ordered.length - toldMax} more`)
  if (publicUrl !== undefined) lines.push('', new URL('/alerts', publicUrl).href)
  return {
    kind: 'alerts',
    title: `[${oneLine(fleetName)}] ${first === undefined ? '' : `${eventWords[first.event]}: ${oneLine(first.alert.what)}`}${more > 0 ? ` (and ${more} more)` : ''}`,
    text: lines.join('\n'),
    severity: first === undefined || first.event === 'recovered' ? 'note' : first.alert.severity,
    atMs: nowMs,
    events: ordered.slice(0, toldMax).map(({ event, alert }) => ({
      event,
      ...{ id: alert.id, kind: alert.kind, severity: alert.severity, what: alert.what, remedy: alert.remedy },
      ...{
        sinceMs: alert.sinceMs,
        name: alert.name,
        device: alert.subject === '' ? undefined : alert.subject,
      },
    })),
  }
}

export function testMessage(fleetName: string, nowMs: number): Message {
  return {
    kind: 'test',
    title: `[${oneLine(fleetName)}] Backstay can reach you here`,
    text: 'This is a test that somebody asked for in the console. Alerts will come this way.',
    severity: 'note',
    atMs: nowMs,
    events: [],
  }
}

/** Names come from devices: no line break of theirs may begin a header or a line of ours. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim()
}

function weight({ event, alert }: Telling): number {
  return (event === 'recovered' ? 0 : 2) + (alert.severity === 'critical' ? 1 : 0)
}
