/** How packages are made, whatever their kind. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Failure } from '@backstay/proto/failure'

export interface Making {
  /** Where the finished package goes. */
  readonly to: string
  /** Seconds since 1970 that every file in a package has, and the package itself where it has a time. */
  readonly seconds: number
  /** Larger and soon made: for tests. */
  readonly isFast: boolean
  /** Of the release key's private half; undefined: nothing is signed. */
  readonly keyFile: string | undefined
}

/** A folder for what is on the way; gone afterwards. */
export function workFolder(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'backstay-package-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** Runs a tool to its end. Throws `tool_missing` or `tool_failed` with what it said. */
export function runTool(tool: string, words: readonly string[], making: Making, input?: Uint8Array): Buffer {
  const environment = { ...process.env, SOURCE_DATE_EPOCH: String(making.seconds), LC_ALL: 'C', TZ: 'UTC' }
  const done = spawnSync(tool, words, { env: environment, maxBuffer: 1024 ** 3, ...(input && { input }) })
  if (done.error !== undefined) {
    throw new Failure('tool_missing', `"${tool}" cannot be run (${done.error.message})`, {
      hint: 'apt-get install dpkg-dev rpm xz-utils',
    })
  }
  if (done.status !== 0) throw new Failure('tool_failed', `${tool}: ${done.stderr.toString().trim()}`)
  return done.stdout
}
