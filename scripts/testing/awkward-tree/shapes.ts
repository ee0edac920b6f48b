/** Folders of awkward shape: many entries in one, very deep, empty, and a random forest to fill up. */
import { folderChain } from '@backstay/agent/system/folder-chain'
import type { Handle } from '@backstay/agent/system/system'
import { utf8 } from '@backstay/proto/bytes'
import { someContent } from './content.ts'
import type { Grove } from './grove.ts'
import { someName } from './names.ts'

/** Deeper than others manage, and with these names far beyond the 4,096 bytes of a path. */
const nestedFolders = 1_050

export function manyChildren(grove: Grove, at: Handle, count: number): void {
  grove.attempt('child of a large folder', () => {
    grove.folder(at, utf8('many'), folder => {
      for (let i = 0; i < count; i++) {
        const name = utf8(`child-${(i * 7919) % count}`)
        if (i % 100 === 0) grove.folder(folder, name)
        else grove.file(folder, name, utf8(`child ${i}`))
      }
    })
  })
}

export function deepFolders(grove: Grove, at: Handle): void {
  using chain = folderChain(grove.system, at)
  let pathBytes = 0
  for (let depth = 1; depth <= nestedFolders; depth++) {
    const name = utf8(depth % 50 === 0 ? `${depth}-${'deep'.repeat(30)}` : `d${depth}`)
    grove.attempt('nested folder', () => {
      grove.folder(chain.handle, name)
      chain.enter(name)
    })
    pathBytes += name.length + 1
    if (depth % 100 === 0) {
      const what = pathBytes > 4096 ? 'file beyond a path of 4,096 bytes' : 'nested file'
      grove.attempt(what, () => grove.file(chain.handle, utf8('here'), utf8(`depth ${depth}`)))
    }
  }
  grove.attempt('file beyond a path of 4,096 bytes', () =>
    grove.file(chain.handle, utf8('end'), utf8('the end')),
  )
  grove.attempt('symlink beyond a path of 4,096 bytes', () => {
    grove.system.makeSymlink(chain.handle, utf8('link'), utf8('../end'))
    grove.grew(1)
  })
}

export function emptyFolders(grove: Grove, at: Handle): void {
  for (const name of ['empty', 'with-empty']) {
    grove.attempt('empty folder', () => {
      grove.folder(at, utf8(name), folder => {
        if (name === 'with-empty') for (let i = 0; i < 5; i++) grove.folder(folder, utf8(`empty-${i}`))
      })
    })
  }
}

/** Fills a folder with about `budget` entries of mixed kinds. */
export function forest(grove: Grove, at: Handle, budget: number, depth = 0): void {
  const { random, system } = grove
  for (let left = budget, index = 0; left > 0; left--, index++) {
    const name = someName(random, index)
    const chance = random.below(100)
    if (chance < 10 && depth < 12) {
      const below = Math.min(left - 1, random.below(200))
      grove.attempt('folder', () => grove.folder(at, name, folder => forest(grove, folder, below, depth + 1)))
      left -= below
    } else if (chance < 15) {
      grove.attempt('symlink', () => {
        system.makeSymlink(at, name, someName(random, random.below(index + 1)))
        grove.grew(1)
      })
    } else {
      grove.attempt('file', () => grove.file(at, name, someContent(random), 0o600 | random.below(0o200)))
    }
  }
}
