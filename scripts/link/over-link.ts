/** The far end of the link: the collector and the admin. The agent works at the near end. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { bytesBelow } from '../bench/corpora.ts'
import { makeFleet } from '../drills/fleet.ts'
import { start } from '../drills/processes.ts'

const [megabytes, cutS, bytesPerSecond, near = ''] = process.argv.slice(2)
const bytes = Number(megabytes) * 1_000_000
const host = '10.99.0.2'
const agentProgram = join(import.meta.dirname, '../../agent/bin/backstay-agent.mjs')
const atNearEnd = ['ip', 'netns', 'exec', near, process.execPath] as const
const say = (text: string) => void process.stdout.write(`${text}\n`)
const ofLink = (rate: number) =>
  `${((8 * rate) / 1e6).toFixed(2)} Mbit/s, ${((100 * rate) / Number(bytesPerSecond)).toFixed(0)} % of the link`

const plain = await plainRate()
say(`a plain connection: ${ofLink(plain)}`)
const { rate, twice } = await backups()
if (rate < 0.8 * Number(bytesPerSecond) || twice > 0.02) process.exitCode = 1
process.disconnect?.()

async function plainRate(): Promise<number> {
  const server = createServer().listen(0, host)
  await new Promise(resolve => server.once('listening', resolve))
  const { port } = server.address() as { readonly port: number }
  const came = new Promise<number>(resolve => {
    server.once('connection', (socket: Socket) => {
      const begun = performance.now()
      let length = 0
      socket.on('data', part => {
        length += part.length
      })
      socket.on('end', () => resolve((1000 * length) / (performance.now() - begun)))
    })
  })
  const send = `const s=require('node:net').connect(${port},'${host}',()=>s.end(Buffer.alloc(${bytes},7)))`
  const sender = start(atNearEnd, ['-e', send])
  const rate = await came
  await sender.ended
  server.close()
  return rate
}

async function backups(): Promise<{ readonly rate: number; readonly twice: number }> {
  await using fleet = await makeFleet({ host })
  const root = fleet.path('home')
  mkdirSync(root)
  const laptop = await fleet.enroll('laptop', { roots: [root] })
  fill(root, 'first')
  const words = [agentProgram, 'run', '--state', laptop.state]
  const agent = start(atNearEnd, words)
  const stored = (from: number) => agent.line(line => line.includes('"snapshot stored"'), from)
  try {
    await agent.line(line => line.includes('"collector connected"'))
    const begun = performance.now()
    await stored(0)
    const rate = (1000 * bytes) / (performance.now() - begun)
    say(`a first backup of ${bytes / 1e6} MB: ${ofLink(rate)}`)

    const packs = () => bytesBelow(join(fleet.data, 'packs'))
    const before = packs()
    const mark = agent.lineCount
    fill(root, 'second')
    while (packs() < before + bytes / 4) await delay(50)
    process.send?.('cut')
    say(`cut for ${cutS} s`)
    await delay(Number(cutS) * 1000)
    const arrived = packs() - before
    process.send?.('mend')
    const { sentBytes } = JSON.parse(await stored(mark)) as { readonly sentBytes: number }
    const twice = Math.max(0, (arrived + sentBytes - bytes) / bytes)
    say(
      `${(arrived / 1e6).toFixed(2)} MB had arrived; then ${(sentBytes / 1e6).toFixed(2)} MB were sent: ${(100 * twice).toFixed(2)} % came twice`,
    )
    return { rate, twice }
  } finally {
    await agent.end('SIGTERM')
  }
}

/** Nothing that would compress. */
function fill(root: string, name: string): void {
  for (let file = 0; file < bytes / 1_000_000; file++)
    writeFileSync(join(root, `${name} ${file}`), randomBytes(1_000_000))
}
