/** Pages that came with this program: a folder beside its sources, or files inside the executable that a release is. */
import { readFile } from 'node:fs/promises'
import { join, normalize, sep } from 'node:path'
import { getRawAsset, isSea } from 'node:sea'
import type { PageFiles } from '@backstay/proto/rest/page-files'

/** `name`: under which a release holds the files of `folder`. */
export function ownPages(name: string, folder: string): PageFiles {
  return isSea() ? insidePages(name) : folderPages(folder)
}

export function folderPages(folder: string): PageFiles {
  return {
    async read(path) {
      const wanted = normalize(join(folder, path))
      if (!wanted.startsWith(folder + sep) || wanted.includes('\0')) return undefined
      return readFile(wanted).catch(() => undefined)
    },
  }
}

function insidePages(name: string): PageFiles {
  return {
    async read(path) {
      try {
        return new Uint8Array(getRawAsset(`${name}${path}`))
      } catch {
        return undefined
      }
    },
  }
}
