/**
 * TLS 1.3 to a server known by its key alone: SHA-256 of the SubjectPublicKeyInfo is one of the pins. No authority, name
 * or date is asked. The socket is handed out only after the pin was compared, so an impostor receives no byte of ours.
 */
import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import { type Bytes, equalBytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { Address } from './address.ts'
import { throughProxy } from './proxy.ts'

/** A host that does not answer for this long is unreachable; below the 20 s of many firewalls' silence. */
const connectMs = 10_000

/** Throws `unreachable` and `wrong_pin`. */
export async function connectPinned(
  address: Address,
  pins: readonly Bytes[],
  signal?: AbortSignal,
  proxy?: URL,
): Promise<TLSSocket> {
  signal?.throwIfAborted()
  const { host, port } = address
  const socket = connect({
    ...(proxy === undefined ? { host, port } : { socket: await throughProxy(proxy, address, signal) }),
    minVersion: 'TLSv1.3',
    // The pin below is the authority.
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
    // A name that is an address must not be sent (RFC 6066 §3).
    ...(isIP(host) ? {} : { servername: host }),
  })
  try {
    await secured(socket, signal)
    requirePin(socket, pins)
    socket.setNoDelay(true)
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  }
}

/** What a pin is compared with; of a TLSSocket. */
export interface Pinned {
  getPeerX509Certificate():
    | { readonly publicKey: { export(as: { type: 'spki'; format: 'der' }): Bytes } }
    | undefined
  isSessionReused(): boolean
}

/** Throws `wrong_pin`. */
export function requirePin(socket: Pinned, pins: readonly Bytes[]): void {
  // A resumed session shows no certificate: then nothing was proved to us.
  const certificate = socket.isSessionReused() ? undefined : socket.getPeerX509Certificate()
  const spki = certificate?.publicKey.export({ type: 'spki', format: 'der' })
  const pin = spki && createHash('sha256').update(spki).digest()
  if (pin !== undefined && pins.some(one => equalBytes(one, pin))) return
  throw new Failure('wrong_pin', 'the server at this address has another TLS key than our collector', {
    hint: 'check the address; somebody may be between here and the collector. If its keys were replaced meanwhile, an admin hands over what is needed: backstay collector-key line',
  })
}

function secured(socket: TLSSocket, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal?.reason)
    const failed = (error: Error) => reject(error)
    const silent = () => reject(new Error(`no answer within ${connectMs / 1000} s`))
    signal?.addEventListener('abort', giveUp, { once: true })
    socket.setTimeout(connectMs, silent)
    socket.once('error', failed)
    socket.once('secureConnect', () => {
      signal?.removeEventListener('abort', giveUp)
      socket.setTimeout(0)
      socket.off('timeout', silent)
      socket.off('error', failed)
      resolve()
    })
  })
}
