/**
 * What devices fetch: the word of the release key, and packages. They hold no secret, and are handed out to whoever asks. A
 * device says who it is, so that one which is not heard again is missed; nobody proves it, since all that a lie could do is to
 * hold a release back.
 */
import { Failure } from '@backstay/proto/failure'
import type { RolloutFacts } from '@backstay/proto/health/rollout'
import { deviceHeader } from '@backstay/proto/trust/release'
import express, { type Router } from 'express'
import type { HeldRelease, PackageStore } from './package-store.ts'
import { stateOf } from './rollout.ts'

export interface Devices {
  factsOf(version: string): RolloutFacts
  /** `device`: as the request named it; whoever is not known is passed over. Throws what the catalog throws. */
  noteTaken(device: string, version: string): Promise<void>
}

export function releaseFiles(
  store: Pick<PackageStore, 'find' | 'read'>,
  { factsOf, noteTaken }: Devices,
): Router {
  const router = express.Router()

  async function handedOut(version: string): Promise<HeldRelease> {
    const held = await store.find(version)
    if (held === undefined) throw new Failure('no_release', `this collector holds no release ${version}`)
    if (stateOf(held, factsOf(version)) === 'handed_out') return held
    throw new Failure('release_halted', `release ${version} is handed out no further for now`, {
      remedy: 'retry',
      hint: 'devices that took it are worse than the others; on the collector: backstay-collector release list',
    })
  }

  router.get('/:version', async ({ params }, response) => {
    const { envelope } = await handedOut(params.version)
    response.set('cache-control', 'no-store').type('application/octet-stream').send(Buffer.from(envelope))
  })
  router.get('/:version/:name', async ({ params, headers }, response) => {
    const found = await store.read(await handedOut(params.version), params.name)
    if (found === undefined) throw new Failure('no_release', 'the release names no such file')
    const device = headers[deviceHeader]
    if (typeof device === 'string') await noteTaken(device, params.version)
    response.set({ 'cache-control': 'no-store', 'content-length': String(found.file.bytes) })
    response.type('application/octet-stream')
    found.bytes.on('error', error => response.destroy(error)).pipe(response)
  })
  return router
}
