import { readSmall } from '@backstay/agent/keys/durable-file'
import { fromUtf8 } from '@backstay/proto/bytes'
import { type Kit, type OwnerPaper, readKit, readOwnerPaper } from '@backstay/proto/content/kit'
import { Failure } from '@backstay/proto/failure'

const kitBytesMax = 4 * 1024 * 1024

/** A saved page or typed lines. Throws `bad_kit`, `kit_typo`. */
export async function readKitFile(path: string): Promise<Kit> {
  return readKit(await textOf(path))
}

/** The same where only an owner's signature is needed: an owner's paper does, too. */
export async function readOwnerFile(path: string): Promise<OwnerPaper> {
  return readOwnerPaper(await textOf(path))
}

async function textOf(path: string): Promise<string> {
  const bytes = await readSmall(path, kitBytesMax)
  if (bytes === undefined) throw new Failure('bad_kit', `there is no kit file "${path}"`)
  try {
    return fromUtf8(bytes)
  } catch (cause) {
    throw new Failure('bad_kit', `the kit file "${path}" is not text`, { cause })
  }
}
