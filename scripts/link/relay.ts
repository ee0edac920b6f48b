/**
 * A link between two network namespaces, packet by packet: late, no faster than it carries, and with some of them lost. The kernel's
 * own (sch_netem) is not on every machine. A process of its own, told by messages to cut and to mend.
 */
import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, read, write } from 'node:fs'
import koffi from 'koffi'
import { seededRandom } from '../testing/random.ts'

export interface LinkOptions {
  readonly ends: readonly [LinkEnd, LinkEnd]
  /** One way. */
  readonly delayMs: number
  /** Of each hundred packets. */
  readonly lostPercent: number
  readonly bytesPerSecond: number
  readonly seed: number
}

export interface LinkEnd {
  /** As `ip netns` knows it. */
  readonly namespace: string
  readonly address: string
}

/** What waits for its turn before more is dropped. */
const queueBytes = 256 * 1024
const packetBytesMax = 65_536
/** From linux/if_tun.h and sched.h. */
const [setInterface, tunWithoutHeader, networkNamespace] = [0x400454ca, 0x1001, 0x40000000]
const interfaceName = 'link0'

const libc = koffi.load('libc.so.6')
const setns = libc.func('int setns(int, int)') as (file: number, kind: number) => number
const ioctl = libc.func('int ioctl(int, ulong, void *)') as (
  file: number,
  what: number,
  request: Buffer,
) => number

let isUp = true

function relay({ ends, delayMs, lostPercent, bytesPerSecond, seed }: LinkOptions): void {
  const random = seededRandom(seed)
  const [near, far] = ends.map((end, index) => opened(end, ends[1 - index] as LinkEnd)) as [number, number]
  carry(near, far)
  carry(far, near)

  function carry(from: number, to: number): void {
    const packet = Buffer.alloc(packetBytesMax)
    let freeMs = 0
    const next = () =>
      read(from, packet, 0, packet.length, null, (error, length) => {
        if (error !== null) throw error
        const nowMs = performance.now()
        freeMs = Math.max(freeMs, nowMs)
        const isFull = ((freeMs - nowMs) * bytesPerSecond) / 1000 > queueBytes
        if (isUp && !isFull && random.below(10_000) >= lostPercent * 100) {
          freeMs += (length / bytesPerSecond) * 1000
          const copy = Buffer.from(packet.subarray(0, length))
          // What is on its way when the link is cut is lost as well.
          setTimeout(() => isUp && write(to, copy, () => undefined), freeMs + delayMs - nowMs)
        }
        next()
      })
    next()
  }
}

/** A device in the end's namespace, whose packets are read and written through the file that is returned. */
function opened({ namespace, address }: LinkEnd, peer: LinkEnd): number {
  const [own, theirs] = ['/proc/self/ns/net', `/var/run/netns/${namespace}`].map(path => openSync(path, 'r'))
  if (own === undefined || theirs === undefined) throw new Error('assertion failed: two files')
  if (setns(theirs, networkNamespace) !== 0) throw new Error(`cannot enter the namespace ${namespace}`)
  try {
    const file = openSync('/dev/net/tun', constants.O_RDWR)
    const request = Buffer.alloc(40)
    request.write(interfaceName, 'latin1')
    request.writeUInt16LE(tunWithoutHeader, 16)
    if (ioctl(file, setInterface, request) !== 0) throw new Error('this kernel makes no network device')
    ip('link', 'set', 'lo', 'up')
    ip('addr', 'add', address, 'peer', peer.address, 'dev', interfaceName)
    ip('link', 'set', interfaceName, 'mtu', '1500', 'up')
    return file
  } finally {
    setns(own, networkNamespace)
    closeSync(own)
    closeSync(theirs)
  }
}

const ip = (...words: readonly string[]) => execFileSync('ip', words, { stdio: 'inherit' })

process.once('message', options => {
  relay(options as LinkOptions)
  process.send?.('ready')
  process.on('message', told => {
    isUp = told !== 'cut'
  })
})
process.once('disconnect', () => process.exit())
