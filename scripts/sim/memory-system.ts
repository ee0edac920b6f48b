/** A disk in memory behind the agent's system calls: files that change, folders that come and go, reads that fail. */
import { constants } from 'node:os'
import type { Handle, StatBuffer, System } from '@backstay/agent/system/system'
import { emptyStat, fromRoot } from '@backstay/agent/system/system'
import { SystemError } from '@backstay/agent/system/system-error'
import type { Bytes } from '@backstay/proto/bytes'
import { writingCalls } from './memory-writing.ts'

export interface MemoryDisk {
  readonly system: System
  /** Paths such as `/home/a/b`; folders above are made. */
  write(path: string, content: Bytes): void
  remove(path: string): void
  /** Contents of all files by path. */
  files(): ReadonlyMap<string, Bytes>
  /** Asked before each read of a file: true, and the disk reports an error. */
  fails: () => boolean
}

export interface Node {
  readonly inode: number
  readonly isFolder: boolean
  readonly children: Map<string, Node>
  content: Bytes
  mode: number
  changedMs: number
  /** As somebody set it, until the content changes again. */
  time: { readonly s: number; readonly ns: number } | undefined
}

export interface OpenNode {
  readonly node: Node
  position: number
}

const { ENOENT, ENOTDIR, EIO, EBADF, ENOSYS, EISDIR } = constants.errno

export function memoryDisk(nowMs: () => number): MemoryDisk {
  let inodes = 1
  const made = (isFolder: boolean): Node => ({
    ...{ inode: ++inodes, isFolder, children: new Map(), content: new Uint8Array(), changedMs: nowMs() },
    ...{ mode: isFolder ? 0o755 : 0o644, time: undefined },
  })
  const root = made(true)
  const handles = new Map<Handle, OpenNode>()
  let next = 10

  function nodeAt(at: Handle, name: Bytes): Node | number {
    const text = Buffer.from(name).toString()
    const parts = text.split('/').filter(part => part !== '' && part !== '.')
    let node = at === fromRoot || text.startsWith('/') ? root : handles.get(at)?.node
    if (node === undefined) return -EBADF
    for (const part of parts) {
      if (!node.isFolder) return -ENOTDIR
      const child = node.children.get(part)
      if (child === undefined) return -ENOENT
      node = child
    }
    return node
  }

  function tryOpen(at: Handle, name: Bytes, folder: boolean): Handle {
    const node = nodeAt(at, name)
    if (typeof node === 'number') return node
    if (folder && !node.isFolder) return -ENOTDIR
    handles.set(++next, { node, position: 0 })
    return next
  }

  function fill(node: Node, into: StatBuffer): number {
    Object.assign(into, emptyStat(), {
      kind: node.isFolder ? 'folder' : 'file',
      mode: node.mode,
      ...{
        size: node.content.length,
        blocks: Math.ceil(node.content.length / 512),
        links: 1,
        inode: node.inode,
      },
      ...{ deviceMajor: 8, deviceMinor: 1, ctimeS: Math.floor(node.changedMs / 1000) },
      ctimeNs: (node.changedMs % 1000) * 1e6,
      mtimeS: node.time?.s ?? Math.floor(node.changedMs / 1000),
      mtimeNs: node.time?.ns ?? (node.changedMs % 1000) * 1e6,
    })
    return 0
  }

  function tryRead(file: Handle, into: Bytes, position?: number): number {
    const opened = handles.get(file)
    if (opened === undefined) return -EBADF
    if (opened.node.isFolder) return -EISDIR
    if (disk.fails()) return -EIO
    const from = position ?? opened.position
    const bytes = opened.node.content.subarray(from, from + into.length)
    into.set(bytes)
    if (position === undefined) opened.position += bytes.length
    return bytes.length
  }

  const need = (result: number, call: string): number => {
    if (result < 0) throw new SystemError(-result, call)
    return result
  }
  const statOf = (node: Node | number, call: string) => {
    const stat = emptyStat()
    need(typeof node === 'number' ? node : fill(node, stat), call)
    return stat
  }
  const calls: Partial<System> = {
    openFolder: (at, name) => need(tryOpen(at, name, true), 'open'),
    tryOpenFolder: (at, name) => tryOpen(at, name, true),
    openFile: (at, name) => need(tryOpen(at, name, false), 'open'),
    tryOpenFile: (at, name) => tryOpen(at, name, false),
    close: handle => void handles.delete(handle),
    *listFolder(folder) {
      const node = handles.get(folder)?.node
      for (const [name, child] of node?.children ?? [])
        yield {
          name: new Uint8Array(Buffer.from(name)),
          kind: child.isFolder ? 'folder' : 'file',
          inode: child.inode,
        }
    },
    stat: handle => statOf(handles.get(handle)?.node ?? -EBADF, 'stat'),
    statAt: (at, name) => statOf(nodeAt(at, name), 'stat'),
    tryStat(handle, into) {
      const node = handles.get(handle)?.node
      return node === undefined ? -EBADF : fill(node, into)
    },
    tryStatAt(at, name, into) {
      const node = nodeAt(at, name)
      return typeof node === 'number' ? node : fill(node, into)
    },
    read: (file, into, position) => need(tryRead(file, into, position), 'read'),
    tryRead,
    seekData: () => undefined,
    seekHole: () => undefined,
    advise: () => undefined,
    fileSystemKind: () => 'local',
    attributes: () => [],
    attributesAt: () => [],
    userName: () => new Uint8Array(),
    groupName: () => new Uint8Array(),
    effectiveUser: () => 0,
    numbersOwners: true,
    ...writingCalls({ nodeAt, opened: handle => handles.get(handle), tryOpen, made, nowMs }),
  }
  const system = new Proxy(calls, {
    get(target, name) {
      return (
        Reflect.get(target, name) ??
        (() => {
          throw new SystemError(ENOSYS, String(name))
        })
      )
    },
  }) as System

  function folderOf(path: string): [Node, string] {
    const parts = path.split('/').filter(part => part !== '')
    const name = parts.pop() ?? ''
    let node = root
    for (const part of parts) {
      let child = node.children.get(part)
      if (child === undefined) {
        child = made(true)
        node.children.set(part, child)
        node.changedMs = nowMs()
      }
      node = child
    }
    return [node, name]
  }

  const disk: MemoryDisk = {
    system,
    fails: () => false,
    write(path, content) {
      const [folder, name] = folderOf(path)
      const known = folder.children.get(name)
      const node = known ?? made(false)
      folder.children.set(name, node)
      node.content = content
      node.changedMs = nowMs()
      node.time = undefined
      // What is in a file is nothing of its folder.
      if (known === undefined) folder.changedMs = nowMs()
    },
    remove(path) {
      const [folder, name] = folderOf(path)
      folder.children.delete(name)
      folder.changedMs = nowMs()
    },
    files() {
      const found = new Map<string, Bytes>()
      const visit = (node: Node, path: string) => {
        for (const [name, child] of node.children) {
          if (child.isFolder) visit(child, `${path}/${name}`)
          else found.set(`${path}/${name}`, child.content)
        }
      }
      visit(root, '')
      return found
    },
  }
  return disk
}
