/** Entries for tests: what matters is given, the rest is plain. */
import { geteuid, getgid } from 'node:process'
import type { Bytes } from '@backstay/proto/bytes'
import { utf8 } from '@backstay/proto/bytes'
import type { Entry } from '@backstay/proto/content/entry'
import type { ContentRun } from '../target.ts'

const none = new Uint8Array()

export function entry(given: Partial<Entry> = {}): Entry {
  return {
    kind: 'file',
    size: 0,
    mode: 0o644,
    uid: geteuid?.() ?? 0,
    gid: getgid?.() ?? 0,
    user: none,
    group: none,
    mtimeS: 1_700_000_000,
    mtimeNs: 123_456_789,
    linkGroup: undefined,
    target: undefined,
    device: undefined,
    attributes: [],
    sha256: undefined,
    content: undefined,
    unread: undefined,
    staleSinceS: undefined,
    sparse: false,
    ...given,
  }
}

export const file = (content: string, given: Partial<Entry> = {}): readonly [Entry, Bytes] => {
  const bytes = utf8(content)
  return [entry({ size: bytes.length, ...given }), bytes]
}

export const folder = (given: Partial<Entry> = {}): Entry => entry({ kind: 'folder', mode: 0o755, ...given })

export const symlink = (target: string, given: Partial<Entry> = {}): Entry =>
  entry({ kind: 'symlink', mode: 0o777, target: utf8(target), ...given })

/** `a/b` as components. */
export const path = (text: string): Bytes[] => text.split('/').map(utf8)

export async function* runs(...given: readonly (ContentRun | string)[]): AsyncGenerator<ContentRun> {
  for (const run of given) yield typeof run === 'string' ? { data: utf8(run) } : run
}
