/**
 * One POST to an address that a person typed. It goes where that address leads and nowhere else: redirects are not followed, and a
 * name that leads to this network or this machine is refused unless the channel allows it; so nobody can make the collector knock at
 * doors behind the firewall. The address is judged when it is connected to, not before: a name may change its mind in between.
 */
import { lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { Failure } from '@backstay/proto/failure'

export interface Post {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly allowPrivate: boolean
  readonly signal?: AbortSignal | undefined
}

const timeoutMs = 10_000
/** Of an answer; nobody reads it. */
const answerBytesMax = 64 * 1024

/** Never asked, whoever allows it: link-local addresses are where clouds keep the keys of a machine. */
const never = blockList([
  '169.254.0.0/16',
  'fe80::/10',
  'fd00:ec2::254/128',
  '0.0.0.0/8',
  '224.0.0.0/4',
  'ff00::/8',
  '::/128',
])
const private_ = blockList([
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '127.0.0.0/8', '100.64.0.0/10', '192.0.0.0/24'],
  ...['198.18.0.0/15', '240.0.0.0/4', '::1/128', 'fc00::/7', 'fec0::/10', '64:ff9b::/96', '2002::/16'],
])

/** Throws `channel_refused` (stop) and `channel_failed` (retry). */
export async function post({ url, headers, body, allowPrivate, signal }: Post): Promise<void> {
  const { hostname } = new URL(url)
  const literal = hostname.replace(/^\[|\]$/g, '')
  if (isIP(literal) !== 0) requireReachable(literal, allowPrivate)
  const { Agent, request } = await import('undici')
  const dispatcher = new Agent({
    connect: { lookup: guardedLookup(allowPrivate), timeout: timeoutMs },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  })
  try {
    const answer = await request(url, {
      ...{ method: 'POST', body, dispatcher },
      headers: { 'user-agent': 'backstay-collector', ...headers },
      signal:
        signal === undefined
          ? AbortSignal.timeout(2 * timeoutMs)
          : AbortSignal.any([signal, AbortSignal.timeout(2 * timeoutMs)]),
    })
    await answer.body.dump({ limit: answerBytesMax })
    requireTaken(answer.statusCode)
  } catch (error) {
    if (error instanceof Failure) throw error
    const refused = refusalIn(error)
    if (refused !== undefined) throw refused
    throw new Failure('channel_failed', `no answer (${codeIn(error)})`, { remedy: 'retry' })
  } finally {
    // Destroyed, not closed: a slow receiver must not hold up who waits for this.
    await dispatcher.destroy()
  }
}

function requireTaken(status: number): void {
  if (status >= 200 && status < 300) return
  if (status >= 300 && status < 400) {
    throw new Failure('channel_refused', `it answers with a redirect (${status}), which is not followed`, {
      remedy: 'stop',
      hint: 'enter the address that it leads to',
    })
  }
  const isForGood = status >= 400 && status < 500 && status !== 408 && status !== 429
  throw new Failure(isForGood ? 'channel_refused' : 'channel_failed', `it answers with status ${status}`, {
    remedy: isForGood ? 'stop' : 'retry',
  })
}

function guardedLookup(allowPrivate: boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, [])
      try {
        for (const { address } of addresses) requireReachable(address, allowPrivate)
        const [first] = addresses
        if (options.all === true) callback(null, addresses)
        else if (first !== undefined) callback(null, first.address, first.family)
      } catch (refused) {
        callback(refused as NodeJS.ErrnoException, [])
      }
    })
  }
}

function requireReachable(address: string, allowPrivate: boolean): void {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  if (never.check(address, family)) throw refusedAddress('is none that anybody is reached at')
  if (!allowPrivate && private_.check(address, family)) throw refusedAddress('belongs to a private network')
}

function refusedAddress(why: string): Failure {
  return new Failure('channel_refused', `its address ${why}`, {
    remedy: 'stop',
    hint: 'if it is meant, let an owner allow private addresses for this channel',
  })
}

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', bits] = range.split('/')
    list.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4')
  }
  return list
}

function refusalIn(error: unknown): Failure | undefined {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof Failure) return at
  return undefined
}

/** Never the message: it may hold the address. */
function codeIn(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code)
  return error instanceof Error ? error.name : 'unknown'
}
