/** The promises of `Watcher` (watch/watcher.ts), asked of those that look at a disk. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { utf8 } from '@backstay/proto/bytes'
import { excludesOf } from '@backstay/proto/policy/excludes'
import { type SimulatedClock, simulatedClock } from '@backstay/proto/simulated-clock'
import { pathKey } from '../../system/path-key.ts'
import { type Hints, rootCheckMs, type WatchedRoot, type Watcher } from '../watcher.ts'

export interface Watched {
  readonly watcher: Watcher
  readonly clock: SimulatedClock
  readonly root: string
  /** Hints until one is wanted, while time passes. */
  until(wanted: (hints: Hints) => boolean): Promise<void>
}

export type Open = (roots: readonly WatchedRoot[], clock: SimulatedClock, skip: string) => Watcher

export async function withWatcher(
  open: Open,
  deed: (watched: Watched) => Promise<void>,
  excludes: readonly string[] = [],
): Promise<void> {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'backstay-watch-')))
  const root = join(top, 'root')
  mkdirSync(join(root, 'there/deep'), { recursive: true })
  const clock = simulatedClock()
  const watcher = open([{ path: utf8(root), excludes: excludesOf(excludes) }], clock, join(root, 'state'))
  try {
    await watcher.ready
    await deed({ watcher, clock, root, until: wanted => passUntil(watcher, clock, wanted) })
  } finally {
    await watcher[Symbol.asyncDispose]()
    rmSync(top, { recursive: true, force: true })
  }
}

/** Bounded, so that a hint which never comes fails the test instead of holding it. */
const turnsMax = 400

async function passUntil(
  watcher: Watcher,
  clock: SimulatedClock,
  wanted: (hints: Hints) => boolean,
): Promise<void> {
  const stop = new AbortController()
  const found = (async () => {
    while (!wanted(await watcher.next(stop.signal)));
    return true
  })().catch(error => {
    if (!stop.signal.aborted) throw error
    return false
  })
  let isOver = false
  found.finally(() => {
    isOver = true
  })
  for (let turn = 0; turn < turnsMax && !isOver; turn++) {
    await clock.advance(rootCheckMs / 5)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
  stop.abort()
  assert.ok(await found, 'the hint never came')
}

export const names = (hints: Hints) => hints.folders.map(pathKey)

/** Whether a scan that believes these hints would look at `path`. */
export function covers(hints: Hints, path: string): boolean {
  return hints.missed !== undefined || names(hints).some(one => path === one || path.startsWith(`${one}/`))
}

export function watcherConformance(open: Open): void {
  it('hints at a folder in which a file or folder was made', () =>
    withWatcher(open, async ({ root, until }) => {
      writeFileSync(join(root, 'there/deep/new'), 'x')
      await until(hints => covers(hints, join(root, 'there/deep')))
      mkdirSync(join(root, 'there/another'))
      await until(hints => covers(hints, join(root, 'there')))
    }))

  it('says that a root is gone, and when it is back', () =>
    withWatcher(open, async ({ watcher, root, until }) => {
      renameSync(root, `${root}-away`)
      await until(hints => hints.gone.map(pathKey).includes(root))
      assert.equal(watcher.health().roots[0]?.state, 'missing')
      renameSync(`${root}-away`, root)
      await until(hints => hints.back.map(pathKey).includes(root))
      assert.notEqual(watcher.health().roots[0]?.state, 'missing')
    }))

  it('ends while somebody waits for a hint, and the wait with its signal', () =>
    withWatcher(open, async ({ watcher }) => {
      const stop = new AbortController()
      const waiting = watcher.next(stop.signal)
      stop.abort(new Error('enough'))
      await assert.rejects(waiting, /enough/)
    }))
}
