/** Packages for Fedora, RHEL and their kin, by rpmbuild, which makes those of other processors too. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Built } from './built.ts'
import { linuxFiles, wordsOf } from './linux-files.ts'
import { type Making, runTool, workFolder } from './making.ts'
import type { Product } from './products.ts'
import { filled } from './template.ts'
import { type Entry, layOut } from './tree.ts'

const architectures: Readonly<Record<string, string>> = { 'linux-x64': 'x86_64', 'linux-arm64': 'aarch64' }

/** Returns the name of the package's file. */
export function makeRpm(product: Product, built: Built, making: Making): string {
  using work = workFolder()
  const { name, version, target } = built
  const architecture = architectures[target]
  if (architecture === undefined) throw new Error(`assertion failed: no rpm for ${target}`)
  // Made anew by %post: see installers/rpm/switch.sh.
  const link = (path: string): Entry => ({ kind: 'link', path, to: `${version}/${name}`, isSwitched: true })
  const entries = linuxFiles(product, built, link)
  const staged = join(work.path, 'staged')
  mkdirSync(staged)
  layOut(entries, staged, making.seconds)
  const words = {
    ...wordsOf(product, built, '/usr/bin'),
    STAGED: staged,
    FILES: entries.map(fileLine).join('\n'),
  }
  const spec = join(work.path, 'package.spec')
  writeFileSync(spec, filled('rpm/package.spec', words))
  const payload = making.isFast ? 'w1.zstdio' : 'w6.xzdio'
  const defines = [`_topdir ${work.path}/rpm`, `_binary_payload ${payload}`]
  runTool(
    'rpmbuild',
    [
      '-bb',
      '--quiet',
      '--target',
      `${architecture}-linux`,
      ...defines.flatMap(one => ['--define', one]),
      spec,
    ],
    making,
  )
  const file = `${name}-${version}-1.${architecture}.rpm`
  copyFileSync(join(work.path, 'rpm/RPMS', architecture, file), join(making.to, file))
  return file
}

/** A line of %files. */
function fileLine(entry: Entry): string {
  if (entry.kind === 'link') return entry.isSwitched ? `%ghost ${entry.path}` : entry.path
  const mode = `%attr(${entry.mode.toString(8).padStart(4, '0')},root,root)`
  if (entry.kind === 'folder') return `%dir ${mode} ${entry.path}`
  return entry.kind === 'text' && entry.isSetting
    ? `%config(noreplace) ${mode} ${entry.path}`
    : `${mode} ${entry.path}`
}
