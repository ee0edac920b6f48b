/** The thread with the keys, as the page sees it: calls and answers. */
import { Failure } from '@backstay/proto/failure'
import type { Wish } from '../../archive/basket.ts'
import type { ZipReport } from '../../archive/zip.ts'
import { type Answer, caller } from './calls.ts'
import type { Vault } from './vault.ts'

type Remote<T> = {
  readonly [Name in keyof T]: T[Name] extends (...values: infer Values) => infer Value
    ? (...values: Values) => Promise<Awaited<Value>>
    : never
}

export type RemoteVault = Remote<Omit<Vault, 'zip'>> & {
  /** Writes to `port` what is asked for there (download-worker.ts); resolves when all was taken. */
  zip(
    device: string,
    wishes: readonly Wish[],
    port: MessagePort,
    told: (progress: { readonly entries: number; readonly bytes: number }) => void,
  ): Promise<ZipReport>
  /** Told when the collector does not answer and is waited for, and when it is back. */
  onWaiting(told: (isWaiting: boolean) => void): () => void
  end(): void
}

const names = [
  ...([
    'open',
    'signIn',
    'lock',
    'sign',
    'effect',
    'files',
    'prove',
    'proveWaiting',
    'prepareTrust',
    'signTrust',
    'snapshots',
    'roots',
    'folder',
    'gone',
    'versions',
    'changes',
    'changeCounts',
  ] as const),
  ...(['search', 'amount', 'file', 'wish', 'restoreThere', 'restored'] as const),
] as const satisfies readonly (keyof Omit<Vault, 'zip'>)[]

export function remoteVault(worker: Worker): RemoteVault {
  const calls = caller(worker)
  const telling = new Map<number, (told: never) => void>()
  const waiting = new Set<(isWaiting: boolean) => void>()
  worker.onmessage = ({ data }: MessageEvent<Answer | { event: 'waiting'; isWaiting: boolean }>) => {
    if ('event' in data) for (const told of waiting) told(data.isWaiting)
    else if ('told' in data) telling.get(data.call)?.(data.told as never)
    else calls.hear(data)
  }
  worker.onerror = event => {
    event.preventDefault()
    calls.end(
      new Failure('page_mistake', 'the part of this page with the keys has ended', {
        hint: 'reload the page',
      }),
    )
  }
  const remote = Object.fromEntries(
    names.map(name => [name, (...values: readonly unknown[]) => calls.ask(name, values)]),
  ) as unknown as Remote<Omit<Vault, 'zip'>>
  return {
    ...remote,
    async zip(device, wishes, port, told) {
      const answer = calls.ask<ZipReport>('zip', [device, wishes], [port])
      const call = calls.last
      telling.set(call, told)
      return answer.finally(() => telling.delete(call))
    },
    onWaiting(told) {
      waiting.add(told)
      return () => waiting.delete(told)
    },
    end: () => worker.terminate(),
  }
}
