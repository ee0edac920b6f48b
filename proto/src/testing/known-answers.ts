/**
 * Known answers: a case names a deed, gives its input (bytes as hexadecimal) and either its output or the code of the
 * failure with which it must be refused. Each room has a table of deeds; all run on any set of primitives, in Node or in
 * a browser, and a second implementation needs nothing but the files in proto/vectors and docs/format.md.
 */
import { type Bytes, fromHex, hex, utf8 } from '../bytes.ts'
import { isFailure } from '../failure.ts'
import type { Primitives } from '../primitives.ts'

export interface VectorCase {
  readonly name: string
  readonly deed: string
  readonly input: Input
  readonly output?: unknown
  /** The code of the failure that must be thrown. */
  readonly failure?: string
}

export interface VectorFile {
  readonly about: string
  /** Long values that cases refer to as "@name". */
  readonly shared: Readonly<Record<string, string>>
  readonly cases: readonly VectorCase[]
}

export type Input = Readonly<Record<string, unknown>>
export type Deed = (p: Primitives, input: Input) => Promise<unknown>
export type Deeds = Readonly<Record<string, Deed>>
export type Result = { readonly output: unknown } | { readonly failure: string }

/** Returns one line for each case that went otherwise than it must; none when all is well. */
export async function runKnownAnswers(
  deeds: Deeds,
  p: Primitives,
  vectors: Readonly<Record<string, VectorFile>>,
): Promise<string[]> {
  const failures: string[] = []
  for (const [file, { cases, shared }] of Object.entries(vectors)) {
    for (const one of cases) {
      const expected = JSON.stringify('failure' in one ? { failure: one.failure } : { output: one.output })
      const got = JSON.stringify(await runDeed(deeds, p, one.deed, resolve(one.input, shared) as Input))
      if (got !== expected) failures.push(`${file}: ${one.name}: expected ${expected}, got ${got}`)
    }
  }
  return failures
}

/** The output of one deed as JSON, or the code with which it refused. */
export async function runDeed(deeds: Deeds, p: Primitives, deed: string, input: Input): Promise<Result> {
  const run = deeds[deed]
  if (run === undefined) throw new RangeError(`no deed is called "${deed}"`)
  try {
    return { output: asJson(await run(p, input)) }
  } catch (error) {
    if (isFailure(error)) return { failure: error.code }
    throw error
  }
}

/** Puts the shared values in the place of their names. */
export function resolve(value: unknown, shared: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string') return value.startsWith('@') ? shared[value.slice(1)] : value
  if (Array.isArray(value)) return value.map(part => resolve(part, shared))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, resolve(part, shared)]))
}

/** Bytes become hexadecimal, what is undefined is left out. */
export function asJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return hex(value)
  if (Array.isArray(value)) return value.map(asJson)
  if (typeof value !== 'object' || value === null) return value
  const known = Object.entries(value).filter(([, part]) => part !== undefined)
  return Object.fromEntries(known.map(([name, part]) => [name, asJson(part)]))
}

export function text(input: Input, name: string): string {
  return String(input[name])
}

export function number(input: Input, name: string): number {
  return Number(input[name])
}

export function bytes(input: Input, name: string): Bytes {
  const read = fromHex(text(input, name))
  if (read === undefined) throw new TypeError(`input "${name}" is not hexadecimal`)
  return read
}

/** Empty when there is none. */
export function list(input: Input, name: string): Bytes[] {
  return values(input, name).map(value => bytes({ value }, 'value'))
}

/** Empty when there is none. */
export function values(input: Input, name: string): readonly unknown[] {
  const found = input[name]
  if (found === undefined) return []
  if (!Array.isArray(found)) throw new TypeError(`input "${name}" is not a list`)
  return found
}

/**
 * Bytes that anyone can make again: zeros under AES-256-GCM with the key SHA-256(seed), a nonce of zeros and no
 * associated data, without the tag.
 */
export async function streamOf(p: Primitives, seed: string, length: number): Promise<Bytes> {
  const key = await p.sha256(utf8(seed))
  const sealed = await p.aeadSeal(key, new Uint8Array(12), new Uint8Array(), new Uint8Array(length))
  return sealed.subarray(0, length)
}
