/**
 * Which keychain holds this device's secrets. Chosen once, when it enrols, and written down beside them: a keychain that
 * is away later is waited for, never replaced, because a device without its keys would be another device. Whoever wants them
 * elsewhere has them moved (key-move.ts).
 *
 *     <state>/identity/keychain.json   {"kind":"credential","check":"…"}; without it (older agents) the secrets are files.
 *                                      `also`: another one, in which copies may lie
 *
 * Where nobody says which: the key that systemd gives, where it gives one; the keyring of the system where it keeps a
 * secret that we try on it, but for root on Linux, whose services have none that lasts; else files.
 */
import { join } from 'node:path'
import { type Bytes, base64url, equalBytes, fromBase64url, hex } from '@backstay/proto/bytes'
import { Failure, isFailure } from '@backstay/proto/failure'
import type { Primitives } from '@backstay/proto/primitives'
import { checkedJson, damaged, type Place, readChecked } from './checked-json.ts'
import { readSmall, writeDurably } from './durable-file.ts'
import { type Kept, moveSecrets, settleSecrets } from './key-move.ts'
import type { Keychain } from './keychain.ts'
import type { KeychainKind } from './keychain-kind.ts'
import { checkOf, stateKeyName } from './state-key.ts'

/** As heartbeats call it. */
export function protectionOf(kind: KeychainKind | undefined): string {
  return kind === 'system' ? 'keychain' : (kind ?? '')
}

export interface KeyStore extends Keychain {
  /** Which it is; undefined before the first secret was set. Throws `identity_damaged`. */
  kind(): Promise<KeychainKind | undefined>
  /** Another one in which a move that was cut off may have left copies. Throws `identity_damaged`. */
  copies(): Promise<KeychainKind | undefined>
  /** Brings all secrets, which have these names, into another keychain. Throws `keychain_unavailable`, and nothing is moved then. */
  move(names: readonly string[], to: KeychainKind): Promise<void>
  /** Removes such copies. Throws `keychain_unavailable`. */
  settle(names: readonly string[]): Promise<void>
}

/** Throws `other_keychain` when an enrolment that was begun has put keys elsewhere than somebody wants them now. */
export async function requireKind(
  store: Pick<KeyStore, 'kind'>,
  wanted: KeychainKind | undefined,
): Promise<void> {
  const kind = await store.kind()
  if (wanted === undefined || kind === undefined || kind === wanted) return
  throw new Failure('other_keychain', `an enrolment was begun here, with its keys in "${kind}"`, {
    hint: `leave out --keychain, and move them afterwards: backstay-agent keys --to ${wanted}`,
  })
}

export interface KeyStoreOptions {
  /** As whoever enrols says. */
  readonly wanted: KeychainKind | undefined
  /** Whether the keyring of the system is tried where nobody says. */
  readonly triesSystem: boolean
  /** As all secrets were kept once. */
  readonly files: Keychain
  sealed(key: Bytes): Keychain
  /** 32 bytes, where systemd gives them. */
  stateKey(): Promise<Bytes | undefined>
  /** Throws `keychain_unavailable`. */
  openSystem(service: string): Promise<Keychain>
}

type Choice =
  | { readonly kind: 'file' }
  | { readonly kind: 'system'; readonly service: string }
  | { readonly kind: 'credential'; readonly check: Bytes }

const fileBytesMax = 4096

