/** inotify(7), read without a thread: the kernel signals that something waits, and only then it is read. */
import { constants } from 'node:os'
import { pid } from 'node:process'
import { utf8 } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { FolderNotices, Notice, NoticeKind } from './folder-notices.ts'
import type { LinuxCalls } from './linux-calls.ts'
import { control } from './linux-numbers.ts'

/** From include/uapi/linux/inotify.h. */
const bit = {
  modify: 0x2,
  attributes: 0x4,
  closedAfterWriting: 0x8,
  movedFrom: 0x40,
  movedTo: 0x80,
  created: 0x100,
  deleted: 0x200,
  overflow: 0x4000,
  ignored: 0x8000,
  onlyFolder: 0x01000000,
  excludeUnlinked: 0x04000000,
  isFolder: 0x40000000,
} as const

/** A database that is never closed shows itself by `modify`; what is deleted and still written to does not. */
const watched =
  bit.modify |
  bit.attributes |
  bit.closedAfterWriting |
  bit.movedFrom |
  bit.movedTo |
  bit.created |
  bit.deleted |
  bit.onlyFolder |
  bit.excludeUnlinked

/** From include/uapi/asm-generic/ioctls.h and fcntl.h. */
const bytesWaiting = 0x541b
const nonBlocking = 0o4000
const closeOnExec = 0o2000000
const signalled = 0o20000

/** struct inotify_event: watch i32, mask u32, cookie u32, length u32, then the name, padded with NULs. */
const headBytes = 16
/** About 2,000 events at a time. */
const bufferBytes = 64 * 1024

/** Throws `no_notices`: this user has no inotify instance left, or the kernel none. */
export function linuxInotify(calls: LinuxCalls): FolderNotices {
  const file = calls.inotify_init1(nonBlocking | closeOnExec)
  if (file < 0) throw noNotices(calls.errno())
  listen()
  calls.fcntl(file, control.setOwner, pid)
  const buffer = Buffer.alloc(bufferBytes)
  const waiting = new Uint8Array(4)
  let waker: (() => void) | undefined

  function signalledNow(): void {
    const wake = waker
    if (wake === undefined) return
    disarm()
    wake()
  }

  function disarm(): void {
    waker = undefined
    armed.delete(signalledNow)
    calls.fcntl(file, control.setFlags, nonBlocking)
  }

  return {
    tryWatch(folder) {
      const watch = calls.inotify_add_watch(file, utf8(`/proc/self/fd/${folder}\0`), watched)
      return watch < 0 ? -calls.errno() : watch
    },
    forget(watch) {
      calls.inotify_rm_watch(file, watch)
    },
    take(each) {
      let count = 0
      for (;;) {
        const length = calls.read(file, buffer, buffer.length)
        if (length <= 0) return count
        for (let at = 0; at < length; count++) {
          each(noticeAt(buffer, at))
          at += headBytes + buffer.readUInt32LE(at + 12)
        }
      }
    },
    arm(wake) {
      waker = wake
      armed.add(signalledNow)
      calls.fcntl(file, control.setFlags, nonBlocking | signalled)
      // What came before it was armed is not signalled.
      calls.ioctl(file, bytesWaiting, waiting)
      if (waiting.some(byte => byte !== 0)) signalledNow()
    },
    close() {
      disarm()
      calls.close(file)
    },
  }
}

const armed = new Set<() => void>()
let isListening = false

/** For good: without a listener a late signal would end the process. */
function listen(): void {
  if (isListening) return
  isListening = true
  process.on('SIGIO', () => {
    for (const wake of [...armed]) wake()
  })
}

function noticeAt(buffer: Buffer, at: number): Notice {
  const mask = buffer.readUInt32LE(at + 4)
  const start = at + headBytes
  const most = start + buffer.readUInt32LE(at + 12)
  const end = buffer.indexOf(0, start)
  const name = buffer.toString('latin1', start, end < 0 ? most : Math.min(end, most))
  return { watch: buffer.readInt32LE(at), kind: kindOf(mask), name, isFolder: (mask & bit.isFolder) !== 0 }
}

function kindOf(mask: number): NoticeKind {
  if (mask & bit.overflow) return 'overflow'
  if (mask & bit.ignored) return 'ended'
  if (mask & (bit.created | bit.movedTo)) return 'arrived'
  if (mask & (bit.deleted | bit.movedFrom)) return 'left'
  return 'changed'
}

function noNotices(errno: number): Failure {
  const isLimit = errno === constants.errno.EMFILE
  return new Failure('no_notices', 'the kernel gives this user no more change notices', {
    hint: isLimit ? 'raise fs.inotify.max_user_instances' : 'does this kernel have inotify?',
  })
}
