/** The path that somebody without keys asked for, sealed for the restore admins (web/restore/ask-for.tsx). */
import { type Bytes, fromUtf8, utf8 } from '@backstay/proto/bytes'
import { type Identity, openWith } from '@backstay/proto/content/age'
import { Failure } from '@backstay/proto/failure'

/** `sealed`: base64 of an age file. An absolute path as its device has it. Throws `bad_wish` and what opening throws. */
export async function openWishedPath(identity: Identity, sealed: string): Promise<Bytes> {
  const text = fromUtf8(await openWith([identity], Uint8Array.fromBase64(sealed)))
  const { path } = JSON.parse(text) as { readonly path?: unknown }
  if (typeof path === 'string' && path.startsWith('/')) return utf8(path)
  throw new Failure('bad_wish', 'the wish names no path', { hint: 'ask whoever made it' })
}
