/**
 * Windows programs under wine, each test with a prefix (a whole Windows of its own) that ends with it. For tests only: this
 * wine lacks a call that V8 relies on (windows-node.ts), and keeps less than Windows does (docs/operations.md).
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface WineRan {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface WineRunning {
  readonly ended: Promise<WineRan>
  /** Resolves when the output holds such a text; rejects when the program ends before. */
  says(wanted: string | RegExp): Promise<string>
}

export interface WineOptions {
  readonly environment?: Readonly<Record<string, string>>
  /** A folder as Linux names it. */
  readonly folder?: string
}

export interface Wine extends AsyncDisposable {
  /** `C:`, as Linux names it. */
  readonly drive: string
  run(program: string, words: readonly string[], options?: WineOptions): Promise<WineRan>
  start(program: string, words: readonly string[], options?: WineOptions): WineRunning
  /** Ends every program of this prefix, at once. */
  endAll(): Promise<void>
  /** So does a loss of power; then this Windows starts again, with its services. What it wrote is there: no cache is lost. */
  cutPower(): Promise<void>
}

/** A path as programs under wine name it. */
export const onZ = (path: string): string => `Z:${path.replaceAll('/', '\\')}`

/** Programs, and the packages of Debian that have each. */
const tools = {
  wine: 'wine wine64',
  wixl: 'wixl',
  msibuild: 'msitools',
  xz: 'xz-utils',
  'x86_64-w64-mingw32-gcc': 'gcc-mingw-w64-x86-64',
} as const

/** What is not here; undefined when all is. */
export function missingTools(): string | undefined {
  const absent = Object.entries(tools).filter(([tool]) => spawnSync('which', [tool]).status !== 0)
  if (absent.length === 0) return undefined
  const packages = absent.map(([, name]) => name).join(' ')
  return `${absent.map(([tool]) => tool).join(', ')} missing (apt-get install --no-install-recommends ${packages})`
}

/** A program that hangs fails its test by this. */
const patienceMs = 100_000
const lookMs = 100

export async function makeWine(): Promise<Wine> {
  const folder = mkdtempSync(join(tmpdir(), 'backstay-wine-'))
  const prefix = join(folder, 'prefix')
  const environment = {
    ...plainEnvironment(),
    ...{ WINEPREFIX: prefix, WINEDEBUG: '-all', WINEARCH: 'win64', DISPLAY: '', BACKSTAY_WINE: '1' },
  }
  const running = new Set<Promise<WineRan>>()
  let count = 0

  function start(program: string, words: readonly string[], options: WineOptions = {}): WineRunning {
    // Programs take no pipe of Linux from wine; and whoever a service host starts would hold on to it.
    const files = ['out', 'err'].map(name => join(folder, `${name}-${++count}`)) as [string, string]
    const [out, err] = files.map(file => openSync(file, 'w')) as [number, number]
    const child = spawn('wine', [program, ...words], {
      stdio: ['ignore', out, err],
      env: { ...environment, ...options.environment },
      cwd: options.folder ?? folder,
    })
    for (const opened of [out, err]) closeSync(opened)
    const said = () =>
      files.map(file => readFileSync(file, 'utf8').replaceAll('\r\n', '\n')) as [string, string]
    const over = ended(child, said)
    running.add(over)
    over.finally(() => running.delete(over)).catch(() => undefined)
    return {
      ended: over,
      async says(wanted) {
        for (const until = Date.now() + patienceMs; Date.now() < until; await sleep(lookMs)) {
          const text = said().join('')
          const found = text
            .split('\n')
            .find(line => (typeof wanted === 'string' ? line.includes(wanted) : wanted.test(line)))
          if (found !== undefined) return found
          if (child.exitCode !== null) break
        }
        throw new Error(`it never said ${wanted}: ${said().join('')}`)
      },
    }
  }

  /** It is to stay: else it ends with the last program, and the next one starts it, and all its services, anew. */
  const keepServer = () =>
    spawnSync('wineserver', ['-p'], { env: environment, stdio: 'ignore', timeout: 20_000 })

  const wine: Wine = {
    drive: join(prefix, 'drive_c'),
    start,
    run: (program, words, options) => start(program, words, options).ended,
    async endAll() {
      spawnSync('wineserver', ['-k'], { env: environment, timeout: 20_000 })
      await Promise.allSettled(running)
    },
    async cutPower() {
      await wine.endAll()
      keepServer()
      await wine.run('wineboot', [])
    },
    async [Symbol.asyncDispose]() {
      await wine.endAll()
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
    },
  }
  for (const [program, words] of [
    ['wineboot', ['-i']],
    ['winecfg', ['-v', 'win10']],
  ] as const) {
    const { code, err } = await wine.run(program, words)
    if (code !== 0) throw new Error(`${program} failed: ${err}`)
  }
  // The services of a prefix just made find no service that is made next; those of one that was started again do.
  await wine.endAll()
  keepServer()
  return wine
}

function ended(child: ChildProcess, said: () => [string, string]): Promise<WineRan> {
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', code => {
      clearTimeout(timer)
      const [out, err] = said()
      resolve({ code, out, err })
    })
  })
}

function plainEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('BACKSTAY_') && !name.startsWith('NODE_'),
  )
  return Object.fromEntries(kept)
}