/** `folder` is `<state>/identity`. */
export function keyStore(p: Primitives, folder: string, options: KeyStoreOptions): KeyStore {
  const { wanted, triesSystem, files, sealed, stateKey, openSystem } = options
  const file = join(folder, 'keychain.json')
  let opened: Keychain | undefined

  /** One deed at a time: nothing is set where it is just being moved away from. */
  let last: Promise<unknown> = Promise.resolve()
  function inTurn<Result>(deed: () => Promise<Result>): Promise<Result> {
    const done = last.then(deed)
    last = done.catch(() => undefined)
    return done
  }

  async function kept(): Promise<Kept<Choice> | undefined> {
    const bytes = await readSmall(file, fileBytesMax)
    if (bytes !== undefined) {
      const place = { what: `"${file}"`, hint: 'put back the file from a copy of the state folder' }
      return keptOf(place, await readChecked(p, place, bytes))
    }
    const isOlder = (await files.get('device')) !== undefined
    return isOlder ? { choice: { kind: 'file' }, also: undefined } : undefined
  }

  async function write({ choice, also }: Kept<Choice>): Promise<void> {
    const content = { ...written(choice), ...(also && { also: written(also) }) }
    await writeDurably(file, await checkedJson(p, content))
  }

  async function open(chosen: Choice): Promise<Keychain> {
    switch (chosen.kind) {
      case 'file':
        return files
      case 'system':
        return waited(await openSystem(chosen.service).catch(away), away)
      default: {
        const key = await stateKey()
        if (key === undefined) throw noStateKey()
        if (!equalBytes(await checkOf(p, key), chosen.check)) throw otherStateKey()
        return sealed(key)
      }
    }
  }

  async function choose(wanted: KeychainKind | undefined): Promise<Choice> {
    if (wanted === 'file') return { kind: 'file' }
    const key = wanted === 'system' ? undefined : await stateKey()
    if (key !== undefined) return { kind: 'credential', check: await checkOf(p, key) }
    if (wanted === 'credential') throw noStateKey()
    if (wanted === undefined && !triesSystem) return { kind: 'file' }
    // Two state folders of one user keep apart.
    const service = `Backstay agent ${hex(p.random(4))}`
    try {
      await requireKeeps(p, await openSystem(service))
      return { kind: 'system', service }
    } catch (error) {
      if (wanted === undefined && isFailure(error, 'keychain_unavailable')) return { kind: 'file' }
      throw error
    }
  }

  async function there(): Promise<Keychain | undefined> {
    const known = opened === undefined ? await kept() : undefined
    if (known !== undefined) opened = await open(known.choice)
    return opened
  }

  async function thereOrChosen(): Promise<Keychain> {
    const already = await there()
    if (already !== undefined) return already
    const choice = await choose(wanted)
    const keychain = await open(choice)
    await write({ choice, also: undefined })
    opened = keychain
    return keychain
  }

  return {
    kind: async () => (await kept())?.choice.kind,
    copies: async () => (await kept())?.also?.kind,
    get: name => inTurn(async () => (await there())?.get(name)),
    set: (name, secret) => inTurn(async () => (await thereOrChosen()).set(name, secret)),
    delete: name => inTurn(async () => (await there())?.delete(name) ?? false),
    move: (names, to) =>
      inTurn(async () => {
        const known = await kept()
        if (known === undefined) throw new Error('assertion failed: there are secrets to be moved')
        await settleSecrets({ write, open }, known, names)
        if (known.choice.kind === to) return
        const parts = { from: known.choice, to: await choose(to) }
        opened = undefined
        opened = await moveSecrets({ write, open }, parts, names)
      }),
    settle: names =>
      inTurn(async () => {
        const known = await kept()
        if (known !== undefined) await settleSecrets({ write, open }, known, names)
      }),
  }
}

/** Throws `keychain_unavailable` unless it gives back what it was given: a probe that only reads finds nothing, gladly. */
async function requireKeeps(p: Primitives, keychain: Keychain): Promise<void> {
  const secret = p.random(32)
  await keychain.set('probe', secret)
  const kept = await keychain.get('probe')
  await keychain.delete('probe')
  if (kept !== undefined && equalBytes(kept, secret)) return
  throw new Failure('keychain_unavailable', 'the keyring of this system does not keep what it is given')
}

/** The same keychain, whose silence is explained to who lost it. */
function waited(keychain: Keychain, explain: (error: unknown) => never): Keychain {
  return {
    get: name => keychain.get(name).catch(explain),
    set: (name, secret) => keychain.set(name, secret).catch(explain),
    delete: name => keychain.delete(name).catch(explain),
  }
}

function away(cause: unknown): never {
  if (!isFailure(cause, 'keychain_unavailable')) throw cause
  throw unavailable(
    'they lie in the keyring of this system, which does not answer',
    'unlock the keyring, for example by signing in; the device stays what it is, do not enroll it anew',
    cause,
  )
}

const noStateKey = () =>
  unavailable(
    `they are sealed with the credential ${stateKeyName}, which is not there`,
    `let the agent's unit load it (LoadCredentialEncrypted=${stateKeyName}:…), or ask the running agent`,
  )

const otherStateKey = () =>
  unavailable(
    `they are sealed with another credential ${stateKeyName} than the one that is there`,
    'give back the earlier one, on the machine where it was made; the device stays what it is, do not enroll it anew',
  )

function unavailable(why: string, hint: string, cause?: unknown): Failure {
  return new Failure('keychain_unavailable', `the keys of this device cannot be used: ${why}`, {
    remedy: 'retry',
    hint,
    cause,
  })
}

function written(chosen: Choice): object {
  return chosen.kind === 'credential' ? { ...chosen, check: base64url(chosen.check) } : chosen
}

function keptOf(place: Place, content: unknown): Kept<Choice> {
  const { also } = (content ?? {}) as Record<string, unknown>
  return {
    choice: choiceOf(place, content),
    also: also === undefined ? undefined : choiceOf(place, also),
  }
}

function choiceOf(place: Place, content: unknown): Choice {
  const { kind, service, check } = (content ?? {}) as Record<string, unknown>
  if (kind === 'file') return { kind }
  if (kind === 'system' && typeof service === 'string') return { kind, service }
  const bytes = typeof check === 'string' ? fromBase64url(check) : undefined
  if (kind === 'credential' && bytes !== undefined) return { kind, check: bytes }
  throw damaged(place, 'it names no keychain that this program knows')
}
