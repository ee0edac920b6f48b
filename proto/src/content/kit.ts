/**
 * The recovery kit: three lines on paper from which everything can be read and commanded again.
 *
 *     line 1   BACKSTAY-FLEET-1…        which fleet: SHA-256 of version 1 of Trust
 *     line 2   BACKSTAY-OWNER-KEY-1…    Ed25519 seed of an owner: signs Trust
 *     line 3   AGE-SECRET-KEY-PQ-1…     the kit identity: opens every escrow, also with a stock age
 *
 * Each is Bech32, whose checksum finds any four mistyped characters; capitals and spaces do not matter.
 */
import { decodeBech32, encodeBech32 } from '../bech32.ts'
import { type Bytes, concat, hex, utf8 } from '../bytes.ts'
import { Failure } from '../failure.ts'
import { type FleetId, fleetId, idToBytes } from '../object/id.ts'
import type { Primitives } from '../primitives.ts'
import type { Identity } from './age.ts'
import { wordsFrom } from './words.ts'

export interface Kit {
  readonly fleet: FleetId
  /** 32 bytes. Never logged. */
  readonly ownerSeed: Bytes
  /** `AGE-SECRET-KEY-PQ-1…` Never logged. */
  readonly identity: Identity
}

/** What an owner has on paper who signs and does not read: a kit without its third line. */
export type OwnerPaper = Pick<Kit, 'fleet' | 'ownerSeed'>

export interface KitLine {
  readonly number: 1 | 2 | 3
  readonly name: string
  /** Without spaces, in capitals. */
  readonly text: string
}

/** A saved page with three QR codes has less than a tenth of this. */
const textMax = 4 * 1024 * 1024
/** 32 bytes in groups of five bits, and a checksum of six characters. */
const dataCharacters = 58
const groupCharacters = 6
const checkWordCount = 4

const forms = [
  { number: 1, name: 'fleet', prefix: 'BACKSTAY-FLEET-' },
  { number: 2, name: 'owner key', prefix: 'BACKSTAY-OWNER-KEY-' },
  { number: 3, name: 'recovery key', prefix: 'AGE-SECRET-KEY-PQ-' },
] as const
type Form = (typeof forms)[number]

export function kitLines(kit: Kit): readonly [KitLine, KitLine, KitLine]
export function kitLines(paper: Kit | OwnerPaper): readonly KitLine[]
export function kitLines(paper: Kit | OwnerPaper): readonly KitLine[] {
  const [fleet, owner, identity] = forms
  const lines: readonly KitLine[] = [
    { number: 1, name: fleet.name, text: encodeBech32(fleet.prefix, idToBytes(paper.fleet)) },
    { number: 2, name: owner.name, text: encodeBech32(owner.prefix, paper.ownerSeed) },
  ]
  return 'identity' in paper ? [...lines, { number: 3, name: identity.name, text: paper.identity }] : lines
}

/** The line as it is printed: after its prefix, groups of six characters. */
export function kitGroups(line: KitLine): { readonly prefix: string; readonly groups: readonly string[] } {
  const at = line.text.lastIndexOf('1') + 1
  return { prefix: line.text.slice(0, at), groups: line.text.slice(at).match(/.{1,6}/g) ?? [] }
}

export const groupsInLine = Math.ceil(dataCharacters / groupCharacters)

/**
 * Reads a kit from what was typed or from a saved page, HTML or text. Throws `kit_typo`, naming the line, and with a
 * `fleet` given `wrong_kit` when the kit is of another.
 */
export function readKit(text: string, fleet?: FleetId): Kit {
  const paper = readOwnerPaper(text, fleet)
  return { ...paper, identity: readLine(plainText(text), forms[2]).text }
}

/** The same of an owner's paper; of a kit, its first two lines. */
export function readOwnerPaper(text: string, fleet?: FleetId): OwnerPaper {
  if (text.length > textMax) throw new Failure('bad_kit', 'this is no recovery kit: it is too long')
  const plain = plainText(text)
  const [first, second] = forms
  if (!forms.some(form => plain.includes(form.prefix))) {
    throw new Failure('bad_kit', 'this is no recovery kit: none of its three lines is in it', {
      hint: 'give the saved page recovery-kit.html, or type the three lines of the kit',
    })
  }
  const read = fleetId(readLine(plain, first).bytes)
  // Before the other lines: who holds the wrong paper need not look for typing mistakes on it.
  if (fleet !== undefined) requireKitOf({ fleet: read }, fleet)
  return { fleet: read, ownerSeed: readLine(plain, second).bytes }
}

const plainText = (text: string) => text.replaceAll(/<[^>]*>/g, ' ').toUpperCase()

/** Throws `wrong_kit`. */
export function requireKitOf(kit: Pick<Kit, 'fleet'>, fleet: FleetId): void {
  if (kit.fleet === fleet) return
  throw new Failure('wrong_kit', `this recovery kit is of fleet "${kit.fleet}", not "${fleet}"`, {
    hint: 'look for the kit whose line 1 belongs to this fleet',
  })
}

/** Four words that change when any character of the kit does: typed back, they show that the printed page is legible. */
export async function kitCheckWords(p: Primitives, paper: Kit | OwnerPaper): Promise<string[]> {
  const identity = 'identity' in paper ? paper.identity : ''
  const secret = concat(idToBytes(paper.fleet), paper.ownerSeed, utf8(identity))
  return wordsFrom(await p.sha256(concat(utf8('backstay/kit-check'), secret)), checkWordCount)
}

/** The fleet id as people compare it: groups of four digits, the first half. */
export function fingerprintOf(fleet: FleetId): string {
  return (hex(idToBytes(fleet)).slice(0, 32).match(/.{4}/g) ?? []).join(' ')
}

/** A page may mention the beginning of a line elsewhere, so every place where one begins is tried. */
function readLine(plain: string, form: Form): { readonly text: string; readonly bytes: Bytes } {
  const start = `${form.prefix}1`
  for (let at = plain.indexOf(start); at !== -1; at = plain.indexOf(start, at + 1)) {
    const data = plain.slice(at + start.length, at + start.length + 4 * dataCharacters).replaceAll(/\s+/g, '')
    const text = start + data.slice(0, dataCharacters)
    const bytes = decodeBech32(form.prefix, text, text.length)
    if (bytes?.length === 32) return { text, bytes }
  }
  throw new Failure('kit_typo', `line ${form.number} of the kit (${form.name}) is missing or mistyped`, {
    hint: `compare it with the paper, character by character; it begins with ${start}`,
  })
}
