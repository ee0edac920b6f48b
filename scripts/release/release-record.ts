/** `release.dsse`: what a release consists of, signed by the release key, as collectors and agents believe it. */
import { createHash, type KeyObject } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nodePrimitives as p } from '@backstay/proto/node'
import { packageFormats, type ReleasedFile, signRelease } from '@backstay/proto/trust/release'

export interface MadePackage {
  readonly program: string
  readonly target: string
  readonly format: string
  /** In the folder of packages. */
  readonly name: string
}

/** Packages of a format that no agent installs (tar.gz with a script) are left out. */
export async function writeReleaseRecord(
  folder: string,
  about: { readonly version: string; readonly issuedAtMs: number },
  packages: readonly MadePackage[],
  key: KeyObject,
): Promise<void> {
  const files = packages.flatMap(({ program, target, format: named, name }): ReleasedFile[] => {
    const format = packageFormats.find(one => one === named)
    if (format === undefined) return []
    const bytes = readFileSync(join(folder, name))
    const sha256 = createHash('sha256').update(bytes).digest()
    return [{ program, target, format, name, bytes: bytes.length, sha256 }]
  })
  // The last 32 bytes of PKCS #8 are the seed (RFC 8410).
  const seed = Uint8Array.from(key.export({ type: 'pkcs8', format: 'der' }).subarray(-32))
  const envelope = await signRelease(p, { ...about, files }, await p.signingKey(seed))
  writeFileSync(join(folder, 'release.dsse'), envelope)
}
