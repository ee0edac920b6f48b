/**
 * What a Mac needs to make the agent's package: the tree that it installs, its scripts, and build-pkg.sh, which calls Apple's
 * own tools. They exist on a Mac only, as do the signature and the notary without which nobody can open a package.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { macLib, makeTar } from './archive.ts'
import { type Built, documents } from './built.ts'
import { programFiles, wordsOf } from './linux-files.ts'
import { type Making, workFolder } from './making.ts'
import type { Product } from './products.ts'
import { filled } from './template.ts'
import { type Entry, layOut } from './tree.ts'

/** As Apple's tools call processors. */
const architectures: Readonly<Record<string, string>> = { 'darwin-x64': 'x86_64', 'darwin-arm64': 'arm64' }

/** Returns the name of the archive's file. */
export function makeMacFolder(product: Product, built: Built, making: Making): string {
  using work = workFolder()
  const { version, target } = built
  const words = {
    ...wordsOf(product, built, '/usr/local/bin'),
    PLATFORM: 'darwin-backstay-agent',
    ...{ LIB: macLib, PURGED: '' },
    HOST_ARCHITECTURE: architectures[target] ?? '',
  }
  const lib = `/pkgroot${macLib}`
  const text = (path: string, template: string, mode: number): Entry => ({
    kind: 'text',
    path,
    mode,
    text: filled(template.includes('/') ? template : `macos/${template}`, words),
  })
  const entries: Entry[] = [
    ...programFiles(built, `${lib}/${version}`),
    ...documents.map(document => ({
      kind: 'file' as const,
      path: `${lib}/${version}/${document}`,
      mode: 0o644,
      from: join(built.folder, document),
    })),
    text(`${lib}/service`, 'service', 0o755),
    text(`${lib}/uninstall.sh`, 'archive/uninstall.sh', 0o755),
    ...['org.backstay.agent.plist', 'org.backstay.agent-update.plist'].map(plist =>
      text(`/pkgroot/Library/LaunchDaemons/${plist}`, plist, 0o644),
    ),
    text('/scripts/preinstall', 'preinstall', 0o755),
    text('/scripts/postinstall', 'postinstall', 0o755),
    text('/distribution.xml', 'distribution.xml', 0o644),
    text('/entitlements.plist', 'entitlements.plist', 0o644),
    text('/build-pkg.sh', 'build-pkg.sh', 0o755),
    text('/full-disk-access.mobileconfig', 'full-disk-access.mobileconfig', 0o644),
    text('/enrolment-token.mobileconfig', 'enrolment-token.mobileconfig', 0o644),
  ]
  const name = `backstay-agent-${version}-${target}-pkg`
  mkdirSync(join(work.path, name))
  layOut(entries, join(work.path, name), making.seconds)
  return makeTar(work.path, name, making)
}
