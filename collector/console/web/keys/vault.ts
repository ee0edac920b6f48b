/**
 * The room with the keys: runs in a worker of its own, so that no other code of the page can read them, and long work does not
 * stop the page. What goes in and out are plain values; keys never go out.
 */
import { type Bytes, hex } from '@backstay/proto/bytes'
import type { SegmentOpener } from '@backstay/proto/content/archive/segments-ahead'
import { pathText } from '@backstay/proto/content/archive/shown-text'
import { readKit, readOwnerPaper } from '@backstay/proto/content/kit'
import type { Path } from '@backstay/proto/content/map/key'
import { Failure } from '@backstay/proto/failure'
import type { DeviceId, FleetId } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import { writeInvitation } from '@backstay/proto/trust/invitation'
import { type Draft, signDraft } from '../../drafts.ts'
import { type KeyHolder, openKeyHolder, signInWithKey } from '../../key-holder.ts'
import { openDevice } from '../../opened-device.ts'
import type { Change } from '../../policy/change.ts'
import { type FilesEffect, filesEffect } from '../../policy/files-effect.ts'
import { changeOfDraft, effectOf, type OrderDraft, type OrderEffect } from '../../policy/order-drafts.ts'
import { type DrillResult, drill, waysOf } from '../../proving.ts'
import { linkRecords } from '../../record-source.ts'
import type { Rest, RestLink } from '../../rest-link.ts'
import { type PreparedTrust, prepareTrust, signPrepared, type TrustChange } from '../../trust/trust-change.ts'
import { openWishedPath } from '../../wished-path.ts'
import { readPath } from './paths.ts'
import { archiveAnswers, type Unlocked } from './vault-archive.ts'
import { restoreAnswers } from './vault-restores.ts'
import { leanRows, waitingDevices } from './waiting-devices.ts'

export interface VaultParts {
  readonly primitives: Primitives
  readonly rest: Rest
  readonly link: RestLink
  readonly opener: SegmentOpener
  readonly now: () => number
}

export interface OpenWith {
  /** Undefined: the one that the key file names. */
  readonly fleet: string | undefined
  /** Trust envelopes as far as they were known before. */
  readonly chain: readonly Bytes[]
  readonly keyFile: Bytes
  readonly keyName: string
  readonly passphrase: string
  /** Where new devices find the collector. */
  readonly urls: readonly string[]
}

