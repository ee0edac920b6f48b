/**
 * The release that the policy names, from the collector to a file that may be installed. An admin's signature says which
 * version; the release key, which root put on this machine, says what it is; and nothing goes back to an older one.
 */
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { type Bytes, concat, equalBytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { Primitives } from '@backstay/proto/primitives'
import { envelopeBytesMax } from '@backstay/proto/trust/envelope'
import {
  compareVersions,
  type PackageFormat,
  type Release,
  type ReleasedFile,
  verifyRelease,
} from '@backstay/proto/trust/release'

export interface UpdateSource {
  /** `path`: `/packages/…`. Throws what fetching throws. */
  get(path: string): Promise<Readable>
}

export interface Wanted {
  /** Of the policy; empty: none. */
  readonly version: string
  readonly running: string
  /** Such as `linux-x64`. */
  readonly target: string
  /** How this agent was installed. */
  readonly format: PackageFormat
}

/** What is to be done: nothing, or to fetch `file`. Throws `older_release`, `not_released`, `no_release`. */
export async function findUpdate(
  p: Primitives,
  source: UpdateSource,
  releaseKey: Bytes,
  { version, running, target, format }: Wanted,
): Promise<ReleasedFile | undefined> {
  if (version === '' || version === running) return undefined
  if (compareVersions(version, running) < 0) {
    throw new Failure('older_release', `the policy names ${version}, and this device runs ${running}`, {
      hint: 'an agent never goes back; to undo a release, make a newer one of what was good',
    })
  }
  const envelope = await allOf(await source.get(`/packages/${version}`))
  const release = await verifyRelease(p, envelope, releaseKey)
  if (release.version !== version) {
    throw new Failure('not_released', `the collector shows release ${release.version} as ${version}`)
  }
  return fileFor(release, target, format)
}

function fileFor({ version, files }: Release, target: string, format: PackageFormat): ReleasedFile {
  const isOurs = (one: ReleasedFile) =>
    one.program === 'backstay-agent' && one.target === target && one.format === format
  const found = files.find(isOurs)
  if (found !== undefined) return found
  throw new Failure('no_package', `release ${version} has no ${format} for ${target}`, {
    hint: 'ask who makes your releases',
  })
}

/**
 * Fetches a package into a new file in `folder`, which only its user may write to. Throws `not_released` when it is not what
 * the release names; then nothing of it is left under its name.
 */
export async function fetchPackage(
  source: UpdateSource,
  version: string,
  { name, bytes, sha256 }: ReleasedFile,
  folder: string,
): Promise<string> {
  const path = join(folder, name)
  await using file = await open(path, 'wx', 0o600)
  const hash = createHash('sha256')
  let length = 0
  for await (const part of await source.get(`/packages/${version}/${name}`)) {
    length += part.length
    if (length > bytes) break
    hash.update(part)
    await file.write(part)
  }
  if (length === bytes && equalBytes(hash.digest(), sha256)) {
    await file.sync()
    return path
  }
  await file.truncate(0)
  throw new Failure('not_released', `"${name}" is not what the release key signed`, {
    hint: 'nothing was installed; run it again, and if it happens again, look into the collector',
  })
}

async function allOf(from: Readable): Promise<Bytes> {
  const parts: Bytes[] = []
  let length = 0
  for await (const part of from) {
    parts.push(part)
    length += part.length
    if (length > envelopeBytesMax) throw new Failure('not_released', 'the release is too large to be one')
  }
  return concat(...parts)
}
