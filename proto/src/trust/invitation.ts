/**
 * What a new admin needs of the fleet, and a device that slept while the keys of its collector were replaced: which it is, where its
 * collectors are, its Trust. One line of text, all of it public.
 */
import { type Bytes, base64url, fromBase64url, fromUtf8, utf8 } from '../bytes.ts'
import { Failure } from '../failure.ts'
import type { FleetId } from '../object/id.ts'

export interface Invitation {
  readonly fleet: FleetId
  /** `wss://…` */
  readonly urls: readonly string[]
  /** Trust envelopes, version 1 to the newest. Believed by nobody before they were verified. */
  readonly chain: readonly Bytes[]
}

const prefix = 'backstay-admin:'
const textMax = 64 * 1024 * 1024

export function writeInvitation({ fleet, urls, chain }: Invitation): string {
  return `${prefix}${base64url(utf8(JSON.stringify({ fleet, urls, chain: chain.map(base64url) })))}`
}

/** Throws `bad_invitation`. */
export function readInvitation(text: string): Invitation {
  const line = text.split(/\s+/).find(one => one.startsWith(prefix))
  if (line === undefined || text.length > textMax) throw bad()
  try {
    const said = JSON.parse(
      fromUtf8(fromBase64url(line.slice(prefix.length)) ?? new Uint8Array()),
    ) as Invitation
    const { fleet, urls, chain } = said as { fleet: unknown; urls: unknown; chain: unknown }
    if (typeof fleet !== 'string' || !/^[0-9a-f]{64}$/.test(fleet)) throw bad()
    if (!Array.isArray(urls) || !urls.every(url => typeof url === 'string' && url.startsWith('wss://')))
      throw bad()
    if (!Array.isArray(chain)) throw bad()
    const envelopes = chain.map(one => (typeof one === 'string' ? fromBase64url(one) : undefined))
    return {
      fleet: fleet as FleetId,
      urls: urls as string[],
      chain: envelopes.map(one => {
        if (one === undefined) throw bad()
        return one
      }),
    }
  } catch (error) {
    if (error instanceof Failure) throw error
    throw bad()
  }
}

function bad(): Failure {
  return new Failure('bad_invitation', 'this is no invitation to a fleet', {
    hint: 'it begins with backstay-admin: and is shown to whoever added you',
  })
}
