/** How ids and actors are shown. */
import type { AuditLine } from '@backstay/proto/rest/devices'

/** Keys and ids by their beginning; the whole is shown on hover. */
export function shortText(text: string): string {
  return text.replaceAll(/[0-9a-f]{32,}/g, id => `${id.slice(0, 12)}…`)
}

/** Who did it, by the name that is known: `admin anna`, `device lap-7`, `person:anna@example.org`. */
export function actorText({ actor, actorName }: Pick<AuditLine, 'actor' | 'actorName'>): string {
  const [kind] = actor.split(':')
  return actorName === undefined ? shortText(actor) : `${kind} ${actorName}`
}
