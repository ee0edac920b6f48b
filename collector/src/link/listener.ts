/**
 * Takes WebSockets over TLS 1.3 and hands each out as a Connection; plain requests go to whoever answers those. Who it is and
 * what it may do is decided elsewhere.
 */
import { constants, createHash, X509Certificate } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Bytes } from '@backstay/proto/bytes'
import type { Clock } from '@backstay/proto/clock'
import { Failure } from '@backstay/proto/failure'
import { handshakeMs, linkPath, wsLimits } from '@backstay/proto/wire/limits'
import { socketConnection } from '@backstay/proto/wire/socket-connection'
import type { Connection } from '@backstay/proto/wire/transport'
import { WebSocketServer } from 'ws'
import type { TlsIdentity } from './self-signed.ts'

export interface ListenerOptions {
  readonly host: string
  /** 0 = any free one. */
  readonly port: number
  readonly tls: TlsIdentity
  readonly clock: Clock
  readonly pingMs?: number
  readonly silenceMs?: number
  /** Sockets that are not admitted yet; what comes beyond is dropped before it costs a TLS handshake. */
  readonly strangersMax?: number
  /** Answers what is no WebSocket; nobody does when it is not given. */
  readonly request?: (request: IncomingMessage, response: ServerResponse) => void
  /** Flags in messages to people: `--listen`. */
  readonly flag?: string
  /** Told of what goes wrong while listening: too many open files, above all. */
  readonly failed?: (error: Error) => void
}

export interface Listener extends AsyncDisposable {
  readonly host: string
  readonly port: number
  /** Takes no more connections, waits a moment for those that are ending, and cuts the rest. */
  close(): Promise<void>
}

const strangersMaxDefault = 512
const farewellMs = 1_000
/** A request and its body, over a slow line. */
const requestMs = 60_000
/** Who speaks HTTP may ask again on the same connection for this long; our own clients let go of theirs far earlier. */
const idleMs = 15_000

/** Throws `port_in_use`, `port_not_allowed`, `bad_address`. Without `accept` a WebSocket finds nothing here. */
export async function listen(
  options: ListenerOptions,
  accept?: (connection: Connection) => void,
): Promise<Listener> {
  const open = new Set<Socket>()
  const strangers = new Set<string>()
  const server = createServer(
    {
      key: options.tls.key,
      cert: options.tls.certificate,
      minVersion: 'TLSv1.3',
      ALPNProtocols: ['http/1.1'],
      // A resumed session would not show the pinned key.
      secureOptions: constants.SSL_OP_NO_TICKET,
      handshakeTimeout: handshakeMs,
      headersTimeout: handshakeMs,
      requestTimeout: options.request === undefined ? handshakeMs : requestMs,
      connectionsCheckingInterval: 1_000,
      keepAliveTimeout: idleMs,
      maxHeaderSize: 16 * 1024,
    },
    (request, response) => {
      // Whoever speaks HTTP is held to its own limits.
      strangers.delete(nameOf(request.socket))
      if (options.request !== undefined) return options.request(request, response)
      response.writeHead(404, { connection: 'close' }).end()
    },
  )
  server.on('connection', (socket: Socket) => {
    if (strangers.size >= (options.strangersMax ?? strangersMaxDefault)) return void socket.destroy()
    const name = nameOf(socket)
    open.add(socket)
    strangers.add(name)
    socket.once('close', () => {
      open.delete(socket)
      strangers.delete(name)
    })
  })
  // What strangers do wrong in TLS is no event for us; the server destroys the socket.
  server.on('tlsClientError', () => undefined)
  onUpgrade(server, options, accept !== undefined, connection => {
    const { name, ...rest } = connection
    accept?.({
      ...rest,
      allow(frameBytes) {
        strangers.delete(name)
        rest.allow(frameBytes)
      },
    })
  })

  await started(server, options)
  server.on('error', error => options.failed?.(error))
  const close = async () => {
    const closed = new Promise<void>(resolve => server.close(() => resolve()))
    const done = new AbortController()
    // Those who were told to go have farewells on the way; those who stay are cut off.
    await Promise.race([closed, options.clock.sleep(farewellMs, done.signal).catch(() => undefined)])
    done.abort()
    for (const socket of open) socket.destroy()
    await closed
  }
  const { port } = server.address() as AddressInfo
  return { host: options.host, port, close, [Symbol.asyncDispose]: close }
}

/** SHA-256 of the SubjectPublicKeyInfo: what agents pin. */
export function spkiPinOf(tls: TlsIdentity): Bytes {
  const spki = new X509Certificate(tls.certificate).publicKey.export({ type: 'spki', format: 'der' })
  return new Uint8Array(createHash('sha256').update(spki).digest())
}

function onUpgrade(
  server: Server,
  options: ListenerOptions,
  isOpen: boolean,
  accept: (connection: Connection & { readonly name: string }) => void,
): void {
  const sockets = new WebSocketServer({ ...wsLimits, noServer: true, clientTracking: false })
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    // A browser names the page that asks. Nothing that holds our keys is a page.
    const status =
      request.headers.origin !== undefined ? 403 : request.url !== linkPath || !isOpen ? 404 : undefined
    if (status !== undefined) {
      return void socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
    }
    // An https server gives TLS sockets; the type of the event does not say so.
    const stream = socket as TLSSocket
    sockets.handleUpgrade(request, stream, head, socket => {
      const channelBinding = channelBindingOf(stream)
      const remote = stream.remoteAddress ?? 'unknown'
      const name = nameOf(stream)
      accept({
        ...socketConnection({ ...options, socket, stream, end: 'server', channelBinding, remote }),
        name,
      })
    })
  })
}

/** RFC 9266: the same at both ends of one TLS channel. */
function channelBindingOf(stream: TLSSocket): Bytes {
  return new Uint8Array(stream.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0)))
}

/** The same for a TCP socket and the TLS socket above it. */
function nameOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`
}

function started(server: Server, { host, port, flag = '--listen' }: ListenerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenFailure(error, host, port, flag)))
    server.listen(port, host, () => resolve())
  })
}

function listenFailure(cause: NodeJS.ErrnoException, host: string, port: number, flag: string): Failure {
  const address = `${host}:${port}`
  if (cause.code === 'EADDRINUSE') {
    return new Failure('port_in_use', `another program listens on ${address} already`, {
      hint: `stop it, or choose another port with ${flag}`,
      cause,
    })
  }
  if (cause.code === 'EACCES') {
    return new Failure('port_not_allowed', `this user may not listen on ${address}`, {
      hint: `choose a port above 1023 with ${flag}`,
      cause,
    })
  }
  return new Failure('bad_address', `cannot listen on ${address} (${cause.code ?? cause.message})`, {
    hint: `choose an address of this machine with ${flag}`,
    cause,
  })
}
