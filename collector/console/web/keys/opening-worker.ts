/** A thread that opens segments, each with the one key that it is given with it. */

import type { Bytes } from '@backstay/proto/bytes'
import type { Reference } from '@backstay/proto/content/entry'
import { openObject } from '@backstay/proto/content/seal'
import { webPrimitives } from '@backstay/proto/web'
import { type Answer, answerTo, type Call } from './calls.ts'

const scope = self as unknown as Worker

const post = {
  /** What was opened lies in memory of its own, and is handed over. */
  postMessage(answer: Answer) {
    const bytes = 'ok' in answer && answer.ok ? (answer.value as Bytes).buffer : undefined
    scope.postMessage(answer, bytes instanceof ArrayBuffer ? [bytes] : [])
  },
} as const

scope.onmessage = ({ data }: MessageEvent<Call>) => {
  void answerTo(post as Pick<Worker, 'postMessage'> as never, { open }, data)
}

async function open(reference: Reference, stored: Bytes): Promise<Bytes> {
  return (await openObject(webPrimitives, reference, 'segment', stored)).bytes
}
