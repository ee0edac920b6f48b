import { readNamedFile } from '@backstay/agent/commands/named-file'
import { type Kit, type OwnerPaper, readKit, readOwnerPaper } from '@backstay/proto/content/kit'

const kitBytesMax = 4 * 1024 * 1024

/** A saved page or typed lines. Throws `no_file`, `bad_kit`, `kit_typo`. */
export async function readKitFile(path: string): Promise<Kit> {
  return readKit(await readNamedFile(path, 'kit file', kitBytesMax))
}

/** The same where only an owner's signature is needed: an owner's paper does, too. */
export async function readOwnerFile(path: string): Promise<OwnerPaper> {
  return readOwnerPaper(await readNamedFile(path, 'kit file', kitBytesMax))
}
