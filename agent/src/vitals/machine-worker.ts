/** Asks the package and says each fact as it comes; one that hangs is given up. */

import { setTimeout as delay } from 'node:timers/promises'
import { parentPort } from 'node:worker_threads'
import { osInfo, system } from 'systeminformation'

const probeMs = 2000

async function say(fact: string, probe: Promise<string>): Promise<void> {
  const late = delay(probeMs, undefined, { ref: false })
  const text = await Promise.race([probe.catch(() => ''), late])
  if (text !== undefined) parentPort?.postMessage([fact, text])
}

await Promise.all([
  say(
    'system',
    osInfo().then(({ distro, release }) => `${distro} ${release}`),
  ),
  say(
    'model',
    system().then(({ manufacturer, model }) => `${manufacturer} ${model}`),
  ),
])
parentPort?.close()
