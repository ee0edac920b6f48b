/** Where a deb or rpm puts things. A version has a folder of its own, so that old and new never mix. */
import { join } from 'node:path'
import { type Built, documents } from './built.ts'
import type { Product } from './products.ts'
import { filled, type Words } from './template.ts'
import type { Entry } from './tree.ts'

/** `inUse`: what says which version is run; it lies where `/usr/bin` leads. */
export function linuxFiles(product: Product, built: Built, inUse: (path: string) => Entry): Entry[] {
  const { name, version } = built
  // Where SELinux's policy takes files for programs; in /usr/lib it would take them for libraries.
  const lib = `/usr/libexec/${name}`
  const docs = `/usr/share/doc/${name}`
  const words = wordsOf(product, built, '/usr/bin')
  return [
    folder(lib),
    ...programFiles(built, `${lib}/${version}`),
    inUse(`${lib}/${name}`),
    { kind: 'link', path: `/usr/bin/${name}`, to: `../libexec/${name}/${name}` },
    folder(docs),
    ...documents.map(document => ({
      kind: 'file' as const,
      path: `${docs}/${document === 'LICENSE' ? 'copyright' : document}`,
      mode: 0o644,
      from: join(built.folder, document),
    })),
    ...serviceFiles(product, words),
    ...settingsFiles(product, words),
  ]
}

/** The executable and its addons in a folder of their own. */
export function programFiles(built: Built, at: string): Entry[] {
  const files = built.programFiles.map(file => ({
    kind: 'file' as const,
    path: `${at}/${file}`,
    mode: file === built.name ? 0o755 : 0o644,
    from: join(built.folder, file),
  }))
  return [folder(at), ...files]
}

/** `bin`: the folder from which services start the program. */
export function wordsOf(
  { name, summary, description }: Product,
  { version, target }: Built,
  bin: string,
): Words {
  return {
    NAME: name,
    VERSION: version,
    TARGET: target,
    BIN: bin,
    SUMMARY: summary,
    DESCRIPTION: description.join('\n'),
  }
}

function serviceFiles({ name, isService, units = [], users }: Product, words: Words): Entry[] {
  if (!isService) return []
  const entries = [`${name}.service`, ...units].map(unit =>
    text(`/usr/lib/systemd/system/${unit}`, filled(`linux/${unit}`, words)),
  )
  if (users !== undefined) entries.push(text(`/usr/lib/sysusers.d/${name}.conf`, filled(users, words)))
  return entries
}

function settingsFiles({ name, settings }: Product, words: Words): Entry[] {
  if (settings === undefined) return []
  const entries: Entry[] = [folder(settings.folder)]
  for (const [file, { template, mode }] of Object.entries(settings.files)) {
    const path = `${settings.folder}/${file}`
    entries.push({ kind: 'text', path, mode, text: filled(template, words), isSetting: true })
  }
  if (name === 'backstay-agent') entries.push(folder(`${settings.folder}/hooks.d`))
  return entries
}

const folder = (path: string): Entry => ({ kind: 'folder', path, mode: 0o755 })
const text = (path: string, text: string): Entry => ({ kind: 'text', path, mode: 0o644, text })
