/** What a package puts where, as a list; and that list laid out below a folder. */
import { chmodSync, copyFileSync, lutimesSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** `path`: absolute, where it will lie. */
export type Entry = { readonly path: string } & (
  | { readonly kind: 'file'; readonly mode: number; readonly from: string }
  | { readonly kind: 'text'; readonly mode: number; readonly text: string; readonly isSetting?: true }
  | { readonly kind: 'link'; readonly to: string; readonly isSwitched?: true }
  | { readonly kind: 'folder'; readonly mode: number }
)

const folderMode = 0o755

/** Every time below `root`, its own too, becomes `seconds`, so that archives of it are the same whenever it was laid out. */
export function layOut(entries: readonly Entry[], root: string, seconds: number): void {
  const folders = new Set([''])
  for (const entry of entries) {
    for (let at = dirname(entry.path); at !== '/'; at = dirname(at)) folders.add(at)
    if (entry.kind === 'folder') folders.add(entry.path)
  }
  // A parent before its children.
  for (const folder of [...folders].sort()) {
    mkdirSync(join(root, folder), { recursive: true })
    chmodSync(join(root, folder), folderMode)
  }
  for (const entry of entries) {
    put(entry, join(root, entry.path))
    lutimesSync(join(root, entry.path), seconds, seconds)
  }
  for (const folder of folders) lutimesSync(join(root, folder), seconds, seconds)
}

function put(entry: Entry, at: string): void {
  if (entry.kind === 'link') {
    symlinkSync(entry.to, at)
    return
  }
  if (entry.kind === 'file') copyFileSync(entry.from, at)
  if (entry.kind === 'text') writeFileSync(at, entry.text)
  chmodSync(at, entry.mode)
}
