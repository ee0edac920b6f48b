/**
 * npm run link: backups over a slow link that loses packets, between two network namespaces. Linux, as root.
 *
 *     sudo npm run link
 *     sudo npm run link -- --megabytes 20 --cut 60 --delay 40 --lost 1 --megabits 10
 *
 * Says how much of the link a first backup fills, beside a plain connection; then cuts the link in the middle of another, and
 * says how much came twice. Ends with another code than 0 below 80 % of the link, or when more than 2 % came twice.
 */
import { execFileSync, fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { LinkOptions } from './relay.ts'

const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '40' },
    cut: { type: 'string', default: '60' },
    delay: { type: 'string', default: '40' },
    lost: { type: 'string', default: '1' },
    megabits: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
  },
})
const beside = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const [near, far] = ['near', 'far'].map(name => `backstay-${name}-${process.pid}`) as [string, string]
const link: LinkOptions = {
  ends: [
    { namespace: near, address: '10.99.0.1' },
    { namespace: far, address: '10.99.0.2' },
  ],
  delayMs: Number(values.delay),
  lostPercent: Number(values.lost),
  bytesPerSecond: Number(values.megabits) * 125_000,
  seed: Number(values.seed),
}

if (process.geteuid?.() !== 0) {
  process.stderr.write('network namespaces are made by root alone: sudo npm run link\n')
  process.exitCode = 1
} else process.exitCode = await between(near, far)

async function between(...namespaces: readonly string[]): Promise<number> {
  // A name that is taken: somebody else's, and left alone.
  for (const name of namespaces) execFileSync('ip', ['netns', 'add', name])
  const relay = fork(beside('relay.ts'), { env: { ...process.env, UV_THREADPOOL_SIZE: '8' } })
  try {
    relay.send(link)
    const ended = once(relay, 'exit').then(() => {
      throw new Error('the relay ended before it was ready: see above')
    })
    await Promise.race([once(relay, 'message'), ended])
    ended.catch(() => undefined)
    // Others take each lost packet for a full link, and creep.
    for (const name of namespaces) inside(name, 'sysctl', '-qw', 'net.ipv4.tcp_congestion_control=bbr')
    const words = [beside('over-link.ts'), values.megabytes, values.cut, String(link.bytesPerSecond), near]
    const working = fork(words[0] as string, words.slice(1), {
      execPath: 'ip',
      execArgv: ['netns', 'exec', far, process.execPath],
      stdio: 'inherit',
    })
    working.on('message', told => relay.send(told as 'cut' | 'mend'))
    // Ended from outside: what was made goes all the same.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => working.kill())
    const [code] = (await once(working, 'exit')) as [number | null]
    return code ?? 1
  } finally {
    if (relay.connected) {
      relay.disconnect()
      await once(relay, 'exit')
    }
    for (const name of namespaces) spawnSync('ip', ['netns', 'delete', name])
  }
}

function inside(namespace: string, ...words: readonly string[]): void {
  execFileSync('ip', ['netns', 'exec', namespace, ...words], { stdio: 'inherit' })
}
