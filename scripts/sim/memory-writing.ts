/** What a restore asks of the disk in memory: it makes things, names them and describes them. All of it lasts at once. */
import { constants } from 'node:os'
import type { Handle, System } from '@backstay/agent/system/system'
import { SystemError } from '@backstay/agent/system/system-error'
import type { Bytes } from '@backstay/proto/bytes'
import type { Node, OpenNode } from './memory-system.ts'

export interface MemoryNodes {
  /** A negative error number where there is none. */
  nodeAt(at: Handle, name: Bytes): Node | number
  opened(handle: Handle): OpenNode | undefined
  tryOpen(at: Handle, name: Bytes, folder: boolean): Handle
  made(isFolder: boolean): Node
  nowMs(): number
}

const { EEXIST, EBADF, ENOENT, ENOTEMPTY, EISDIR, ENOTDIR } = constants.errno

export function writingCalls({ nodeAt, opened, tryOpen, made, nowMs }: MemoryNodes): Partial<System> {
  const keyOf = (name: Bytes) => Buffer.from(name).toString()

  function need(result: number, call: string): number {
    if (result < 0) throw new SystemError(-result, call)
    return result
  }

  function needNode(node: Node | number | undefined, call: string): Node {
    if (node === undefined || typeof node === 'number') throw new SystemError(-(node ?? -EBADF), call)
    return node
  }

  const here = Uint8Array.of(0x2e)
  const folderAt = (at: Handle, call: string) => needNode(nodeAt(at, here), call)

  function tryAdd(at: Handle, name: Bytes, node: Node): number {
    const folder = folderAt(at, 'make')
    if (folder.children.has(keyOf(name))) return -EEXIST
    folder.children.set(keyOf(name), node)
    folder.changedMs = nowMs()
    return 0
  }

  function tryMakeFolder(at: Handle, name: Bytes, mode: number): number {
    return tryAdd(at, name, Object.assign(made(true), { mode }))
  }

  function tryCreateFile(at: Handle, name: Bytes, mode: number): Handle {
    const result = tryAdd(at, name, Object.assign(made(false), { mode }))
    return result < 0 ? result : tryOpen(at, name, false)
  }

  function tryRename(fromAt: Handle, from: Bytes, toAt: Handle, to: Bytes): number {
    const node = nodeAt(fromAt, from)
    if (typeof node === 'number') return node
    const result = tryAdd(toAt, to, node)
    if (result === 0) remove(fromAt, from)
    return result
  }

  function remove(at: Handle, name: Bytes): void {
    const folder = folderAt(at, 'unlink')
    if (!folder.children.delete(keyOf(name))) throw new SystemError(ENOENT, 'unlink')
    folder.changedMs = nowMs()
  }

  function setContent(node: Node, content: Bytes): void {
    Object.assign(node, { content, changedMs: nowMs(), time: undefined })
  }

  const setTime = (node: Node, s: number, ns: number) => void Object.assign(node, { time: { s, ns } })
  const setMode = (node: Node, mode: number) => void Object.assign(node, { mode })
  const handled = (handle: Handle, call: string) => needNode(opened(handle)?.node, call)

  return {
    tryMakeFolder,
    makeFolder: (at, name, mode) => void need(tryMakeFolder(at, name, mode), 'mkdir'),
    tryCreateFile,
    createFile: (at, name, mode) => need(tryCreateFile(at, name, mode), 'open'),
    write(file, bytes, position) {
      const open = opened(file)
      const node = needNode(open?.node, 'write')
      const from = position ?? open?.position ?? 0
      const content = new Uint8Array(Math.max(node.content.length, from + bytes.length))
      content.set(node.content)
      content.set(bytes, from)
      setContent(node, content)
      if (position === undefined && open !== undefined) open.position += bytes.length
    },
    resize(file, size) {
      const node = handled(file, 'truncate')
      const content = new Uint8Array(size)
      content.set(node.content.subarray(0, size))
      setContent(node, content)
    },
    sync: () => undefined,
    tryRename,
    rename: (fromAt, from, toAt, to) => void need(tryRename(fromAt, from, toAt, to), 'rename'),
    remove(at, name) {
      if (needNode(nodeAt(at, name), 'unlink').isFolder) throw new SystemError(EISDIR, 'unlink')
      remove(at, name)
    },
    removeFolder(at, name) {
      const node = needNode(nodeAt(at, name), 'rmdir')
      if (!node.isFolder) throw new SystemError(ENOTDIR, 'rmdir')
      if (node.children.size > 0) throw new SystemError(ENOTEMPTY, 'rmdir')
      remove(at, name)
    },
    setOwner: () => undefined,
    setOwnerAt: () => undefined,
    setMode: (handle, mode) => setMode(handled(handle, 'chmod'), mode),
    setModeAt: (at, name, mode) => setMode(needNode(nodeAt(at, name), 'chmod'), mode),
    setTime: (handle, s, ns) => setTime(handled(handle, 'utimens'), s, ns),
    setTimeAt: (at, name, s, ns) => setTime(needNode(nodeAt(at, name), 'utimens'), s, ns),
  }
}
