/**
 * Packs a part of an opened snapshot into a parcel: keys that nobody else has, the word of who gives it, its escrow, what is in it
 * sealed again, one commit. Until that is published nothing of it counts; whatever breaks off before, the parcel is ended.
 */
import { makeCommit } from '@backstay/agent/backup/commit'
import { backupThreads } from '@backstay/agent/threads/backup-threads'
import { restoreThreads } from '@backstay/agent/threads/restore-threads'
import { sealTo } from '@backstay/proto/content/age'
import type { ObjectSource } from '@backstay/proto/content/archive/object-pages'
import { pathText } from '@backstay/proto/content/archive/shown-text'
import type { Snapshot } from '@backstay/proto/content/archive/snapshots'
import type { Reference } from '@backstay/proto/content/entry'
import { makeEscrow } from '@backstay/proto/content/escrow'
import { epochKeys, secretBytes } from '@backstay/proto/content/keys'
import type { Measure } from '@backstay/proto/content/map/measure'
import type { PageSource } from '@backstay/proto/content/map/read'
import { Failure, isFailure } from '@backstay/proto/failure'
import { type DeviceId, idToBytes } from '@backstay/proto/object/id'
import type { SigningKey } from '@backstay/proto/primitives'
import { productVersion } from '@backstay/proto/product-version'
import { type Certificate, deviceIdOf } from '@backstay/proto/trust/certificate'
import { newOrder } from '@backstay/proto/trust/order'
import { signParcel, signParcelEnd } from '@backstay/proto/trust/parcel'
import type { AdminSession } from '../admin.ts'
import type { ParcelLink } from '../connecting.ts'
import type { Surroundings } from '../surroundings.ts'
import { encodeContents } from './contents.ts'
import { itemsOf, type Part, wishedPath } from './part.ts'
import { type Resealed, type ResealProgress, reseal } from './reseal.ts'

export interface Packing {
  readonly source: Certificate
  readonly receiver: Certificate
  readonly objects: ObjectSource
  readonly pages: PageSource
  readonly snapshot: Snapshot
  readonly part: Part
  readonly amount: Measure
  readonly untilMs: number
  readonly onProgress: (progress: ResealProgress) => void
}

export interface Packed {
  readonly parcel: DeviceId
  readonly root: Reference
  readonly resealed: Resealed
  /** Entries of the source that are lost with pages of its map; `some`: nobody knows how many. */
  readonly lostEntries: number | 'some'
}

interface Begun {
  readonly parcel: DeviceId
  readonly signingKey: SigningKey
  readonly nowMs: number
}

const epoch = 1

/** Throws `interrupted`, and what reading, sealing and the link throw. */
export async function packParcel(
  around: Surroundings,
  session: AdminSession,
  packing: Packing,
): Promise<Packed> {
  const { primitives: p, trust, admin, link, known } = session
  const { source, receiver, amount, untilMs, part } = packing
  const nowMs = around.clock.now()
  const signingKey = await p.signingKey(p.random(32))
  const parcel = await deviceIdOf(p, signingKey.publicKey)
  const audience = [idToBytes(receiver.device)]
  const given = {
    order: newOrder(p, trust, nowMs, { expiresAtMs: untilMs, audience }),
    key: signingKey.publicKey,
    source: source.device,
    ...amount,
    sealed: await sealTo(
      [trust.document.deskRecipient],
      encodeContents({ paths: packing.part.paths.map(pathText), top: part.top }),
    ),
  }
  await link.putRecord(await signParcel(p, given, admin.signingKey, signingKey))
  try {
    await using filling = await around.connecting.parcel({
      ...{ urls: known.urls, trust, signingKey, signal: around.signal },
    })
    return { parcel, ...(await fill(around, session, packing, filling, { parcel, signingKey, nowMs })) }
  } catch (error) {
    const end = { order: newOrder(p, trust, around.clock.now()), ends: parcel }
    // Without this word it goes as well, only later.
    await signParcelEnd(p, end, admin.signingKey)
      .then(envelope => link.putRecord(envelope))
      .catch(() => undefined)
    throw brokenOff(error, around.signal)
  }
}

async function fill(
  around: Surroundings,
  { primitives: p, trust }: AdminSession,
  { objects, pages, snapshot, part, onProgress }: Packing,
  filling: ParcelLink,
  { parcel, signingKey, nowMs }: Begun,
): Promise<Omit<Packed, 'parcel'>> {
  const secrets = { epoch, deviceSecret: p.random(secretBytes), borderSecret: p.random(secretBytes) }
  const keys = await epochKeys(p, secrets.deviceSecret, secrets.borderSecret, epoch)
  await filling.putRecord(await makeEscrow(p, { trust, device: parcel, secrets, signingKey, nowMs }))
  let lostEntries: Packed['lostEntries'] = 0
  await using sealing = backupThreads(keys)
  await using opening = restoreThreads()
  const resealed = await reseal({
    ...{ primitives: p, source: objects, pages, opener: opening.opener },
    items: itemsOf(pages, snapshot.root, part, ({ entries }) => {
      lostEntries = entries === undefined || lostEntries === 'some' ? 'some' : lostEntries + entries
    }),
    ...{ keys, sealer: sealing.sealer, sink: filling, onProgress, signal: around.signal },
  })
  const { built } = resealed
  const commit = await makeCommit(
    {
      ...{ primitives: p, fleet: trust.fleet, device: parcel, keys, signingKey },
      ...{ head: { sequence: 0, id: undefined }, branch: undefined, complete: true, names: undefined },
      ...{ startedAtMs: nowMs, endedAtMs: around.clock.now() },
      ...{ seenTrust: trust.document.version, seenPolicy: 0 },
      describe: {
        ...{ host: '', label: '', agentVersion: `backstay ${productVersion}` },
        roots: part.paths.map(wishedPath),
        unread: [],
      },
    },
    built,
  )
  await filling.publish(commit)
  return { root: built.root, resealed, lostEntries }
}

/** Of a packing nothing is kept: what was sealed is sealed under keys that are gone now. */
function brokenOff(cause: unknown, signal: AbortSignal): unknown {
  const hint = 'run it again: it begins anew, and nobody got anything'
  if (signal.aborted)
    return new Failure('interrupted', 'the parcel was not packed: interrupted', { hint, cause })
  if (!isFailure(cause) || cause.remedy !== 'retry') return cause
  return new Failure(cause.code, `the parcel was not packed: ${cause.message}`, {
    remedy: 'retry',
    hint,
    cause,
  })
}
