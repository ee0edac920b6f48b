import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { FolderNotices, Notice } from '../system/folder-notices.ts'
import { loadSystem } from '../system/load.ts'
import { loadBackground } from '../system/load-background.ts'
import { hintBox } from './hint-box.ts'
import { nativeWatcher } from './native-watcher.ts'
import { covers, names, type Open, watcherConformance, withWatcher } from './testing/watcher-conformance.ts'

const system = await loadSystem()
const background = await loadBackground()

const openOn =
  (notices: () => FolderNotices, mounts = () => ''): Open =>
  (roots, clock, skip) => {
    const box = hintBox()
    const part = nativeWatcher(roots, box, { system, notices: notices(), clock, skip, mounts })
    return { ...part, next: box.next }
  }
const open = openOn(background.notices)

describe('watching by notices of the kernel', () => {
  watcherConformance(open)

  it('hears a change inside a file, of rights, and a removal', () =>
    withWatcher(open, async ({ root, until }) => {
      const file = join(root, 'there/file')
      writeFileSync(file, 'x')
      await until(hints => covers(hints, join(root, 'there')))
      for (const change of [
        () => writeFileSync(file, 'y'),
        () => chmodSync(file, 0o600),
        () => rmSync(file),
      ]) {
        change()
        await until(hints => names(hints).includes(join(root, 'there')))
      }
    }))

  it('misses nothing in folders that are made and filled at once', () =>
    withWatcher(open, async ({ root, until }) => {
      const deep = join(root, 'a/b/c/d')
      mkdirSync(deep, { recursive: true })
      writeFileSync(join(deep, 'file'), 'x')
      await until(hints => covers(hints, deep))
      writeFileSync(join(deep, 'file'), 'again')
      await until(hints => names(hints).includes(deep))
    }))

  it('knows a moved folder under its new name', () =>
    withWatcher(open, async ({ root, until }) => {
      renameSync(join(root, 'there'), join(root, 'moved'))
      await until(hints => names(hints).includes(root))
      await until(hints => names(hints).includes(join(root, 'moved')))
      writeFileSync(join(root, 'moved/deep/file'), 'x')
      await until(hints => names(hints).includes(join(root, 'moved/deep')))
    }))

  it('hears nothing any more of a folder that was moved out of the root', () =>
    withWatcher(open, async ({ watcher, root, until }) => {
      const folders = () => watcher.health().roots[0]?.folders
      assert.equal(folders(), 3)
      renameSync(join(root, 'there'), `${root}-outside`)
      await until(hints => names(hints).includes(root))
      assert.equal(folders(), 1)
    }))

  it('does not hint at what is excluded, nor at the state folder', () =>
    withWatcher(
      open,
      async ({ root, until }) => {
        mkdirSync(join(root, 'state'))
        mkdirSync(join(root, 'cache'))
        writeFileSync(join(root, 'state/db'), 'x')
        writeFileSync(join(root, 'cache/page'), 'x')
        writeFileSync(join(root, 'there/file.tmp'), 'x')
        writeFileSync(join(root, 'there/deep/file'), 'x')
        const heard: string[] = []
        await until(hints => heard.push(...names(hints)) > 0)
        assert.deepEqual(heard, [join(root, 'there/deep')])
      },
      ['cache/', '*.tmp'],
    ))

  it('follows no link out of the root', () =>
    withWatcher(open, async ({ watcher, root, until }) => {
      symlinkSync(tmpdir(), join(root, 'link'))
      await until(hints => names(hints).includes(root))
      assert.equal(watcher.health().roots[0]?.folders, 3)
    }))

  it('says what cannot be watched when the kernel watches no more, and asks for rescans', async () => {
    const noRoom = -28
    const limited = (): FolderNotices => {
      const notices = background.notices()
      let left = 2
      return { ...notices, tryWatch: folder => (left-- > 0 ? notices.tryWatch(folder) : noRoom) }
    }
    await withWatcher(openOn(limited), async ({ watcher, until }) => {
      assert.deepEqual(watcher.health().roots[0]?.unwatched, { limit: 1 })
      await until(hints => hints.missed === 'unseen')
    })
  })

  it('has everything looked at again when the kernel forgot, and finds folders that it was not told of', async () => {
    let inject: Notice[] = []
    const forgetful = (): FolderNotices => {
      const notices = background.notices()
      return {
        ...notices,
        take(each) {
          const lost = inject.length > 0 ? notices.take(() => undefined) : notices.take(each)
          const told = inject
          inject = []
          for (const notice of told) each(notice)
          return lost + told.length
        },
      }
    }
    await withWatcher(openOn(forgetful), async ({ watcher, root, until }) => {
      inject = [{ watch: -1, kind: 'overflow', name: '', isFolder: false }]
      mkdirSync(join(root, 'unheard'))
      await until(hints => hints.missed === 'overflow')
      assert.equal(watcher.health().overflows, 1)
      await until(hints => hints.missed === 'overflow')
      writeFileSync(join(root, 'unheard/file'), 'x')
      await until(hints => names(hints).includes(join(root, 'unheard')))
    })
  })

  it('walks once more and not once for each time when the kernel forgets again and again', async () => {
    // Each overflow began a walk of its own, all of them side by side: the busier the disk, the more.
    let inject = 0
    let watches = 0
    const forgetful = (): FolderNotices => {
      const notices = background.notices()
      return {
        ...notices,
        tryWatch(folder) {
          watches++
          return notices.tryWatch(folder)
        },
        take(each) {
          const taken = notices.take(each)
          const told = inject
          inject = 0
          for (let n = 0; n < told; n++) each({ watch: -1, kind: 'overflow', name: '', isFolder: false })
          return taken + told
        },
      }
    }
    await withWatcher(openOn(forgetful), async ({ watcher, root, until }) => {
      assert.equal(watches, 3)
      inject = 50
      writeFileSync(join(root, 'file'), 'x')
      await until(hints => hints.missed === 'overflow')
      await until(() => watcher.health().roots[0]?.state === 'watched')
      assert.equal(watcher.health().overflows, 50)
      assert.ok(watches <= 3 * 3, `${watches} folders were watched`)
    })
  })

  it('sees that something is mounted below a root, or no longer', async () => {
    let mounted = ''
    await withWatcher(
      openOn(background.notices, () => mounted),
      async ({ until }) => {
        mounted = '40 8:3 /a disk'
        await until(hints => hints.missed === 'rewatched')
        mounted = ''
        await until(hints => hints.missed === 'rewatched')
      },
    )
  })

  it('says that there was more when hundreds of folders changed', () =>
    withWatcher(open, async ({ root, until }) => {
      for (let i = 0; i < 400; i++) mkdirSync(join(root, `there/folder-${i}`))
      await until(hints => covers(hints, join(root, 'there')))
      for (let i = 0; i < 400; i++) writeFileSync(join(root, `there/folder-${i}/file`), 'x')
      let most = 0
      await until(hints => {
        most = Math.max(most, hints.folders.length)
        return covers(hints, join(root, 'there/folder-399'))
      })
      assert.ok(most <= 256, `${most} folders in one hint`)
    }))
})
