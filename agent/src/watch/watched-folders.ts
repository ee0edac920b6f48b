/** The folders under watch: of each its parent and its name, so that a path is put together only when it is asked for. */

interface Folder {
  /** Number of the folder above; undefined for a root. */
  readonly parent: number | undefined
  /** One character a byte; of a root, its absolute path. */
  readonly name: string
}

export interface WatchedFolders {
  readonly size: number
  add(watch: number, parent: number | undefined, name: string): void
  has(watch: number): boolean
  /** Absolute path, and that of the root; undefined when it, or a folder above, is forgotten. */
  place(watch: number): Place | undefined
  delete(watch: number): void
  /** Forgets these folders, given as parent and name, with all below; returns their numbers. */
  dropNamed(folders: ReadonlySet<string>): number[]
  dropRoot(root: string): number[]
}

export interface Place {
  readonly path: string
  readonly root: string
}

export const nameKey = (parent: number, name: string): string => `${parent}/${name}`

export function watchedFolders(): WatchedFolders {
  const folders = new Map<number, Folder>()

  function drop(isTop: (folder: Folder) => boolean): number[] {
    const verdicts = new Map<number, boolean>()
    const below = (watch: number): boolean => {
      const folder = folders.get(watch)
      if (folder === undefined) return false
      const known = verdicts.get(watch)
      if (known !== undefined) return known
      const verdict = isTop(folder) || (folder.parent !== undefined && below(folder.parent))
      verdicts.set(watch, verdict)
      return verdict
    }
    const dropped = [...folders.keys()].filter(below)
    for (const watch of dropped) folders.delete(watch)
    return dropped
  }

  return {
    get size() {
      return folders.size
    },
    add(watch, parent, name) {
      folders.set(watch, { parent, name })
    },
    has: watch => folders.has(watch),
    place(watch) {
      const names: string[] = []
      for (let at: number | undefined = watch; at !== undefined; ) {
        const folder: Folder | undefined = folders.get(at)
        if (folder === undefined) return undefined
        names.push(folder.name)
        at = folder.parent
      }
      const root = names.at(-1) ?? ''
      return { path: names.reverse().join('/').replace(/^\/\//, '/'), root }
    },
    delete(watch) {
      folders.delete(watch)
    },
    dropNamed: named =>
      named.size === 0
        ? []
        : drop(({ parent, name }) => parent !== undefined && named.has(nameKey(parent, name))),
    dropRoot: root => drop(({ parent, name }) => parent === undefined && name === root),
  }
}
