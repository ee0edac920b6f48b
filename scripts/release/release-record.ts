/** `release.dsse`: what a release consists of, signed by the release key, as collectors and agents believe it. */
import { createHash, type KeyObject } from 'node:crypto'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Bytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import {
  packageFormats,
  type Release,
  type ReleasedFile,
  signRelease,
  verifyRelease,
} from '@backstay/proto/trust/release'

export interface MadePackage {
  readonly program: string
  readonly target: string
  readonly format: string
  /** In the folder of packages. */
  readonly name: string
}

/** Packages of a format that no agent installs (an archive with a script, parts for a Mac) are left out. */
export async function writeReleaseRecord(
  folder: string,
  about: { readonly version: string; readonly issuedAtMs: number },
  packages: readonly MadePackage[],
  key: KeyObject,
): Promise<void> {
  const files = packages.flatMap(({ program, target, format: named, name }): ReleasedFile[] => {
    const format = packageFormats.find(one => one === named)
    if (format === undefined) return []
    return [{ program, target, format, name, ...contentOf(join(folder, name)) }]
  })
  await write(folder, { ...about, files }, key)
}

/**
 * Puts packages that were made, or signed, on another machine into the release in `folder`: a pkg, and whatever stands in
 * the release by its name. Throws `no_release`, `not_released` when another key signed that, `bad_package`.
 */
export async function addToRelease(folder: string, made: readonly string[], key: KeyObject): Promise<void> {
  const own = await p.signingKey(seedOf(key))
  const release = await verifyRelease(p, recordIn(folder), own.publicKey)
  let { files } = release
  for (const file of made) {
    const about = placeOf(basename(file), release)
    copyFileSync(file, join(folder, about.name))
    files = [
      ...files.filter(({ name }) => name !== about.name),
      { ...about, ...contentOf(join(folder, about.name)) },
    ]
  }
  await write(folder, { ...release, files }, key)
}

/** As installers/macos/build-pkg.sh calls what it makes. */
const macPackage =
  /^(?<program>backstay-agent)-(?<version>\d+\.\d+\.\d+)-(?<target>darwin-(?:x64|arm64))\.pkg$/

function placeOf(name: string, { version, files }: Release): Omit<ReleasedFile, 'bytes' | 'sha256'> {
  const known = files.find(one => one.name === name)
  if (known !== undefined) return known
  const { program = '', target = '', version: own } = macPackage.exec(name)?.groups ?? {}
  if (own === version) return { program, target, format: 'pkg', name }
  throw new Failure('bad_package', `"${name}" is no package of release ${version}`, {
    hint: `one for a Mac is called backstay-agent-${version}-darwin-arm64.pkg; others keep their names`,
  })
}

function recordIn(folder: string): Bytes {
  try {
    return readFileSync(join(folder, recordFile))
  } catch (cause) {
    throw new Failure('no_release', `there is no ${recordFile} in "${folder}"`, {
      hint: 'make the packages of this release first: npm run package -- --key FILE',
      cause,
    })
  }
}

const recordFile = 'release.dsse'

async function write(folder: string, release: Release, key: KeyObject): Promise<void> {
  writeFileSync(join(folder, recordFile), await signRelease(p, release, await p.signingKey(seedOf(key))))
}

/** The last 32 bytes of PKCS #8 are the seed (RFC 8410). */
const seedOf = (key: KeyObject) => Uint8Array.from(key.export({ type: 'pkcs8', format: 'der' }).subarray(-32))

function contentOf(path: string): Pick<ReleasedFile, 'bytes' | 'sha256'> {
  const bytes = readFileSync(path)
  return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest() }
}
