/** A collector that serves a made fleet, and a browser: what most stories begin with. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { type MadeFleet, type MadeFleetOptions, makeFleetFolder } from '../testing/made-fleet.ts'
import { openChromium } from './chromium.ts'
import { type ServedConsole, type ServeOptions, serveConsole } from './serve-console.ts'

export interface MadeConsole extends AsyncDisposable {
  readonly served: ServedConsole
  readonly browser: Browser
  readonly fleet: MadeFleet
}

export async function openMadeConsole(
  fleet: Omit<MadeFleetOptions, 'folder'>,
  options?: ServeOptions,
): Promise<MadeConsole> {
  const folder = mkdtempSync(join(tmpdir(), 'backstay-story-'))
  await using opened = new AsyncDisposableStack()
  opened.defer(() => rmSync(folder, { recursive: true, force: true }))
  const made = await makeFleetFolder({ ...fleet, folder: join(folder, 'data') })
  const served = opened.use(await serveConsole(join(folder, 'data'), options))
  const browser = opened.use(await openChromium())
  const held = opened.move()
  return { served, browser, fleet: made, [Symbol.asyncDispose]: () => held.disposeAsync() }
}
