/**
 * The system calls of a machine on which file systems are mounted that may never answer: a share whose server is gone
 * holds whoever touches it, for hours and beyond any signal. What lies there is called by others (bounded-calls.ts),
 * everything else as ever. A call that does not return fails with ETIMEDOUT, like any error of a disk: what was backed up
 * from there stays.
 *
 * Which calls lead there is told without touching it: by the mounts that the kernel lists, and by names.
 */
import type { Bytes } from '@backstay/proto/bytes'
import {
  type BoundedCalls,
  type CallName,
  type ListedPart,
  opensHandle,
  type StatAnswer,
} from './bounded-calls.ts'
import { farMounts, isWithin } from './mounts.ts'
import { type PathCalls, pathCalls } from './path-calls.ts'
import { pathKey } from './path-key.ts'
import { fromRoot, type Handle, type StatBuffer, type System } from './system.ts'
import { isSystemError } from './system-error.ts'

/** What else is to be known where something is far. */
export interface FarPlaces extends PathCalls {
  /** On which mount it lies, if it is far: only this system and `ask` may use it, and no thread that anybody waits for. */
  mountOf(handle: Handle): string | undefined
  ask: BoundedCalls['ask']
  /** It is far, or something below it is. */
  leadsFar(handle: Handle): boolean
}

export interface BoundedOptions {
  readonly calls: BoundedCalls
  /** Paths of mounts, one character a byte. */
  readonly mounts?: () => readonly string[]
  /** Milliseconds of a clock that runs on. */
  readonly now?: () => number
}

/** Mounts come and go. Whoever walks begins at a path, and is asked to be right for that long. */
const mountsFreshMs = 1000

/** `named`: the first words are a folder's handle and a name; `both`: twice; `held`: a handle; `told`: one, and nothing is answered. */
type Way = 'named' | 'both' | 'held' | 'told' | 'path' | 'direct'

const ways: Readonly<Record<CallName, Way>> = {
  ...{ openFolder: 'named', tryOpenFolder: 'named', openFile: 'named', tryOpenFile: 'named', close: 'told' },
  ...{ listFolder: 'held', stat: 'held', tryStat: 'held', statAt: 'named', tryStatAt: 'named' },
  ...{ readLink: 'named', read: 'held', tryRead: 'held', seekData: 'held', seekHole: 'held', advise: 'told' },
  ...{ attributes: 'held', attributesAt: 'named', setAttribute: 'held', setAttributeAt: 'named' },
  ...{ removeAttribute: 'held', makeFolder: 'named', tryMakeFolder: 'named', makeSymlink: 'named' },
  ...{ makeLink: 'both', makeSpecial: 'named', createFile: 'named', tryCreateFile: 'named', write: 'held' },
  writeAround: 'held',
  ...{
    resize: 'held',
    sync: 'held',
    rename: 'both',
    tryRename: 'both',
    remove: 'named',
    removeFolder: 'named',
  },
  ...{ setOwner: 'held', setOwnerAt: 'named', setMode: 'held', setModeAt: 'named', setTime: 'held' },
  ...{ setTimeAt: 'named', isGuarded: 'named', fileSystemKind: 'held' },
  ...{ userName: 'direct', groupName: 'direct', effectiveUser: 'direct' },
  ...{ realPath: 'path', exists: 'path', foldersIn: 'path', freeBytes: 'path' },
}

/** An open folder or file that lies far, or from which something far can be reached. */
interface Known {
  readonly path: string
  readonly mount: string | undefined
}

type Call = (...words: unknown[]) => unknown

