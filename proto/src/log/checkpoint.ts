/**
 * The collector's signed word on how its log stands: a C2SP checkpoint (c2sp.org/tlog-checkpoint) in a C2SP signed note
 * (c2sp.org/signed-note), so that tools of others can judge it too. docs/format.md §13.
 *
 *     backstay/<fleet>/<collector>
 *     1042
 *     <base64 of the root>
 *
 *     — backstay/<fleet>/<collector> <base64 of key hash ‖ Ed25519 signature>
 *
 * The origin names the collector's key: a collector that owners replaced begins another log, and no other key can go on with it.
 */
import { type Bytes, concat, equalBytes, fromUtf8, hex, utf8 } from '../bytes.ts'
import { Failure } from '../failure.ts'
import type { FleetId } from '../object/id.ts'
import type { Primitives, SigningKey } from '../primitives.ts'
import { hashBytes, logSizeMax } from './merkle.ts'
import type { TreeHead } from './proof.ts'

export interface Checkpoint extends TreeHead {
  readonly origin: string
  /** As it was signed. */
  readonly note: Bytes
}

/** One signature and no extension take about 330. */
export const checkpointBytesMax = 1024
const originKeyBytes = 8
const signatureBytes = 64
/** Algorithm byte of Ed25519 in c2sp.org/signed-note. */
const ed25519 = 1
const signaturesMax = 4

export async function originOf(p: Primitives, fleet: FleetId, collectorKey: Bytes): Promise<string> {
  return `backstay/${fleet}/${hex(await p.sha256(collectorKey)).slice(0, 2 * originKeyBytes)}`
}

export async function signCheckpoint(
  p: Primitives,
  fleet: FleetId,
  { size, root }: TreeHead,
  key: SigningKey,
): Promise<Checkpoint> {
  const origin = await originOf(p, fleet, key.publicKey)
  const text = `${origin}\n${size}\n${root.toBase64()}\n`
  const signature = concat(await keyHash(p, origin, key.publicKey), await key.sign(utf8(text)))
  return { origin, size, root, note: utf8(`${text}\n— ${origin} ${signature.toBase64()}\n`) }
}

/** Throws `bad_checkpoint`, and `bad_signature` when none of the keys of this fleet's collectors signed it. */
export async function verifyCheckpoint(
  p: Primitives,
  note: Bytes,
  { fleet, keys }: { readonly fleet: FleetId; readonly keys: readonly Bytes[] },
): Promise<Checkpoint> {
  const { text, signatures, ...checkpoint } = parseNote(note)
  for (const key of keys) {
    if (checkpoint.origin !== (await originOf(p, fleet, key))) continue
    const hash = await keyHash(p, checkpoint.origin, key)
    for (const { name, bytes } of signatures) {
      if (name !== checkpoint.origin || !equalBytes(bytes.subarray(0, hash.length), hash)) continue
      if (await p.verify(key, utf8(text), bytes.subarray(hash.length))) return checkpoint
    }
  }
  throw new Failure('bad_signature', 'the checkpoint is not signed by a collector of this fleet')
}

/** Believes nothing. Throws `bad_checkpoint`. */
export function decodeCheckpoint(note: Bytes): Checkpoint {
  const { origin, size, root } = parseNote(note)
  return { origin, size, root, note }
}

interface Note extends Checkpoint {
  readonly text: string
  readonly signatures: readonly { readonly name: string; readonly bytes: Bytes }[]
}

function parseNote(note: Bytes): Note {
  if (note.length > checkpointBytesMax) throw bad(`it has ${note.length} bytes`)
  const whole = textOf(note)
  const split = whole.lastIndexOf('\n\n')
  const text = whole.slice(0, split + 1)
  const signed = whole.slice(split + 2)
  if (split < 0 || !signed.endsWith('\n')) throw bad('it has no signature')
  const [origin = '', sizeText = '', rootText = ''] = text.split('\n')
  if (!/^[!-*,-~]+$/.test(origin)) throw bad('its origin is not a name')
  const size = Number(sizeText)
  if (!/^(0|[1-9][0-9]{0,15})$/.test(sizeText) || size > logSizeMax) throw bad('its size is not a number')
  const root = base64Of(rootText)
  if (root?.length !== hashBytes) throw bad('its root is not a hash')
  const lines = signed.slice(0, -1).split('\n')
  if (lines.length > signaturesMax) throw bad(`it has ${lines.length} signatures`)
  return { origin, size, root, note, text, signatures: lines.map(signatureOf) }
}

function signatureOf(line: string): Note['signatures'][number] {
  const [, name, encoded] = /^— ([!-*,-~]+) (\S+)$/.exec(line) ?? []
  const bytes = encoded === undefined ? undefined : base64Of(encoded)
  if (name === undefined || bytes === undefined) throw bad('a signature cannot be read')
  // Another kind of key may have signed it as well.
  return { name, bytes: bytes.length === 4 + signatureBytes ? bytes : new Uint8Array() }
}

async function keyHash(p: Primitives, name: string, publicKey: Bytes): Promise<Bytes> {
  return (await p.sha256(concat(utf8(`${name}\n`), Uint8Array.of(ed25519), publicKey))).slice(0, 4)
}

/** Undefined for what an encoder would write otherwise. */
function base64Of(text: string): Bytes | undefined {
  try {
    const bytes = Uint8Array.fromBase64(text, { lastChunkHandling: 'strict' })
    return bytes.toBase64() === text ? bytes : undefined
  } catch {
    return undefined
  }
}

function textOf(note: Bytes): string {
  try {
    return fromUtf8(note)
  } catch {
    throw bad('it is not UTF-8')
  }
}

function bad(why: string): Failure {
  return new Failure('bad_checkpoint', `not a checkpoint: ${why}`)
}
