/**
 * The collector's daily word, signed as text, so that a mail program may carry it: what stands between the two lines is what was
 * signed, to the letter. Not an envelope: people read it.
 */
import { type Bytes, utf8 } from '../bytes.ts'
import type { Primitives, SigningKey } from '../primitives.ts'

const beginning = '----- Backstay digest -----'
const ending = '----- signature -----'

/** `lines`: without line breaks, none of them one of the two above. */
export async function signDigest(p: Primitives, lines: readonly string[], key: SigningKey): Promise<string> {
  const signed = `${beginning}\n${lines.join('\n')}\n`
  const signature = await key.sign(await hashOf(p, signed))
  return `${signed}${ending}\n${signature.toBase64()}\n`
}

/** The lines that one of the keys signed; undefined when none did. What stands around them counts for nothing. */
export async function readDigest(
  p: Primitives,
  text: string,
  keys: readonly Bytes[],
): Promise<readonly string[] | undefined> {
  // Mail changes line breaks, and nothing else that we write.
  const plain = text.replaceAll('\r\n', '\n')
  const first = plain.indexOf(`${beginning}\n`)
  const end = plain.indexOf(`${ending}\n`, first)
  if (first < 0 || end < 0) return undefined
  const signed = plain.slice(first, end)
  const signature = base64Of(plain.slice(end + ending.length + 1).split('\n')[0] ?? '')
  if (signature === undefined) return undefined
  for (const key of keys) {
    if (await p.verify(key, await hashOf(p, signed), signature)) return signed.split('\n').slice(1, -1)
  }
  return undefined
}

function hashOf(p: Primitives, signed: string): Promise<Bytes> {
  return p.sha256(utf8(`backstay/digest\n${signed}`))
}

function base64Of(text: string): Bytes | undefined {
  try {
    return Uint8Array.fromBase64(text)
  } catch {
    return undefined
  }
}
