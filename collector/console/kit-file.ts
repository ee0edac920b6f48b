import { readSmall } from '@backstay/agent/keys/durable-file'
import { fromUtf8 } from '@backstay/proto/bytes'
import { type Kit, readKit } from '@backstay/proto/content/kit'
import { Failure } from '@backstay/proto/failure'

const kitBytesMax = 4 * 1024 * 1024

/** A saved page or typed lines. Throws `bad_kit`, `kit_typo`. */
export async function readKitFile(path: string): Promise<Kit> {
  const bytes = await readSmall(path, kitBytesMax)
  if (bytes === undefined) throw new Failure('bad_kit', `there is no kit file "${path}"`)
  let text: string
  try {
    text = fromUtf8(bytes)
  } catch (cause) {
    throw new Failure('bad_kit', `the kit file "${path}" is not text`, { cause })
  }
  return readKit(text)
}
