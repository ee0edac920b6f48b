/** Mail, over the server that the settings name. The only file that knows nodemailer. */
import type { ConnectionOptions } from 'node:tls'
import { Failure } from '@backstay/proto/failure'
import type { MailServer } from './channel.ts'
import type { Message } from './message.ts'

export interface MailOptions {
  readonly server: MailServer
  readonly to: readonly string[]
  readonly message: Message
  /** The same at each attempt: mail programs show a message that came twice once. */
  readonly delivery: string
  /** For tests, whose servers no authority knows. */
  readonly tls?: ConnectionOptions | undefined
}

const timeoutMs = 20_000

/** Throws `channel_refused` (stop) and `channel_failed` (retry). */
export async function sendMail({ server, to, message, delivery, tls }: MailOptions): Promise<void> {
  const { host, port, security, user, password, from } = server
  const { createTransport } = await import('nodemailer')
  const transport = createTransport({
    ...{
      host,
      port,
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
    },
    ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
    ...{ connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs },
    tls: { minVersion: 'TLSv1.2', ...tls },
    // Nothing in a message may name a file or an address to be fetched.
    ...{ disableFileAccess: true, disableUrlAccess: true },
  })
  const domain = from.slice(from.lastIndexOf('@') + 1)
  const { attachment } = message
  try {
    const sent = await transport.sendMail({
      from: { name: 'Backstay', address: from },
      to: [...to],
      subject: message.title,
      text: message.text,
      date: new Date(message.atMs),
      messageId: `<${delivery}@${domain}>`,
      headers: { 'auto-submitted': 'auto-generated', 'x-auto-response-suppress': 'All' },
      attachments:
        attachment === undefined
          ? []
          : [
              {
                filename: attachment.name,
                contentType: attachment.type,
                content: Buffer.from(attachment.base64, 'base64'),
              },
            ],
    })
    if (sent.rejected.length > 0) {
      throw new Failure('channel_refused', `${sent.rejected.length} of ${to.length} address(es) were refused`)
    }
  } catch (error) {
    if (error instanceof Failure) throw error
    throw mailFailure(error)
  } finally {
    transport.close()
  }
}

/** Never what the server said: it may repeat names and passwords. */
function mailFailure(error: unknown): Failure {
  const { code = 'unknown', responseCode } = error as { code?: string; responseCode?: number }
  if (code === 'EAUTH') {
    return new Failure('channel_refused', 'the mail server refuses the user or password', {
      hint: 'check the mail settings',
    })
  }
  const isForGood = responseCode !== undefined && responseCode >= 500
  const said = responseCode === undefined ? code : `${code} ${responseCode}`
  return new Failure(
    isForGood ? 'channel_refused' : 'channel_failed',
    `the mail server did not take it (${said})`,
    {
      remedy: isForGood ? 'stop' : 'retry',
    },
  )
}
