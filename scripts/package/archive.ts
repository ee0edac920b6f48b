/** An archive with a script that installs it: for every system that has no package of ours. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { publicKeyFile, writeSums } from '../release/sums.ts'
import { type Built, documents } from './built.ts'
import { wordsOf } from './linux-files.ts'
import { type Making, runTool, workFolder } from './making.ts'
import type { Product } from './products.ts'
import { filled, type Words } from './template.ts'
import { type Entry, layOut } from './tree.ts'

/** As `uname -s` and `uname -m` say it. */
const machines: Readonly<Record<string, string>> = {
  'linux-x64': 'Linux-x86_64',
  'linux-arm64': 'Linux-aarch64',
  'darwin-x64': 'Darwin-x86_64',
  'darwin-arm64': 'Darwin-arm64',
}

/** A third smaller than by gzip. GNU tar needs xz to unpack it; that of macOS needs nothing. */
const suffix = '.tar.xz'

/** Returns the name of the archive's file. */
export async function makeArchive(product: Product, built: Built, making: Making): Promise<string> {
  using work = workFolder()
  const name = `${built.name}-${built.version}-${built.target}`
  const folder = join(work.path, name)
  mkdirSync(folder)
  layOut(archiveFiles(product, built), folder, making.seconds)
  await writeSums(folder, making.keyFile)
  // A key that comes with what it signed proves nothing.
  rmSync(join(folder, publicKeyFile), { force: true })
  return makeTar(work.path, name, making)
}

/** Of the folder `name` in `at`. Names in order, one owner, one time. */
export function makeTar(at: string, name: string, making: Making): string {
  const file = `${name}${suffix}`
  const sameForAll = [
    '--sort=name',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    `--mtime=@${making.seconds}`,
  ]
  // One thread: blocks of several would be cut by how many there are.
  const compress = `xz --threads=1 ${making.isFast ? '-0' : '-6'}`
  const words = [...sameForAll, '--format=gnu', `--use-compress-program=${compress}`, '--directory', at]
  runTool('tar', [...words, '-cf', join(making.to, file), name], making)
  return file
}

/** The archives of `product` that lie in `folder`, as a person unpacks them in `to`. */
export function unpackArchive(folder: string, product: string, to: string): void {
  mkdirSync(to, { recursive: true })
  const isOne = (file: string) => file.startsWith(`${product}-`) && file.endsWith(suffix)
  for (const file of readdirSync(folder).filter(isOne))
    execFileSync('tar', ['-xJf', join(folder, file), '-C', to])
}

function archiveFiles(product: Product, built: Built): Entry[] {
  const platform = built.target.startsWith('linux-') ? 'linux' : 'darwin'
  const words: Words = {
    ...wordsOf(product, built, '/usr/local/bin'),
    PLATFORM: `${platform}-${built.name}`,
    MACHINE: machines[built.target] ?? '',
    LIB: libOf(built),
    FILES: built.programFiles.join(' '),
    PURGED: built.name === 'backstay-collector' ? ': all backups of the fleet' : '',
  }
  const script = (name: string): Entry => text(`/${name}`, filled(`archive/${name}`, words), 0o755)
  const inFolder = (folder: string, names: readonly string[]): Entry[] =>
    names.map(name => ({
      kind: 'file',
      path: `${folder}/${name}`,
      mode: name === built.name ? 0o755 : 0o644,
      from: join(built.folder, name),
    }))
  return [
    script('install.sh'),
    script('uninstall.sh'),
    ...inFolder('', documents),
    ...inFolder('/program', built.programFiles),
    ...settingsOf(product, platform).map(template =>
      text(`/settings/${template.slice(template.lastIndexOf('/') + 1)}`, filled(template, words), 0o644),
    ),
  ]
}

/**
 * Where root's own programs lie on a Mac. Homebrew makes /usr/local a user's on Intel Macs, and whoever may exchange what
 * root runs is root.
 */
export const macLib = '/Library/Application Support/Backstay/program'

function libOf({ name, target }: Built): string {
  return target.startsWith('darwin-') && name === 'backstay-agent' ? macLib : `/usr/local/lib/${name}`
}

/** Templates of what install.sh puts beside the program. */
function settingsOf({ name, isService, settings, users }: Product, platform: 'linux' | 'darwin'): string[] {
  if (!isService) return []
  if (platform === 'darwin')
    return ['service', 'org.backstay.agent.plist', 'org.backstay.agent-update.plist'].map(
      file => `macos/${file}`,
    )
  const own = Object.values(settings?.files ?? {}).map(({ template }) => template)
  return [`linux/${name}.service`, ...own, ...(users === undefined ? [] : [users])]
}

const text = (path: string, text: string, mode: number): Entry => ({ kind: 'text', path, text, mode })
