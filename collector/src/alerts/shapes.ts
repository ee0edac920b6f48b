/** The forms in which services take a message. */
import { createHmac } from 'node:crypto'
import type { Channel, ChannelSecret } from './channel.ts'
import type { Message } from './message.ts'
import type { Post } from './post.ts'

/** Of one message in a chat. */
const textMax = 3500

type Shaped = Pick<Post, 'url' | 'headers' | 'body'>

/** `delivery`: the same at each attempt. Undefined: the channel has no address any more. */
export function shaped(
  { kind }: Channel,
  { url, key }: ChannelSecret,
  message: Message,
  delivery: string,
  nowMs: number,
): Shaped | undefined {
  if (url === undefined) return undefined
  const json = { 'content-type': 'application/json; charset=utf-8' }
  switch (kind) {
    case 'email':
      return undefined
    case 'slack':
      return {
        url,
        headers: json,
        body: JSON.stringify({ text: `*${slackText(message.title)}*\n${slackText(message.text)}` }),
      }
    case 'teams':
      return { url, headers: json, body: JSON.stringify(teamsCard(message)) }
    case 'ntfy':
      return ntfy(url, key, message)
    case 'webhook': {
      const { to: _, attachment: __, ...body } = message
      const text = JSON.stringify({ delivery, ...body })
      return { url, headers: { ...json, ...signature(key, text, delivery, nowMs) }, body: text }
    }
  }
}

/**
 * `Backstay-Signature: t=<unix seconds>,v1=<hex>` where v1 is HMAC-SHA256 over `<t>.<body>`. Who receives it compares the
 * signature, and refuses a time that is more than five minutes off.
 */
function signature(key: string | undefined, body: string, delivery: string, nowMs: number) {
  const seconds = Math.floor(nowMs / 1000)
  const signed = key && createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex')
  return {
    'backstay-delivery': delivery,
    ...(signed === undefined ? {} : { 'backstay-signature': `t=${seconds},v1=${signed}` }),
  }
}

function slackText(text: string): string {
  const plain = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return plain.slice(0, textMax)
}

const colours = { note: 'good', warning: 'warning', critical: 'attention' } as const

function teamsCard({ title, text, severity }: Message): object {
  const block = (value: string, more: object) => ({ type: 'TextBlock', text: value, wrap: true, ...more })
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          ...{
            type: 'AdaptiveCard',
            version: '1.4',
            $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          },
          body: [
            block(title, { weight: 'bolder', color: colours[severity] }),
            // Cards read Markdown; names of devices are text.
            ...text
              .slice(0, textMax)
              .split('\n')
              .map(line => block(line.replaceAll(/[\\`*_{}[\]()#+\-.!|<>]/g, '\\$&'), { spacing: 'small' })),
          ],
        },
      },
    ],
  }
}

const priorities = { note: 2, warning: 4, critical: 5 } as const

/** Published as JSON at the server's root, because headers carry no names beyond ASCII. */
function ntfy(url: string, token: string | undefined, { title, text, severity }: Message): Shaped {
  const at = new URL(url)
  const topic = at.pathname.split('/').filter(Boolean).at(-1) ?? ''
  const body = JSON.stringify({
    ...{ topic, title, message: text.slice(0, textMax), priority: priorities[severity] },
    tags: [severity === 'note' ? 'white_check_mark' : 'warning'],
  })
  return {
    url: at.origin,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body,
  }
}
