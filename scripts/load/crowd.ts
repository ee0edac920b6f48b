/** One process of the load test: some of the devices. Is told what to do by its parent, and tells what it saw. */
import { wsTransport } from '@backstay/agent/link/ws-transport'
import { generateIdentity, recipientOf } from '@backstay/proto/content/age'
import { isFailure } from '@backstay/proto/failure'
import { systemClock as clock } from '@backstay/proto/system-clock'
import { decodeToken } from '@backstay/proto/trust/token'
import { liveAsDevice } from './simulated-device.ts'

export interface CrowdOptions {
  readonly token: string
  readonly devices: number
  readonly name: string
  readonly heartbeatMs: number
  readonly commitMs: number
  readonly commitBytes: number
  /** All have begun after this time. */
  readonly arriveMs: number
}

/** What happened since the last report; times in milliseconds. */
export interface CrowdReport {
  readonly connected: number
  readonly heartbeats: number
  readonly commits: readonly number[]
  /** When orders came to one device after another, unix milliseconds. */
  readonly orders: readonly number[]
  readonly failures: Readonly<Record<string, number>>
}

const reportMs = 1000

async function crowd(options: CrowdOptions, signal: AbortSignal): Promise<void> {
  const { devices, arriveMs } = options
  const token = decodeToken(options.token)
  // One for all: nothing is ever sealed to it here.
  const recipient = await recipientOf(await generateIdentity())
  const transport = wsTransport({ clock })
  let connected = 0
  let heartbeats = 0
  let commits: number[] = []
  let orders: number[] = []
  let failures: Record<string, number> = {}
  const lives = Array.from({ length: devices }, async (_, index) => {
    await clock.sleep((index / devices) * arriveMs, signal)
    const device = { ...options, name: `${options.name}-${index}`, token, recipient, clock, transport }
    const seen = {
      connected(isConnected: boolean) {
        connected += isConnected ? 1 : -1
      },
      heard: () => void heartbeats++,
      committed: (ms: number) => void commits.push(ms),
      ordered: () => void orders.push(clock.now()),
      failed(error: unknown) {
        const code = isFailure(error) ? error.code : String(error)
        failures[code] = (failures[code] ?? 0) + 1
      },
    }
    await liveAsDevice({ ...device, ...seen }, signal)
  })
  const timer = setInterval(() => {
    process.send?.({ connected, heartbeats, commits, orders, failures } satisfies CrowdReport)
    heartbeats = 0
    commits = []
    orders = []
    failures = {}
  }, reportMs)
  await Promise.allSettled(lives)
  clearInterval(timer)
}

const stop = new AbortController()
process.once('disconnect', () => stop.abort(new Error('told to end')))
process.once('message', options => {
  // Thousands of timers and sockets listen to one signal.
  void crowd(options as CrowdOptions, stop.signal).finally(() => process.exit())
})
