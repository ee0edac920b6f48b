/**
 * Where on a device a root lies, said so that one policy fits all systems. Only the device knows its people and folders;
 * what the words mean is fixed here and written out in docs/operations.md.
 *
 *     ~/thesis             in every user's home for the machine's agent, in one's own for one's own agent
 *     ${DATA}/exports      a variable from the list below; one that a system does not have names nothing there
 *     preset user-folders  roots and excludes by the device's system
 */
import { type Bytes, fromUtf8, hex } from '../bytes.ts'
import { rootBytesMax } from './settings.ts'

export type OperatingSystem = 'linux' | 'macos' | 'windows'

/** Variables begin at `~` (a user's home) or at an absolute path. Written `${NAME}` or `%NAME%`. */
export const variables: Readonly<Record<OperatingSystem, Readonly<Record<string, string>>>> = {
  linux: {
    HOME: '~',
    CONFIG: '~/.config',
    DATA: '~/.local/share',
    DESKTOP: '~/Desktop',
    DOCUMENTS: '~/Documents',
    PICTURES: '~/Pictures',
  },
  macos: {
    HOME: '~',
    CONFIG: '~/Library/Preferences',
    DATA: '~/Library/Application Support',
    DESKTOP: '~/Desktop',
    DOCUMENTS: '~/Documents',
    PICTURES: '~/Pictures',
  },
  windows: {
    HOME: '~',
    USERPROFILE: '~',
    CONFIG: '~/AppData/Roaming',
    APPDATA: '~/AppData/Roaming',
    DATA: '~/AppData/Local',
    LOCALAPPDATA: '~/AppData/Local',
    DESKTOP: '~/Desktop',
    DOCUMENTS: '~/Documents',
    PICTURES: '~/Pictures',
    PROGRAMDATA: 'C:/ProgramData',
    PUBLIC: 'C:/Users/Public',
  },
}

export interface Preset {
  readonly roots: readonly string[]
  readonly excludes: readonly string[]
}

/** Of a collector on the same machine: each backup would store the ones before it once more. Its keys are not left out. */
const collectorStore = ['/lib/backstay/packs/', '/lib/backstay/catalog.sqlite*']

export const presets: Readonly<Record<string, Readonly<Record<OperatingSystem, Preset>>>> = {
  'user-folders': {
    linux: {
      roots: ['~'],
      excludes: ['.cache/', '.local/share/Trash/', '.local/share/baloo/', '.thumbnails/', 'node_modules/'],
    },
    macos: {
      roots: ['~'],
      excludes: ['Library/Caches/', '.Trash/', 'Library/Logs/', 'node_modules/'],
    },
    windows: {
      roots: ['~'],
      excludes: ['AppData/Local/Temp/', 'AppData/Local/Microsoft/Windows/INetCache/', 'node_modules/'],
    },
  },
  server: {
    linux: {
      roots: ['/etc', '/home', '/root', '/srv', '/opt', '/usr/local', '/var'],
      excludes: [
        '/cache/',
        '/tmp/',
        '/run/',
        '/lock/',
        '/lib/docker/overlay2/',
        '/lib/containers/storage/overlay/',
        ...collectorStore,
      ],
    },
    macos: { roots: ['/etc', '/usr/local', '/opt', '~'], excludes: ['Library/Caches/', '.Trash/'] },
    windows: { roots: ['C:/ProgramData', '~'], excludes: ['AppData/Local/Temp/'] },
  },
}

/** `~`, `~/…`, `${NAME}…` or `%NAME%…` taken apart; undefined: it begins with none of them. */
export function placeholderOf(root: Bytes): { readonly name: string; readonly rest: string } | undefined {
  const text = visible(root)
  const [, tilde, braced, percent, rest = ''] =
    /^(?:(~)|\$\{([A-Z_]{1,32})\}|%([A-Z_]{1,32})%)((?:[\\/].*)?)$/s.exec(text) ?? []
  const name = tilde === undefined ? (braced ?? percent) : 'HOME'
  return name === undefined ? undefined : { name, rest: rest.replaceAll('\\', '/') }
}

/** Undefined when it is a root that some device can have; else what is wrong with it. */
export function rootFault(root: Bytes): string | undefined {
  if (root.length === 0 || root.length > rootBytesMax || root.includes(0)) return 'is no path'
  const place = placeholderOf(root)
  if (place === undefined) return isAbsoluteRoot(root) ? undefined : 'is not an absolute path'
  if (!variableNames.has(place.name)) return `begins with a variable that does not exist`
  return climbs(place.rest.split('/')) ? 'climbs' : undefined
}

/** An absolute path, POSIX or Windows with a drive, that does not climb. */
export function isAbsoluteRoot(path: Bytes): boolean {
  if (path.length === 0 || path.length > rootBytesMax || path.includes(0)) return false
  // One character a byte, so that names which are not UTF-8 can be looked at.
  const text = path.reduce((sum, byte) => sum + String.fromCharCode(byte), '')
  const drive = /^[A-Za-z]:[\\/]/.test(text)
  if (!drive && !text.startsWith('/')) return false
  return !climbs(text.split(drive ? /[\\/]/ : '/'))
}

export function visible(path: Bytes): string {
  try {
    return fromUtf8(path)
  } catch {
    return hex(path)
  }
}

export const variableNames: ReadonlySet<string> = new Set(Object.values(variables).flatMap(Object.keys))

const climbs = (names: readonly string[]) => names.includes('..') || names.includes('.')
