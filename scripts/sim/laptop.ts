/**
 * A simulated device: the real agent, as `backstay-agent run` keeps it alive, over disks in memory that fail and a power
 * supply that ends. What its files were, what it said and what it obeyed is kept beside it, to compare with.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Agent, agentOf, nobody, type Surroundings } from '@backstay/agent/agent'
import { type DeviceIdentity, type IdentityStore, identityStore } from '@backstay/agent/keys/identity'
import { memoryKeychain } from '@backstay/agent/keys/memory-keychain'
import type { SmallFiles } from '@backstay/agent/keys/small-files'
import { keptInFiles } from '@backstay/agent/keys/testing/kept-in-files'
import { connectDevice } from '@backstay/agent/link/connect'
import type { Session } from '@backstay/agent/link/session'
import { noOrders } from '@backstay/agent/policy/obey'
import type { Board } from '@backstay/agent/service/board'
import { type MachineConditions, nothingKnown } from '@backstay/agent/service/conditions'
import type { Log } from '@backstay/agent/service/log'
import { endsAfter, openService, superviseService } from '@backstay/agent/service/service'
import { type ScriptedWatcher, scriptedWatcher } from '@backstay/agent/watch/scripted-watcher'
import { sampleEscrow } from '@backstay/collector/testing/sample-objects'
import { utf8 } from '@backstay/proto/bytes'
import { Failure, isFailure } from '@backstay/proto/failure'
import type { DeviceId } from '@backstay/proto/object/id'
import { signPolicy } from '@backstay/proto/policy/policy'
import type { Primitives } from '@backstay/proto/primitives'
import { newOrder } from '@backstay/proto/trust/order'
import { type TestFleet, testDevice } from '@backstay/proto/trust/testing/fleet'
import type { Transport } from '@backstay/proto/wire/transport'
import type { Random } from '../testing/random.ts'
import { agentMemoryFile } from './agent-memory.ts'
import type { ClockView } from './clock-view.ts'
import type { SimulatedCollector } from './collector.ts'
import { noticedMs } from './collector-states.ts'
import { type FileHistory, fileHistory } from './file-history.ts'
import type { JobDevice, SimulatedJobs } from './jobs.ts'
import { type MemoryDisk, memoryDisk } from './memory-system.ts'
import { type Obeyed, obeyedBy } from './obeyed.ts'
import type { SimulatedOrders } from './orders.ts'
import { type Acknowledged, wrongInSnapshot } from './read-back.ts'
import { simulatedMachine } from './simulated-machine.ts'
import { stateDisk } from './state-disk.ts'
import { userFiles } from './user-files.ts'
import type { Weather } from './weather.ts'

export interface Laptop extends JobDevice {
  readonly device: DeviceId
  readonly disk: Pick<MemoryDisk, 'files'>
  readonly history: FileHistory
  readonly obeyed: Obeyed
  /** Every backup that was begun: also those of which nobody was told that they are stored. */
  readonly attempts: readonly Attempt[]
  /** Every snapshot of which the agent said that it is stored. */
  readonly acknowledged: readonly Acknowledged[]
  /** Mistakes of the program that its log told. */
  readonly wrong: readonly string[]
  /** How often the power went. */
  readonly cuts: number
  /** In simulated time: one of the two. */
  readonly onSinceMs: number | undefined
  readonly offSinceMs: number | undefined
  /** In simulated time: until when the collector may know how it is. On for a moment without a link, it told nobody. */
  readonly heardMs: number
  /**
   * When it began last behind a life in which its state folder refused a write, or the power went in the middle of one: since
   * when something waits may be on no disk, and it counts from there.
   */
  readonly countsFromMs: number
  /** Some files are written, renamed or removed; the watcher says so, or that it missed something. */
  change(): void
  /** Starts the agent; tries again until it starts. */
  start(): Promise<void>
  /** Somebody pauses it. */
  pause(forMs: number): void
  /** On a low battery or in a network that is paid by the byte, until it is told otherwise. */
  place(poor: boolean): void
  /** How long ago it looked at everything, in simulated time. */
  readonly wholeMs: number
  /** Ends it in order, as a shutdown does. */
  stop(): Promise<void>
  /** The power goes, now. */
  cut(): Promise<void>
  /** Brings a policy that no admin signed; the code with which it was refused. */
  forge(): Promise<string>
  /** Whether the newest snapshot was made after the newest change, by what the agent itself says. */
  isProtected(): boolean
  /** Connects, reads a snapshot back and compares it; what is wrong with it. */
  wrongWith(snapshots: readonly Acknowledged[]): Promise<string[]>
  /** What the newest snapshot has otherwise than the disk has it now. */
  differences(): Promise<string[]>
}

