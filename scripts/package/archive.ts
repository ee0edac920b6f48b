/** An archive with a script that installs it: for every system that has no package of ours. */
import { mkdirSync, rmSync } from 'node:fs'
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
  const file = `${name}.tar.gz`
  const sameForAll = [
    '--sort=name',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    `--mtime=@${making.seconds}`,
  ]
  const compress = `gzip --no-name ${making.isFast ? '-1' : '-9'}`
  const words = [...sameForAll, '--format=gnu', `--use-compress-program=${compress}`, '--directory', at]
  runTool('tar', [...words, '-cf', join(making.to, file), name], making)
  return file
}

function archiveFiles(product: Product, built: Built): Entry[] {
  const platform = built.target.startsWith('linux-') ? 'linux' : 'darwin'
  const words: Words = {
    ...wordsOf(product, built, '/usr/local/bin'),
    PLATFORM: `${platform}-${built.name}`,
    MACHINE: machines[built.target] ?? '',
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

/** Templates of what install.sh puts beside the program. */
function settingsOf({ name, isService, settings, users }: Product, platform: 'linux' | 'darwin'): string[] {
  if (!isService) return []
  if (platform === 'darwin') return ['macos/service', 'macos/org.backstay.agent.plist']
  const own = Object.values(settings?.files ?? {}).map(({ template }) => template)
  return [`linux/${name}.service`, ...own, ...(users === undefined ? [] : [users])]
}

const text = (path: string, text: string, mode: number): Entry => ({ kind: 'text', path, text, mode })
