/**
 * Packages for Windows, by wixl, with a service host and an installer's library compiled by mingw. Fleet tools install them in
 * silence. The programs are one LZMA file in it (decision 0021), which that library unpacks.
 */
import { createHash } from 'node:crypto'
import { copyFileSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { top } from '../release/programs.ts'
import { withVersion } from '../release/windows-resource.ts'
import { type Built, documents } from './built.ts'
import { nameCompilerParts } from './compiler-parts.ts'
import { type Making, runTool, workFolder } from './making.ts'
import { amendments } from './msi-amendments.ts'
import type { Product } from './products.ts'
import { filled } from './template.ts'

const host = 'backstay-service.exe'
const library = 'installer.dll'
const archive = 'backstay-agent.tar.lzma'
/** More than what lies beside the programs, and what Windows keeps of an installation. */
const otherBytes = 16e6

/** Returns the name of the package's file. */
export function makeMsi(product: Product, built: Built, making: Making): string {
  using work = workFolder()
  const { name, version } = built
  const isPacked = (file: string) => /\.(exe|node)$/.test(file)
  const packed = built.programFiles.filter(isPacked)
  const files = [archive, ...built.programFiles.filter(file => !isPacked(file)), ...documents]
  const { sha256, bytes, packedBytes } = pack(built.folder, packed, join(work.path, archive), making)
  for (const file of files.slice(1)) copyFileSync(join(built.folder, file), join(work.path, file))
  nameCompilerParts(work.path, making)
  compileForWindows(work.path, making)
  describeHost(join(work.path, host), version)
  const components = files.map((file, index) => component(file, `File${index}`))
  const text = filled('msi/agent.wxs', {
    VERSION: version,
    SUMMARY: product.summary,
    // One for each version, so that the same version is not installed beside itself.
    PRODUCT: uuidOf(`${name} ${version}`),
    UNPACKED_BYTES: String(bytes),
    UNPACKED_SHA: sha256,
    // Both stay; the rest is small.
    NEEDED_BYTES: String(bytes + packedBytes + otherBytes),
    FILES: components.join('\n'),
    REFERENCES: files.map((_, index) => `      <ComponentRef Id="File${index}" />`).join('\n'),
  })
  writeFileSync(join(work.path, 'agent.wxs'), text)
  // Times of files go into the cabinet.
  for (const one of [...files, host, library])
    utimesSync(join(work.path, one), making.seconds, making.seconds)
  const file = `${name}_${version}_x64.msi`
  const made = join(making.to, file)
  runTool('wixl', ['-a', 'x64', '-o', made, join(work.path, 'agent.wxs')], making)
  runTool('msibuild', [made, ...amendments(packed).flatMap(query => ['-q', query])], making)
  // Its own, as each package has, and no other when it is made again.
  const code = uuidOf(
    `package ${createHash('sha256')
      .update(readFileSync(join(work.path, archive)))
      .update(text)
      .digest('hex')}`,
  )
  settleSummary(made, code, work.path, making)
  return file
}

/** wixl takes the time of the day and a random code. */
function settleSummary(msi: string, code: string, folder: string, making: Making): void {
  const time = new Date(making.seconds * 1000)
    .toISOString()
    .slice(0, 19)
    .replaceAll('-', '/')
    .replace('T', ' ')
  const set: Readonly<Record<string, string>> = { 9: `{${code.toUpperCase()}}`, 12: time, 13: time }
  const table = runTool('msiinfo', ['export', msi, '_SummaryInformation'], making).toString()
  const file = join(folder, '_SummaryInformation.idt')
  writeFileSync(
    file,
    table.replace(/^(9|12|13)\t[^\r\n]*/gm, (_, property: string) => `${property}\t${set[property]}`),
  )
  runTool('msibuild', [msi, '-i', file], making)
}

interface Packed {
  /** Of the tar. */
  readonly bytes: number
  readonly sha256: string
  readonly packedBytes: number
}

/** Writes a tar of `names` in `folder` as LZMA to `to`. */
export function pack(folder: string, names: readonly string[], to: string, making: Making): Packed {
  const same = ['--owner=0', '--group=0', '--numeric-owner', '--mode=0644', `--mtime=@${making.seconds}`]
  const tar = `${to}.tar`
  runTool('tar', ['--format=ustar', ...same, '--directory', folder, '-cf', tar, ...names], making)
  const [bytes, sha256] = [readFileSync(tar), createHash('sha256')]
  const effort = making.isFast ? 'preset=0' : 'preset=9e'
  const packed = runTool('xz', ['--format=lzma', `--lzma1=${effort}`, '--stdout', tar], making)
  writeFileSync(to, packed)
  rmSync(tar)
  return { bytes: bytes.length, sha256: sha256.update(bytes).digest('hex'), packedBytes: packed.length }
}

/** A file as a part of its own, as Windows wants it; its id is the same in all versions. */
function component(file: string, id: string): string {
  const guid = uuidOf(`component ${file}`)
  return [
    `          <Component Id="${id}" Guid="${guid}" Win64="yes">`,
    `            <File Id="${id}" Source="${file}" KeyPath="yes" />`,
    '          </Component>',
  ].join('\n')
}

/** The service host and the installer's library, into `folder`. */
export function compileForWindows(folder: string, making: Making): void {
  const words = [
    '-std=c11',
    '-O2',
    '-s',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-Wl,--no-insert-timestamp',
    '-static',
  ]
  const compile = (to: string, sources: readonly string[], more: readonly string[]) =>
    runTool(
      'x86_64-w64-mingw32-gcc',
      [
        ...words,
        '-o',
        join(folder, to),
        ...sources.map(source => join(top, 'installers/msi', source)),
        ...more,
      ],
      making,
    )
  compile(host, ['service-host.c', 'folders.c'], ['-ladvapi32', '-lshell32'])
  const parts = ['installer.c', 'folders.c', 'unpack.c', 'lzma.c']
  // Else its address is made of the name of the folder that it is compiled in.
  compile(library, parts, [
    '-shared',
    '-Wl,--image-base=0x180000000',
    '-ladvapi32',
    '-lshell32',
    '-lmsi',
    '-lbcrypt',
  ])
}

function describeHost(file: string, version: string): void {
  const about = { file: host, title: 'Backstay agent service', version }
  writeFileSync(file, withVersion(readFileSync(file), about))
}

/** RFC 9562 §5.8: a UUID whose content is ours to choose. */
function uuidOf(text: string): string {
  const bytes = createHash('sha256').update(`backstay msi ${text}`).digest().subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const digits = bytes.toString('hex')
  return [0, 8, 12, 16, 20].map((from, index, all) => digits.slice(from, all[index + 1])).join('-')
}
