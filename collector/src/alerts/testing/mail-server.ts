/** A real mail server on loopback that keeps what comes. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

export interface KeptMail {
  readonly to: readonly string[]
  /** As it came over the line. */
  readonly text: string
  readonly secure: boolean
  readonly user: string
}

export interface MailServerOptions {
  /** With a certificate it asks for STARTTLS and for this user; without, it takes everything. */
  readonly tls?: { readonly key: string | Buffer; readonly certificate: string | Buffer }
}

export interface KeptMailServer extends AsyncDisposable {
  readonly port: number
  readonly mails: readonly KeptMail[]
  /** The first one that is wanted, whether it has come already or comes later. */
  mail(wanted: (mail: KeptMail) => boolean): Promise<KeptMail>
}

export const mailUser = { user: 'backstay', password: 'mail password' } as const

export async function keepMail({ tls }: MailServerOptions = {}): Promise<KeptMailServer> {
  const mails: KeptMail[] = []
  const waiting = new Set<() => void>()
  const server = new SMTPServer({
    logger: false,
    ...(tls === undefined
      ? { disabledCommands: ['AUTH', 'STARTTLS'] }
      : { key: tls.key, cert: tls.certificate, authOptional: false }),
    onAuth({ username, password }, _session, done) {
      if (username === mailUser.user && password === mailUser.password) done(null, { user: username })
      else done(new Error('no such user'))
    },
    onData(stream, session, done) {
      let text = ''
      stream.setEncoding('utf8')
      stream.on('data', chunk => {
        text += chunk
      })
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address)
        mails.push({ to, text, secure: session.secure, user: String(session.user) })
        done()
        for (const look of waiting) look()
      })
    },
  })
  server.on('error', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  return {
    mails,
    port: (server.server.address() as AddressInfo).port,
    async mail(wanted) {
      const { promise, resolve } = Promise.withResolvers<KeptMail>()
      const look = () => {
        const found = mails.find(wanted)
        if (found !== undefined) resolve(found)
      }
      waiting.add(look)
      look()
      return promise.finally(() => waiting.delete(look))
    },
    [Symbol.asyncDispose]: () => new Promise<void>(resolve => server.close(() => resolve())),
  }
}
