/**
 * Collects the cases of one vector file; outputs come from running the deed, failures must be as foretold. With --check
 * nothing is written: a file that is not current is named and the program ends with 1.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Bytes, hex, utf8 } from '@backstay/proto/bytes'
import { nodePrimitives } from '@backstay/proto/node'
import type { Primitives } from '@backstay/proto/primitives'
import { type Input, type Result, resolve, type VectorCase } from '@backstay/proto/testing/known-answers'
import { runVector } from '@backstay/proto/trust/testing/vectors'

export const vectorFolder = join(import.meta.dirname, '../../proto/vectors')

/** Random bytes that are the same at every run: SHA-256 of a counter. */
export function fixedPrimitives(name: string): Primitives {
  let count = 0
  return {
    ...nodePrimitives,
    random(length) {
      const hasher = nodePrimitives.hasher()
      hasher.update(utf8(`${name} ${count++}`))
      return hasher.digest().slice(0, length)
    },
  }
}

export interface Book {
  /** Names a long value; returns what cases refer to it by. */
  share(name: string, value: Bytes | string): string
  add(name: string, deed: string, input: Input, failure?: string): Promise<void>
  write(): void
}

/** Runs one deed of the room that the book belongs to. */
export type RunDeed = (p: Primitives, deed: string, input: Input) => Promise<Result>

export function openBook(file: string, about: string, run: RunDeed = runVector): Book {
  const shared: Record<string, string> = {}
  const cases: VectorCase[] = []
  return {
    share(name, value) {
      shared[name] = typeof value === 'string' ? value : hex(value)
      return `@${name}`
    },
    async add(name, deed, input, failure) {
      const result = await run(nodePrimitives, deed, resolve(input, shared) as Input)
      const got = 'failure' in result ? result.failure : undefined
      if (got !== failure)
        throw new Error(`${file}: ${name}: expected ${failure ?? 'success'}, got ${got ?? 'success'}`)
      if (cases.some(one => one.name === name)) throw new Error(`${file}: two cases are named "${name}"`)
      cases.push({ name, deed, input, ...result })
    },
    write() {
      keep(file, `${JSON.stringify({ about, shared, cases }, undefined, 1)}\n`)
    },
  }
}

function keep(file: string, made: string): void {
  const path = join(vectorFolder, file)
  if (!process.argv.includes('--check')) {
    writeFileSync(path, made)
  } else if (readFileSync(path, 'utf8') !== made) {
    console.error(`not current: ${path} (run the program in scripts/vectors that names it; see what changed)`)
    process.exitCode = 1
  }
}
