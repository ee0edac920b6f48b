/** Where messages go. The secret lies apart from the rest, in no log and in no answer. */
import type { ChannelBody } from '@backstay/proto/rest/alerts'

export interface Channel {
  readonly id: string
  readonly kind: ChannelBody['kind']
  readonly name: string
  readonly enabled: boolean
  readonly to?: readonly string[] | undefined
  readonly allowPrivate: boolean
}

/** Of a channel. Never logged, never answered. */
export interface ChannelSecret {
  /** Whoever knows it can write there. */
  readonly url?: string | undefined
  /** webhook: key of the signature. ntfy: access token. */
  readonly key?: string | undefined
}

export interface MailServer {
  readonly host: string
  readonly port: number
  readonly security: 'starttls' | 'tls' | 'none'
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly from: string
}
