/**
 * The releases that this collector holds for its devices: a folder each, with what the release key signed and the packages
 * that it names. Nothing that the key did not sign comes in, and nothing older than what is here.
 */
import { createHash } from 'node:crypto'
import { constants, createReadStream } from 'node:fs'
import { copyFile, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Bytes, equalBytes } from '@backstay/proto/bytes'
import { Failure, isFailure } from '@backstay/proto/failure'
import { releaseVersion } from '@backstay/proto/policy/settings'
import type { Primitives } from '@backstay/proto/primitives'
import {
  compareVersions,
  type Release,
  type ReleasedFile,
  verifyRelease,
} from '@backstay/proto/trust/release'

export interface HeldRelease {
  readonly release: Release
  readonly envelope: Bytes
  /** By somebody here; `stop`: not handed out; `go`: handed out whatever the devices say. */
  readonly word: 'stop' | 'go' | undefined
}

export interface PackageStore {
  /** Newest first. What is there and not signed by the release key is left out. */
  list(): Promise<readonly HeldRelease[]>
  find(version: string): Promise<HeldRelease | undefined>
  /** Undefined when the release names no such file. */
  read(
    held: HeldRelease,
    name: string,
  ): Promise<{ readonly file: ReleasedFile; readonly bytes: Readable } | undefined>
  /** `from`: a folder with `release.dsse` and the packages. Throws `not_released`, `older_release`, `package_differs`, `no_release`. */
  add(from: string): Promise<Release>
  /** Throws `no_release`. */
  say(version: string, word: HeldRelease['word']): Promise<void>
  /** Gives its room back. Throws `no_release`, and `newest_release` for the one by which older ones are refused. */
  remove(version: string): Promise<Release>
}

export const releaseFile = 'release.dsse'
const wordFile = 'word'
const goneSuffix = '.gone'

/** `key`: Ed25519, of who makes releases. */
export function packageStore(p: Primitives, folder: string, key: Bytes): PackageStore {
  async function find(version: string): Promise<HeldRelease | undefined> {
    if (!releaseVersion.test(version)) return undefined
    try {
      const envelope = Uint8Array.from(await readFile(join(folder, version, releaseFile)))
      const release = await verifyRelease(p, envelope, key)
      if (release.version !== version) return undefined
      return { release, envelope, word: await wordOf(version) }
    } catch (error) {
      if (isFailure(error) || isMissing(error)) return undefined
      throw error
    }
  }

  async function wordOf(version: string): Promise<HeldRelease['word']> {
    const text = await readFile(join(folder, version, wordFile), 'utf8').catch(() => '')
    return (['stop', 'go'] as const).find(word => word === text)
  }

  async function list(): Promise<readonly HeldRelease[]> {
    const names = await readdir(folder).catch(() => [])
    const found = await Promise.all(names.map(find))
    return found
      .filter(one => one !== undefined)
      .sort((a, b) => compareVersions(b.release.version, a.release.version))
  }

  async function required(version: string): Promise<HeldRelease> {
    const held = await find(version)
    if (held !== undefined) return held
    throw new Failure('no_release', `this collector holds no release ${version}`, {
      hint: 'list them: backstay-collector release list',
    })
  }

  return {
    ...{ find, list },
    async read({ release }, name) {
      const file = release.files.find(one => one.name === name)
      if (file === undefined) return undefined
      return { file, bytes: createReadStream(join(folder, release.version, name)) }
    },
    async add(from) {
      const envelope = Uint8Array.from(await readReleaseIn(from))
      const release = await verifyRelease(p, envelope, key)
      const [newest] = await list()
      if (newest !== undefined && compareVersions(release.version, newest.release.version) <= 0) {
        throw new Failure(
          'older_release',
          `release ${release.version} is not newer than ${newest.release.version}, which is here already`,
          { hint: 'devices are never taken back; make a release with a higher number of what was good' },
        )
      }
      const fresh = join(folder, `.${release.version}.part`)
      await rm(fresh, { recursive: true, force: true })
      await mkdir(fresh, { recursive: true, mode: 0o700 })
      try {
        for (const file of release.files) await take(file, join(from, file.name), join(fresh, file.name))
        await durably(join(fresh, releaseFile), envelope)
        await rename(fresh, join(folder, release.version))
      } catch (error) {
        await rm(fresh, { recursive: true, force: true })
        throw error
      }
      return release
    },
    async say(version, word) {
      await required(version)
      if (word === undefined) await rm(join(folder, version, wordFile), { force: true })
      else await writeFile(join(folder, version, wordFile), word)
    },
    async remove(version) {
      const { release } = await required(version)
      const [newest] = await list()
      if (newest?.release.version === version) {
        throw new Failure(
          'newest_release',
          `release ${version} is the newest here: it keeps older ones out`,
          {
            hint: `to hand it out no further: backstay-collector release stop ${version}`,
          },
        )
      }
      // By one rename out of sight; what a cut-off leaves of it goes with the next.
      await rename(join(folder, version), join(folder, `.${version}${goneSuffix}`))
      const gone = (await readdir(folder)).filter(name => name.endsWith(goneSuffix))
      for (const name of gone) await rm(join(folder, name), { recursive: true, force: true })
      return release
    },
  }
}

async function readReleaseIn(folder: string): Promise<Bytes> {
  try {
    return await readFile(join(folder, releaseFile))
  } catch (cause) {
    throw new Failure('no_release', `there is no ${releaseFile} in "${folder}"`, {
      hint: 'make one with: npm run package -- --key FILE',
      cause,
    })
  }
}

/** Copies, then hashes what was copied. */
async function take({ name, bytes, sha256 }: ReleasedFile, from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL)
  } catch (cause) {
    throw new Failure('package_differs', `"${from}" cannot be read`, { hint: 'the release names it', cause })
  }
  const hash = createHash('sha256')
  await pipeline(createReadStream(to), hash)
  if ((await stat(to)).size !== bytes || !equalBytes(hash.digest(), sha256)) {
    throw new Failure('package_differs', `"${name}" is not what the release key signed`, {
      hint: 'copy the release anew',
    })
  }
  await using file = await open(to, 'r+')
  await file.sync()
}

async function durably(path: string, bytes: Bytes): Promise<void> {
  await using file = await open(path, 'wx')
  await file.writeFile(bytes)
  await file.sync()
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
