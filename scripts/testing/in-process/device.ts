/** An agent in this process: real identity, memory, backup and restore; how it reaches its collector is the caller's. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Agent, agentOf, nobody } from '@backstay/agent/agent'
import { runBackup } from '@backstay/agent/backup/run-backup'
import { ownArchive } from '@backstay/agent/commands/archive'
import { durableFiles } from '@backstay/agent/keys/durable-file'
import { enroll } from '@backstay/agent/keys/enroll'
import { identityStore } from '@backstay/agent/keys/identity'
import type { Keychain } from '@backstay/agent/keys/keychain'
import { keptInFiles } from '@backstay/agent/keys/testing/kept-in-files'
import { connectDevice } from '@backstay/agent/link/connect'
import type { Session } from '@backstay/agent/link/session'
import { type RestoreResult, restore } from '@backstay/agent/restore/restore'
import { openTarget } from '@backstay/agent/restore/target'
import type { System } from '@backstay/agent/system/system'
import { restoreThreads } from '@backstay/agent/threads/restore-threads'
import { utf8 } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'
import { objectPages } from '@backstay/proto/content/archive/object-pages'
import { openSnapshot } from '@backstay/proto/content/archive/snapshots'
import { componentsOf } from '@backstay/proto/content/map/absolute-path'
import { Failure } from '@backstay/proto/failure'
import { noPolicy } from '@backstay/proto/policy/effective'
import type { Primitives } from '@backstay/proto/primitives'
import { type TestFleet, testDevice } from '@backstay/proto/trust/testing/fleet'
import { encodeToken } from '@backstay/proto/trust/token'
import type { Transport } from '@backstay/proto/wire/transport'

export interface DeviceOptions {
  readonly primitives: Primitives
  readonly clock: Clock
  readonly transport: Transport
  readonly fleet: TestFleet
  readonly system: System
  readonly keychain: Keychain
  /** Its state folder, made here. */
  readonly state: string
  readonly name: string
}

/** Enrols a new device; its grant is good for a day from `testNowMs` on. */
export async function enrolledAgent(options: DeviceOptions): Promise<Agent> {
  const { primitives: p, clock, transport, fleet, state, name } = options
  mkdirSync(state, { recursive: true, mode: 0o700 })
  const identities = identityStore(p, join(state, 'identity'), options.keychain)
  const token = await tokenFor(p, fleet, name)
  await enroll({
    primitives: p,
    clock,
    transport,
    identities,
    token,
    name,
    platform: 'linux',
    software: 'test',
  })
  return openAgent({ ...options, identities })
}

async function openAgent(options: DeviceOptions & Pick<Agent, 'identities'>): Promise<Agent> {
  const identity = await options.identities.readIdentity()
  if (identity === undefined) throw new Error('the device is not enrolled')
  const { primitives, clock, transport, state, identities, system } = options
  const around = { primitives, clock, transport, state, identities, files: durableFiles }
  return agentOf({ ...around, secrets: keptInFiles }, identity, { system, owner: nobody })
}

async function tokenFor(p: Primitives, fleet: TestFleet, name: string): Promise<string> {
  const device = await testDevice(p, fleet, name)
  return encodeToken({
    urls: ['wss://collector.test:7443'],
    spkiPins: fleet.trust.document.collectors.flatMap(one => one.spkiPins),
    fleet: fleet.trust.fleet,
    trustVersion: fleet.trust.document.version,
    trustHash: fleet.trust.payloadHash,
    grant: device.grantEnvelope,
    // As testKey makes it.
    grantSeed: await p.sha256(utf8(`grant ${name}`)),
  })
}

/** One backup of the folders over a session of its own, as `backstay-agent backup` runs it. */
export async function backUpFolders(agent: Agent, roots: readonly string[], signal?: AbortSignal) {
  const session = await connect({ ...agent, head: await agent.identities.readHead() })
  try {
    return await backUpOver(session, agent, roots, signal)
  } finally {
    await session.close()
  }
}

/** The same over a session that goes on, as `backstay-agent run` has one. */
export async function backUpOver(
  session: Session,
  agent: Agent,
  roots: readonly string[],
  signal?: AbortSignal,
) {
  const local = { roots: roots.map(utf8), excludes: [] }
  const orders = { policy: noPolicy, orders: [] }
  const seenTrust = agent.trust.document.version
  const now = { ...agent, head: await agent.identities.readHead() }
  return runBackup(now, { session, orders, seenTrust, local, ...(signal && { signal }) })
}

/** Restores a folder of the snapshot with this number. */
export async function restoreFolder(
  agent: Agent,
  sequence: number,
  path: string,
  to: string,
): Promise<RestoreResult> {
  const session = await connect(agent)
  try {
    const archive = await ownArchive(agent, session)
    for await (const { stored, receivedAtMs } of archive.records()) {
      const snapshot = await openSnapshot(archive.reader, stored, receivedAtMs)
      if (snapshot.commit.sequence !== sequence) continue
      await using threads = restoreThreads(2)
      const { opener, files } = threads
      const ownership = agent.system.effectiveUser() === 0
      using target = openTarget(agent.system, utf8(to), {
        asRoot: false,
        ownership,
        conflict: 'suffix',
        files,
      })
      const pages = objectPages(agent.primitives, archive.source, archive.keys)
      const { source } = archive
      return await restore({
        source,
        pages,
        opener,
        root: snapshot.root,
        path: componentsOf(utf8(path)),
        target,
      })
    }
    throw new Failure('no_snapshot', `snapshot #${sequence} is not listed`)
  } finally {
    await session.close()
  }
}

export function connect({ primitives, clock, transport, identity, signingKey, trust, head }: Agent) {
  return connectDevice({
    ...{ urls: identity.urls, signingKey, primitives, transport, clock, trust, software: 'test' },
    head: head.id === undefined ? undefined : { sequence: head.sequence, id: head.id },
  })
}