export function openVault({ primitives: p, rest, link, opener, now }: VaultParts) {
  let holder: KeyHolder | undefined
  let urls: readonly string[] = []
  let prepared: (PreparedTrust & { readonly id: string; readonly kind: TrustChange['kind'] }) | undefined
  /** Of the order that was asked about last: its effect on files is told after all else. */
  let change: { readonly words: string; readonly is: Promise<Change> } | undefined
  const devices = new Map<string, Promise<Unlocked>>()

  function requireHolder(): KeyHolder {
    if (holder !== undefined) return holder
    throw new Failure('locked', 'the key is locked', { hint: 'unlock it with your passphrase' })
  }

  async function unlockedDevice(device: string): Promise<Unlocked> {
    const known = devices.get(device) ?? unlock(device as DeviceId)
    devices.set(device, known)
    known.catch(() => devices.delete(device))
    return known
  }

  async function unlock(device: DeviceId): Promise<Unlocked> {
    return { ...(await openDevice(requireHolder(), device)), search: undefined }
  }

  return {
    ...archiveAnswers({ primitives: p, opener, unlockedDevice }),
    ...restoreAnswers({ primitives: p, link, now, requireHolder, unlockedDevice }),
    async open({ fleet, urls: given, ...options }: OpenWith) {
      const known = { fleet: fleet as FleetId | undefined, chain: options.chain }
      holder = await openKeyHolder({ primitives: p, rest, link, known, ...options })
      urls = given
      return { name: holder.name, roles: holder.roles }
    },
    /** Anew, when the session of the key has ended. */
    async signIn() {
      const { signingKey, trust, history } = requireHolder()
      await signInWithKey(rest, signingKey, trust.fleet, history)
    },
    lock() {
      holder = undefined
      prepared = undefined
      change = undefined
      devices.clear()
    },
    async sign(draft: Draft) {
      const { envelope, token } = await signDraft(requireHolder(), draft, { nowMs: now(), urls })
      return { envelope: envelope.toBase64(), ...(token !== undefined && { token }) }
    },
    /** What an order would do; see policy/order-drafts.ts. */
    async effect(draft: OrderDraft): Promise<OrderEffect> {
      const own = requireHolder()
      change = { words: JSON.stringify(draft), is: changeOfDraft(own, draft, now()) }
      return effectOf(own, await change.is, now())
    },
    /** What it would do to files, by the keys of the devices that it concerns; see policy/files-effect.ts. */
    async files(draft: OrderDraft): Promise<FilesEffect> {
      const seen = change?.words === JSON.stringify(draft) ? change.is : undefined
      const is = await (seen ?? changeOfDraft(requireHolder(), draft, now()))
      return filesEffect(is, async device => (await unlockedDevice(device)).archive)
    },
    /**
     * The escrow drill: opens what every device escrowed, by the desk, and by the kit when its lines or its saved page are given.
     * Throws `bad_kit`, `kit_typo`, `wrong_kit`, `no_keyring`.
     */
    async prove(kitText?: string): Promise<readonly DrillResult[]> {
      const own = requireHolder()
      const kit = kitText === undefined ? undefined : readKit(kitText, own.trust.fleet)
      return Array.fromAsync(drill(own, linkRecords(link), await waysOf(own, kit), now()))
    },
    /** Of who may restore, any unlock proves what waits. How many devices that was. */
    async proveWaiting(): Promise<number> {
      const own = requireHolder()
      const waiting = own.roles.includes('restore') ? await waitingDevices(rest) : []
      if (waiting.length === 0) return 0
      const listDevices = () => leanRows(link, waiting)
      const prover = { ...own, link: { ...link, listDevices } }
      const results = await Array.fromAsync(
        drill(prover, linkRecords(link), await waysOf(own, undefined), now()),
      )
      return results.length
    },
    /** Composes the next Trust, and says what it says and does; nothing else can be signed than what was composed last. */
    async prepareTrust(
      change: TrustChange,
    ): Promise<{ readonly id: string; readonly lines: readonly string[] }> {
      prepared = undefined
      const composed = await prepareTrust(requireHolder(), change, now())
      prepared = { ...composed, id: hex(p.random(16)), kind: change.kind }
      return { id: prepared.id, lines: composed.lines }
    },
    /** `kit`: its lines, or its saved page. Throws `bad_kit`, `kit_typo`, `wrong_kit` and what the collector answers. */
    async signTrust(
      id: string,
      kit: string,
    ): Promise<{ readonly invitation: string | undefined; readonly isProposed: boolean }> {
      const before = requireHolder()
      if (prepared?.id !== id)
        throw new Failure('not_prepared', 'this was not what was shown last', { hint: 'begin again' })
      const signed = await signPrepared(before, prepared, readOwnerPaper(kit, before.trust.fleet), now())
      for (const envelope of signed.keyrings) await link.putRecord(envelope)
      if (signed.trust === undefined) {
        await rest.post('/trust/proposal', { envelope: signed.envelope.toBase64() })
        prepared = undefined
        return { invitation: undefined, isProposed: true }
      }
      await link.putRecord(signed.envelope)
      const history = [...before.history, signed.trust]
      holder = { ...before, history, trust: signed.trust }
      const chain = history.map(one => one.envelope)
      const isNew = prepared.kind === 'add'
      prepared = undefined
      devices.clear()
      const invitation = isNew ? writeInvitation({ fleet: signed.trust.fleet, urls, chain }) : undefined
      return { invitation, isProposed: false }
    },
    /** What the help desk sealed for the restore admins (restore/ask-for.tsx). Throws `bad_wish` and what opening throws. */
    async wish(sealed: string): Promise<{ path: Path; shown: string }> {
      const path = readPath(await openWishedPath(requireHolder().identity, sealed))
      return { path, shown: pathText(path) }
    },
  }
}

export type Vault = ReturnType<typeof openVault>