export interface Attempt {
  /** Of the snapshot that it makes. */
  readonly sequence: number
  /** What was there before is in it. */
  readonly fromMs: number
}

/** A connected device says how it is at once, and about each minute. */
const wordMs = 60_000

export async function laptop(options: {
  readonly name: string
  readonly p: Primitives
  readonly fleet: TestFleet
  readonly clock: ClockView
  /** Simulated time, whatever the clock shows. */
  readonly passedMs: () => number
  readonly random: Random
  readonly weather: () => Weather
  readonly transport: Transport
  readonly collector: SimulatedCollector
  readonly orders: Pick<SimulatedOrders, 'numberOf'>
  readonly jobs: Pick<SimulatedJobs, 'signedFor'>
  /** A real folder: of the agent's memory, which SQLite keeps; all else in it is simulated. */
  readonly state: string
  readonly say: (what: string) => void
}): Promise<Laptop> {
  const { name, p, fleet, clock, random, transport, passedMs, weather, state, say } = options
  const oneIn = (many: number) => many > 0 && random.below(many) === 0
  const disk = memoryDisk(() => clock.now())
  const wrong: string[] = []
  const history = fileHistory(p, passedMs)
  const files = userFiles({
    ...{ random, disk, history, watcher: () => watcher },
    overflows: () => oneIn(weather().watchOverflow),
  })
  const obeyed = obeyedBy(name, options, wrong)
  const device = await testDevice(p, fleet, name)
  await options.collector.enrol(device, await sampleEscrow(fleet, device))

  const identity: DeviceIdentity = {
    ...{ fleet: fleet.trust.fleet, device: device.id, urls: ['wss://collector.test:7443'] },
    ...{ certificate: device.certificateEnvelope, grant: device.grantEnvelope },
    secrets: {
      ...{
        signingSeed: await p.sha256(utf8(`device ${name}`)),
        borderSecret: await p.sha256(utf8(`border ${name}`)),
        identity: device.identity,
      },
      epochs: [{ epoch: 1, deviceSecret: await p.sha256(utf8(`secret ${name}`)) }],
    },
  }
  mkdirSync(state)
  const keychain = memoryKeychain()
  const memory = agentMemoryFile(state, random)
  const small = stateDisk(random, {
    writeError() {
      const code = oneIn(weather().stateFull) ? 'ENOSPC' : oneIn(weather().stateError) ? 'EIO' : undefined
      isUnwritten ||= code !== undefined
      return code
    },
    powerGoes: () => running !== undefined && oneIn(weather().statePowerCut),
    onPowerCut() {
      isUnwritten = true
      running?.lose()
    },
  })
  const acknowledged: Acknowledged[] = []
  let running: Running | undefined
  let watcher: ScriptedWatcher | undefined
  let cuts = 0
  let isUnwritten = false
  let countsFromMs = 0
  let lost: Promise<void> | undefined
  let onSinceMs = 0
  let offSinceMs: number | undefined = passedMs()
  let connectedMs: number | undefined
  let heardMs = 0
  const attempts: (Attempt & { readonly backup: number })[] = []
  let wholeMs = 0
  let conditions: Awaited<ReturnType<MachineConditions>> = nothingKnown
  disk.fails = () => oneIn(weather().fileReadError)
  await storeOf(small.begin()).enroll(
    identity,
    { chain: [fleet.trust.envelope], escrowedFor: fleet.trust.document.version },
    noOrders,
  )

  function storeOf(files: SmallFiles): IdentityStore {
    return identityStore(p, join(state, 'identity'), keychain, files)
  }

  function surroundings(isRunning: boolean): Surroundings {
    const files = small.begin()
    const store = storeOf(files)
    const identities: IdentityStore = {
      ...store,
      // A backup begins with it: what is on the disk from now on is in its snapshot. Heartbeats ask, too.
      async readHead() {
        const head = await store.readHead()
        const backup = running?.board.scheduler.runningSinceMs
        if (isRunning && backup !== undefined && backup !== attempts.at(-1)?.backup)
          attempts.push({ backup, sequence: head.sequence + 1, fromMs: passedMs() })
        return head
      },
    }
    return {
      ...{ primitives: p, clock, transport, state, files, identities },
      secrets: keptInFiles,
    }
  }

  async function openAgent(around: Surroundings): Promise<Agent> {
    const found = await around.identities.readIdentity()
    if (found === undefined) throw new Failure('not_enrolled', 'the device is not enrolled any more')
    return agentOf(around, found, { system: disk.system, owner: nobody })
  }

  async function begin(): Promise<void> {
    const agent = await openAgent(surroundings(true))
    memory.keepOlder()
    const ending = new AbortController()
    const power = new AbortController()
    const log: Log = (level, fact, { code, sequence, folders, job } = {}) => {
      if (running !== self) return
      if (fact === 'collector connected') connectedMs ??= passedMs()
      if (fact === 'snapshot stored') noteStored()
      if (fact === 'snapshot stored' && folders === 'all') wholeMs = passedMs()
      if (fact === 'policy obeyed') obeyed.noteOrders(board.obedience)
      if (fact === 'job begun' || fact === 'job goes on') obeyed.noteJob(String(job), fact === 'job goes on')
      if (level !== 'info' || fact === 'snapshot stored' || job !== undefined)
        say(`${fact} ${code ?? sequence ?? ''}`)
      if (level === 'error') wrong.push(`${name}: ${fact}: a mistake of the program`)
    }
    const { board, parts, heartbeat } = await openService(agent, {
      ...simulatedMachine(disk.system, p),
      ...{ log, asks: async () => conditions },
      watcher(roots) {
        watcher = scriptedWatcher(roots.map(root => root.path))
        return watcher
      },
    })
    // What came to the disk before the power went, it obeys from its start on.
    obeyed.noteOrders(board.obedience)
    function noteStored(): void {
      const { outcome } = board
      if (outcome === undefined) throw new Error('assertion failed: a snapshot is stored and has no outcome')
      const { sequence, commit } = outcome
      const unread = [...outcome.unread.values()].reduce((sum, count) => sum + count, 0)
      acknowledged.push({
        sequence,
        id: commit,
        unread,
        fromMs: attempts.at(-1)?.fromMs ?? 0,
        untilMs: passedMs(),
      })
    }
    const ends = AbortSignal.any([endsAfter(ending.signal, heartbeat.leave), power.signal])
    const ended = superviseService(agent, [...parts, heartbeat], log, ends)
    const self: Running = {
      ended,
      board,
      stop: () => ending.abort(new Error('told to end')),
      lose() {
        noteHeard()
        running = undefined
        cuts++
        offSinceMs = passedMs()
        power.abort(new Error('the power went'))
        lost = ended.then(() => say(`lost power, memory ${memory.lose()}`))
      },
    }
    running = self
    offSinceMs = undefined
    connectedMs = undefined
    onSinceMs = passedMs()
    if (isUnwritten) countsFromMs = onSinceMs
    isUnwritten = false
  }

  /** As a command beside the running agent has one. */
  async function session<T>(work: (session: Session, agent: Agent) => Promise<T>): Promise<T> {
    const agent = await openAgent(surroundings(false))
    const { head, trust, signingKey } = agent
    const open = await connectDevice({
      ...{ urls: identity.urls, signingKey, primitives: p, transport, clock, trust },
      head: head.id === undefined ? undefined : { sequence: head.sequence, id: head.id },
    })
    try {
      return await work(open, agent)
    } finally {
      await open.close()
    }
  }

  function noteHeard(): void {
    if (running === undefined) return
    const nowMs = passedMs()
    const isHeard = connectedMs !== undefined && nowMs - connectedMs >= wordMs
    if (isHeard || nowMs - onSinceMs >= noticedMs) heardMs = nowMs
  }

  files.change()
  return {
    name,
    device: device.id,
    recipient: device.certificate.recipient,
    somePath: files.somePath,
    ...{ disk, history, obeyed, attempts, acknowledged, wrong },
    get cuts() {
      return cuts
    },
    get onSinceMs() {
      return offSinceMs === undefined ? onSinceMs : undefined
    },
    get offSinceMs() {
      return offSinceMs
    },
    get heardMs() {
      noteHeard()
      return heardMs
    },
    get countsFromMs() {
      return countsFromMs
    },
    change: files.change,
    isProtected() {
      const last = acknowledged.at(-1)
      const isResting = running !== undefined && running.board.scheduler.runningSinceMs === undefined
      return last !== undefined && isResting && history.firstChangeMs(last.fromMs) === undefined
    },
    pause: forMs => running?.board.tell({ kind: 'paused', untilMs: clock.now() + forMs }),
    place(poor) {
      if (poor)
        conditions = random.pick([
          { ...nothingKnown, batteryPercent: 5 },
          { ...nothingKnown, isMetered: true },
        ])
      else conditions = nothingKnown
    },
    get wholeMs() {
      return passedMs() - wholeMs
    },
    async start() {
      await lost
      for (let tries = 1; running === undefined; tries++) {
        try {
          await begin()
          say('started')
        } catch (error) {
          if (!isFailure(error)) throw error
          say(`did not start: ${error.code}`)
          // What a person would have to mend must never come of a loss of power.
          if (error.remedy === 'repair') throw error
          await clock.sleep(tries * 60_000)
        }
      }
    },
    async stop() {
      const { ended, stop } = running ?? {}
      stop?.()
      await ended
      noteHeard()
      running = undefined
      watcher = undefined
      offSinceMs ??= passedMs()
    },
    async cut() {
      if (running === undefined) return
      small.cut()
      running.lose()
      await lost
    },
    async forge() {
      const retention = { keepWithinDays: 0, keepDaily: 0, keepWeekly: 0, keepMonthly: 0, keepYearly: 1 }
      const settings = [{ kind: 'retention', value: retention, locked: false }] as const
      const order = newOrder(p, fleet.trust, clock.now(), { sequence: 1_000_000 })
      const policy = await signPolicy(p, { order, name: 'forged', settings }, device.key)
      try {
        await session(open => open.putRecord(policy))
        return 'accepted'
      } catch (error) {
        if (isFailure(error)) return error.code
        throw error
      }
    },
    wrongWith: snapshots =>
      session(async (open, now) => {
        const wrong: string[] = []
        for (const one of snapshots) wrong.push(...(await wrongInSnapshot(open, now, one, history)))
        return wrong.map(one => `${name} ${one}`)
      }),
    differences: () =>
      session(async (open, now) => {
        const newest = acknowledged.at(-1)
        if (newest === undefined) return [`${name} has no snapshot`]
        const at = { ...newest, fromMs: passedMs(), untilMs: passedMs() }
        return (await wrongInSnapshot(open, now, at, history, true)).map(one => `${name} ${one}`)
      }),
  }
}

interface Running {
  readonly ended: Promise<void>
  readonly board: Board
  stop(): void
  /** Without a last word. */
  lose(): void
}
