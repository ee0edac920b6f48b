/**
 * What is other between two versions of Trust, in sentences: for an owner who signs what another composed, and believes nobody's words
 * about it but those that are made here, from the document itself. Pure.
 */
import { equalBytes, hex } from '@backstay/proto/bytes'
import type { Admin, TrustDocument } from '@backstay/proto/trust/trust'

export function trustDifferences(before: TrustDocument, now: TrustDocument): readonly string[] {
  const { owners, admins, collectors } = now
  return [
    ...came(before.owners, owners).map(one => `“${one.label}” becomes an owner (key ${short(one.key)}).`),
    ...came(owners, before.owners).map(
      one => `“${one.label}” is an owner no longer (key ${short(one.key)}).`,
    ),
    ...owners.flatMap(one => labelDifferences(before.owners, one)),
    ...changed('%s owner(s) must sign', before.threshold, now.threshold),
    ...came(before.admins, admins).map(
      one => `“${one.name}” becomes an admin (key ${short(one.key)}) and may: ${one.roles.join(', ')}.`,
    ),
    ...came(admins, before.admins).map(one => `“${one.name}” is an admin no longer (key ${short(one.key)}).`),
    ...admins.flatMap(one => adminDifferences(before.admins, one)),
    ...(before.kitRecipient === now.kitRecipient
      ? []
      : ['Devices seal their keys for another recovery kit.']),
    ...(before.deskRecipient === now.deskRecipient ? [] : ['Devices seal their keys for another desk key.']),
    ...came(before.collectors, collectors).map(
      one => `Devices accept the collector with key ${short(one.key)}.`,
    ),
    ...came(collectors, before.collectors).map(
      one => `Devices accept the collector with key ${short(one.key)} no longer.`,
    ),
    ...collectors.flatMap(one => pinDifferences(before.collectors, one)),
    ...changed('the fleet is called “%s”', before.fleetName, now.fleetName),
    ...changed(
      'keys may be opened in the page of the collector: %s',
      before.flags.hostedKeys,
      now.flags.hostedKeys,
    ),
    ...changed(
      'no policy lets snapshots go before %s day(s)',
      before.flags.retentionMinDays,
      now.flags.retentionMinDays,
    ),
    ...changed('two persons are asked for: %s', before.flags.twoPerson, now.flags.twoPerson),
    ...changed('groups may share keys: %s', before.flags.groupDomains, now.flags.groupDomains),
  ]
}

type Keyed = { readonly key: Uint8Array }

function came<T extends Keyed>(before: readonly Keyed[], now: readonly T[]): readonly T[] {
  return now.filter(one => !before.some(other => equalBytes(other.key, one.key)))
}

function adminDifferences(before: readonly Admin[], now: Admin): readonly string[] {
  const was = before.find(one => equalBytes(one.key, now.key))
  if (was === undefined) return []
  return [
    ...changed(`“${was.name}” may: %s`, was.roles.join(', '), now.roles.join(', ')),
    ...changed(`“${was.name}” is called “%s”`, was.name, now.name),
    ...(was.recipient === now.recipient ? [] : [`“${was.name}” gets the desk key under another key.`]),
    ...changed(`“${was.name}” is an admin until %s`, endOf(was), endOf(now)),
  ]
}

function labelDifferences(before: TrustDocument['owners'], now: TrustDocument['owners'][number]) {
  const was = before.find(one => equalBytes(one.key, now.key))
  return was === undefined ? [] : changed(`the owner “${was.label}” is called “%s”`, was.label, now.label)
}

function pinDifferences(
  before: TrustDocument['collectors'],
  now: TrustDocument['collectors'][number],
): readonly string[] {
  const was = before.find(one => equalBytes(one.key, now.key))
  if (was === undefined) return []
  const pins = (one: typeof now) => [...one.spkiPins.map(hex), one.binding].join(' ')
  return pins(was) === pins(now)
    ? []
    : [`The TLS keys of the collector with key ${short(now.key)} are others.`]
}

const endOf = ({ notAfterMs }: Admin) =>
  notAfterMs === 0 ? 'no end' : new Date(notAfterMs).toISOString().slice(0, 10)

/** `%s` is the place of the value. */
function changed(sentence: string, before: unknown, now: unknown): readonly string[] {
  return before === now ? [] : [`${sentence.replace('%s', String(now))} (until now: ${String(before)}).`]
}

const short = (key: Uint8Array) => hex(key).slice(0, 16)
