/** The link as it is in the world: frames in WebSocket messages inside pinned TLS 1.3. */
import type { TLSSocket } from 'node:tls'
import type { Bytes } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'
import { Failure } from '@backstay/proto/failure'
import { linkPath, wsLimits } from '@backstay/proto/wire/limits'
import { socketConnection } from '@backstay/proto/wire/socket-connection'
import type { Connection, Transport } from '@backstay/proto/wire/transport'
import { WebSocket } from 'ws'
import { type Address, addressOf } from './address.ts'
import { connectPinned } from './pinned-tls.ts'
import type { ProxyOf } from './proxy.ts'

export interface WsTransportOptions {
  readonly clock: Clock
  readonly pingMs?: number
  readonly silenceMs?: number
  /** Without it every address is gone to directly. */
  readonly proxyOf?: ProxyOf
}

const upgradeMs = 10_000

export function wsTransport(options: WsTransportOptions): Transport {
  return {
    async connect(url, pins, signal) {
      const address = addressOf(url)
      try {
        const stream = await connectPinned(address, pins, signal, options.proxyOf?.(address))
        return await upgrade(stream, address, options, signal)
      } catch (cause) {
        if (cause instanceof Failure || signal?.aborted) throw cause
        throw unreachable(url, cause)
      }
    },
  }
}

function upgrade(
  stream: TLSSocket,
  { host, port }: Address,
  options: WsTransportOptions,
  signal: AbortSignal | undefined,
): Promise<Connection> {
  const name = host.includes(':') ? `[${host}]` : host
  const socket = new WebSocket(`wss://${name}:${port}${linkPath}`, {
    ...wsLimits,
    createConnection: () => stream,
    handshakeTimeout: upgradeMs,
    followRedirects: false,
  })
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      reject(signal?.reason)
      socket.terminate()
    }
    signal?.addEventListener('abort', giveUp, { once: true })
    socket.on('error', reject)
    socket.once('open', () => {
      signal?.removeEventListener('abort', giveUp)
      // In this very turn: a frame that comes right behind the upgrade would be lost later.
      resolve(
        socketConnection({
          ...options,
          socket,
          stream,
          end: 'client',
          channelBinding: channelBindingOf(stream),
          remote: `${name}:${port}`,
        }),
      )
    })
  })
}

/** RFC 9266: the same at both ends of one TLS channel. */
function channelBindingOf(stream: TLSSocket): Bytes {
  return new Uint8Array(stream.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0)))
}

function unreachable(url: string, cause: unknown): Failure {
  return new Failure('unreachable', `cannot reach the collector at ${url}: ${reasonOf(cause)}`, {
    remedy: 'retry',
    hint: 'check the address, the network and whether the collector runs',
    cause,
  })
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const known = reasons[code]
  if (known !== undefined) return known
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  return error instanceof Error && error.message !== '' ? error.message : 'no reason is known'
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'it ended the connection',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name cannot be looked up now',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no network',
  ETIMEDOUT: 'it does not answer',
  EPROTO: 'it does not speak TLS 1.3',
}