export function boundedSystem(
  near: System,
  { calls, mounts = farMounts, now = () => performance.now() }: BoundedOptions,
): { readonly system: System; readonly places: FarPlaces } {
  const known = new Map<Handle, Known>()
  let far = mounts()
  let readMs = now()

  function look(): void {
    if (now() - readMs < mountsFreshMs) return
    readMs = now()
    far = mounts()
  }

  /** Undefined: nothing far is near it. */
  function pathOf(at: Handle, name: Bytes): string | undefined {
    if (at === fromRoot) {
      look()
      return far.length === 0 ? undefined : pathKey(name)
    }
    const folder = known.get(at)
    return folder && `${folder.path === '/' ? '' : folder.path}/${pathKey(name)}`
  }

  /** The innermost one. */
  function mountOf(path: string | undefined): string | undefined {
    if (path === undefined) return undefined
    return far.reduce<string | undefined>(
      (inner, mount) => (isWithin(path, mount) && mount.length > (inner?.length ?? 0) ? mount : inner),
      undefined,
    )
  }

  function mountAsked(way: Way, words: readonly unknown[]): string | undefined {
    const [first, second, third, fourth] = words as [Handle, Bytes, Handle, Bytes]
    if (way === 'named') return mountOf(pathOf(first, second))
    if (way === 'both') return mountOf(pathOf(first, second)) ?? mountOf(pathOf(third, fourth))
    return known.get(first)?.mount
  }

  function bounded(name: CallName & keyof System): Call {
    const way = ways[name]
    const direct = near[name] as Call
    const ask = special[name] ?? (name.startsWith('try') ? tried(asking(name)) : asking(name))
    const call: Call = (...words) => {
      const mount = mountAsked(way, words)
      return mount === undefined ? direct(...words) : ask(mount, words)
    }
    if (!opensHandle(name)) return call
    return (...words) => remember(call(...words) as Handle, pathOf(words[0] as Handle, words[1] as Bytes))
  }

  const asking = (name: CallName) => (mount: string, words: readonly unknown[]) =>
    calls.ask(mount, { name, words })

  function remember(handle: Handle, path: string | undefined): Handle {
    if (path === undefined || handle < 0) return handle
    const mount = mountOf(path)
    if (mount !== undefined || far.some(one => isWithin(one, path))) known.set(handle, { path, mount })
    return handle
  }

  const read = (mount: string, [file, into, position]: readonly unknown[]) => {
    const bytes = asking('read')(mount, [file, (into as Bytes).length, position]) as Bytes
    ;(into as Bytes).set(bytes)
    return bytes.length
  }
  const stat = (name: CallName) => (mount: string, words: readonly unknown[]) => {
    const answer = asking(name)(mount, words.slice(0, -1)) as StatAnswer
    Object.assign(words.at(-1) as StatBuffer, answer.stat)
    return answer.failed
  }
  /** What a far call does otherwise than ask and return. */
  const special: Partial<Record<CallName, (mount: string, words: readonly unknown[]) => unknown>> = {
    read,
    tryRead: tried(read),
    tryStat: tried(stat('tryStat')),
    tryStatAt: tried(stat('tryStatAt')),
    *listFolder(mount, [folder]) {
      for (let isFirst = true; ; isFirst = false) {
        const part = asking('listFolder')(mount, [folder, isFirst]) as ListedPart
        if (part.length === 0) return
        yield* part
      }
    },
    advise: (mount, words) => calls.tell(mount, { name: 'advise', words }),
    // It may write what is left, and wait.
    close: (mount, words) => calls.tell(mount, { name: 'close', words }),
    fileSystemKind: () => 'network',
  }

  const close = bounded('close')
  const wrapped = (Object.keys(ways) as CallName[]).filter(isOfSystem).filter(name => ways[name] !== 'direct')
  const system = {
    ...near,
    ...Object.fromEntries(wrapped.map(name => [name, bounded(name)])),
    close(handle: Handle) {
      close(handle)
      known.delete(handle)
    },
  } as System

  /** Any path may lead far by a symlink. `unknown`: the answer where nobody ever gave one. */
  function byPath<Name extends keyof PathCalls>(
    name: Name,
    unknown: (path: never) => unknown,
  ): PathCalls[Name] {
    const direct = pathCalls[name] as Call
    const answers = new Map<string, unknown>()
    const call: Call = path => {
      look()
      if (far.length === 0) return direct(path)
      const text = typeof path === 'string' ? path : pathKey(path as Bytes)
      try {
        const answer = calls.ask(mountOf(text) ?? text, { name, words: [path] })
        answers.set(text, answer)
        return answer
      } catch (error) {
        if (!isSystemError(error, 'ETIMEDOUT')) throw error
        return answers.has(text) ? answers.get(text) : unknown(path as never)
      }
    }
    return call as PathCalls[Name]
  }

  const places: FarPlaces = {
    realPath: byPath('realPath', path => path),
    exists: byPath('exists', () => false),
    foldersIn: byPath('foldersIn', () => []),
    // Whoever writes there learns soon enough.
    freeBytes: byPath('freeBytes', () => Number.POSITIVE_INFINITY),
    mountOf: handle => known.get(handle)?.mount,
    ask: calls.ask,
    leadsFar: handle => known.has(handle),
  }
  return { system, places }
}

const isOfSystem = (name: CallName): name is CallName & keyof System => ways[name] !== 'path'

/** Returns the negative error number in place of throwing. */
function tried<Words extends unknown[]>(call: (...words: Words) => unknown): (...words: Words) => unknown {
  return (...words) => {
    try {
      return call(...words)
    } catch (error) {
      if (!isSystemError(error)) throw error
      return -error.errno
    }
  }
}
