/** A collector for tests of the link: it greets like a real one and then answers as its script says. */
import type { Primitives, SigningKey } from '@backstay/proto/primitives'
import type { Body, Frame, Hello, Welcome } from '@backstay/proto/wire/frame'
import { challenge } from '@backstay/proto/wire/handshake'
import { type Connection, nextFrame } from '@backstay/proto/wire/transport'
import { decodeFrame, encodeFrame, frameBytesMax, joined } from '@backstay/proto/wire/wire'

export interface Script {
  readonly primitives: Primitives
  readonly key: SigningKey
  readonly welcome?: Partial<Welcome>
  /** Instead of Welcome. */
  readonly refuse?: Body
  /** Called for each frame; whatever it says goes out in this order. */
  answer?(frame: Frame, say: (body: Body, request?: number) => Promise<void>): void | Promise<void>
}

export interface Heard {
  readonly hello: Hello
  readonly frames: readonly Frame[]
}

export async function playCollector(connection: Connection, script: Script): Promise<Heard> {
  const frames: Frame[] = []
  const { primitives: p, key } = script
  const say = (body: Body, request = 0) => connection.send(encodeFrame({ request, body }))
  const helloFrame = await nextFrame(connection)
  const { body: hello } = decodeFrame(helloFrame)
  if (hello.kind !== 'hello') throw new Error(`not a hello: ${hello.kind}`)
  await say(await challenge(p, key, joined(helloFrame), connection.channelBinding))
  for (let kind = ''; kind !== 'proof'; ) {
    const frame = decodeFrame(await nextFrame(connection))
    frames.push(frame)
    kind = frame.body.kind
  }
  connection.allow(frameBytesMax)
  await say(
    script.refuse ?? {
      kind: 'welcome',
      trust: [],
      orders: [],
      head: undefined,
      windowBytes: 16 * 1024 * 1024,
      windowFrames: 256,
      nowMs: 0,
      nextRatchet: undefined,
      log: undefined,
      ...script.welcome,
    },
  )
  void (async () => {
    try {
      for await (const bytes of connection.receive()) {
        const frame = decodeFrame(bytes)
        frames.push(frame)
        await script.answer?.(frame, (body, request = frame.request) => say(body, request))
      }
    } catch {
      // The test cut the link.
    }
  })()
  return { hello, frames }
}
