/** Packages for Debian and Ubuntu, by dpkg-deb. */
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { top } from '../release/programs.ts'
import type { Built } from './built.ts'
import { linuxFiles, wordsOf } from './linux-files.ts'
import { type Making, runTool, workFolder } from './making.ts'
import type { Product } from './products.ts'
import { filled, type Words } from './template.ts'
import { type Entry, layOut } from './tree.ts'

const architectures: Readonly<Record<string, string>> = { 'linux-x64': 'amd64', 'linux-arm64': 'arm64' }
/** Of the libraries that Node is linked with; the oldest glibc whose symbols it names is 2.28. */
const depends = 'libc6 (>= 2.28), libstdc++6 (>= 8), libgcc-s1, libatomic1'

/** Returns the name of the package's file. */
export function makeDeb(product: Product, built: Built, making: Making): string {
  using work = workFolder()
  const { name, version, target } = built
  const architecture = architectures[target]
  if (architecture === undefined) throw new Error(`assertion failed: no deb for ${target}`)
  const words = wordsOf(product, built, '/usr/bin')
  // A plain file: dpkg moves those into their places in the order of the archive, after all are unpacked, so this one
  // comes when its version is complete. A symlink would be put there at once.
  const launcher = (path: string): Entry => ({
    kind: 'text',
    path,
    mode: 0o755,
    text: filled('deb/launcher', words),
  })
  const entries = linuxFiles(product, built, launcher)
  layOut(entries, work.path, making.seconds)
  writeControl(join(work.path, 'DEBIAN'), product, built, architecture, entries, words)
  const file = `${name}_${version}_${architecture}.deb`
  const compression = making.isFast ? ['-Zgzip', '-z1'] : ['-Zxz', '-z6']
  runTool(
    'dpkg-deb',
    ['--root-owner-group', ...compression, '--build', work.path, join(making.to, file)],
    making,
  )
  return file
}

function writeControl(
  at: string,
  product: Product,
  { name, version }: Built,
  architecture: string,
  entries: readonly Entry[],
  words: Words,
): void {
  mkdirSync(at)
  const fields = [
    `Package: ${name}`,
    `Version: ${version}`,
    `Architecture: ${architecture}`,
    'Maintainer: Backstay <backstay@localhost>',
    `Installed-Size: ${kibibytes(entries)}`,
    `Depends: ${depends}`,
    'Section: admin',
    'Priority: optional',
    `Description: ${product.summary}`,
    ...product.description.map(line => ` ${line}`),
  ]
  writeFileSync(join(at, 'control'), `${fields.join('\n')}\n`)
  const settings = entries.filter(entry => entry.kind === 'text' && entry.isSetting)
  if (settings.length > 0)
    writeFileSync(join(at, 'conffiles'), settings.map(({ path }) => `${path}\n`).join(''))
  for (const script of ['preinst', 'postinst', 'prerm', 'postrm']) {
    const template = `deb/${name}.${script}`
    if (!existsSync(join(top, 'installers', template))) continue
    writeFileSync(join(at, script), filled(template, words))
    chmodSync(join(at, script), 0o755)
  }
}

function kibibytes(entries: readonly Entry[]): number {
  const bytes = entries.map(entry => (entry.kind === 'file' ? statSync(entry.from).size : 4096))
  return Math.ceil(bytes.reduce((sum, size) => sum + size, 0) / 1024)
}
