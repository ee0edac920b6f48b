/**
 * What a release consists of, signed by the release key: the only word on which a package is installed. The key comes with the
 * installation (a file that root owns), never from a collector or an admin, so neither can have anything run on a device.
 */
import type { Bytes } from '../bytes.ts'
import { Failure } from '../failure.ts'
import { releaseVersion } from '../policy/settings.ts'
import type { Primitives, SigningKey } from '../primitives.ts'
import { decodeEnvelope, signEnvelope, signersOf } from './envelope.ts'
import { type Fields, fieldsOf, plain } from './fields.ts'
import { backstay } from './trust.pb.js'

export interface Release {
  /** Such as `1.4.0`. */
  readonly version: string
  readonly issuedAtMs: number
  readonly files: readonly ReleasedFile[]
}

export interface ReleasedFile {
  readonly program: string
  readonly target: string
  readonly format: PackageFormat
  /** Without a folder. */
  readonly name: string
  readonly bytes: number
  readonly sha256: Bytes
}

export const packageFormats = ['deb', 'rpm', 'msi', 'pkg', 'tar'] as const
export type PackageFormat = (typeof packageFormats)[number]

/** The header of a request by which a device that fetches a package says its id. */
export const deviceHeader = 'backstay-device'

/** Three programs, five systems, two formats each, and room for as many again. */
export const releasedFilesMax = 64
export const packageBytesMax = 512 * 1024 * 1024
const fileName = /^[A-Za-z0-9][A-Za-z0-9._+~-]{0,127}$/
const word = /^[a-z0-9-]{1,32}$/

export function encodeRelease({ version, issuedAtMs, files }: Release): Bytes {
  return plain(backstay.trust.Release.encode({ version, issuedAtMs, files: [...files] }).finish())
}

/** Throws `bad_release`. */
export function decodeRelease(payload: Bytes): Release {
  const fields = fieldsOf('release', 'a release')
  const message = fields.decode(backstay.trust.Release, payload, 'strict')
  const version = fields.text('version', message.version, 32)
  if (!releaseVersion.test(version)) throw fields.bad('its version is not three numbers')
  const files = fields.list('files', message.files, { max: releasedFilesMax }, file => readFile(fields, file))
  const names = new Set(files.map(({ name }) => name))
  if (names.size < files.length) throw fields.bad('it names a file twice')
  return { version, issuedAtMs: fields.time('time of issue', message.issuedAtMs), files }
}

function readFile(fields: Fields, message: backstay.trust.ReleasedFile.$Properties): ReleasedFile {
  const wordOf = (what: string, value: string | null | undefined) => {
    const text = fields.text(what, value, 32)
    if (word.test(text)) return text
    throw fields.bad(`its ${what} is not known`)
  }
  const format = packageFormats.find(one => one === message.format)
  if (format === undefined) throw fields.bad('its format is not known to this version')
  const name = fields.text('file name', message.name, 128)
  if (!fileName.test(name)) throw fields.bad('a file name holds what no name may')
  const bytes = fields.integer('size', message.bytes, packageBytesMax)
  if (bytes === 0) throw fields.bad('a file is empty')
  return {
    program: wordOf('program', message.program),
    target: wordOf('target', message.target),
    ...{ format, name, bytes },
    sha256: fields.fixed('hash', message.sha256, 32),
  }
}

export function signRelease(p: Primitives, release: Release, key: SigningKey): Promise<Bytes> {
  return signEnvelope(p, 'release', encodeRelease(release), [key])
}

/** Throws `not_released` when the release key did not sign it, `bad_release`, `bad_envelope`. */
export async function verifyRelease(p: Primitives, envelope: Bytes, releaseKey: Bytes): Promise<Release> {
  const opened = decodeEnvelope(envelope)
  const signers = await signersOf(p, 'release', opened, [releaseKey])
  if (signers.length > 0) return decodeRelease(opened.payload)
  throw new Failure('not_released', 'this release is not signed by the release key of this installation', {
    hint: 'install nothing of it; releases come with release-key.pem, which root put here',
  })
}

/** Below zero when `a` is the older one. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map(version => version.split('.').map(Number)) as [number[], number[]]
  for (const [index, number] of left.entries()) {
    const difference = number - (right[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
