// Plain JavaScript that any Node from 20 on understands. Installs what the lock file says when it is not there yet, then
// runs a TypeScript program with the Node that this repository pins:  node scripts/bootstrap.mjs PROGRAM [ARGUMENTS]
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const top = dirname(dirname(fileURLToPath(import.meta.url)))
const needed = 26
/** Says which lock file node_modules was made from. */
const stamp = join(top, 'node_modules/.backstay-installed')

const [program, ...words] = process.argv.slice(2)
if (program === undefined) fail('usage: node scripts/bootstrap.mjs PROGRAM [ARGUMENTS]')
install()
const node = pinnedNode()
const environment = { ...process.env, PATH: `${join(top, 'node_modules/.bin')}:${process.env.PATH}` }
const { status, signal, error } = spawnSync(node, [join(top, program), ...words], {
  stdio: 'inherit',
  env: environment,
})
if (error !== undefined) fail(`"${node}" cannot be run: ${error.message}`)
process.exitCode = status ?? 128 + (constants.signals[signal] ?? 0)

function install() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(top, 'package-lock.json')))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  console.error('installing what package-lock.json names (npm ci) …')
  rmSync(stamp, { force: true })
  const npm = process.env.npm_execpath
  const quiet = ['ci', '--no-fund', '--no-audit', '--loglevel=error']
  const done =
    npm === undefined
      ? spawnSync('npm', quiet, { cwd: top, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' })
      : spawnSync(process.execPath, [npm, ...quiet], { cwd: top, stdio: ['ignore', 2, 2] })
  if (done.status !== 0)
    fail('npm ci did not finish', 'read its message above; it needs a registry and about 400 MB of disk')
  writeFileSync(stamp, wanted)
}

/** The Node of node_modules, tried once so that what is missing on this machine is said in a sentence. */
function pinnedNode() {
  const found = join(top, 'node_modules/.bin', process.platform === 'win32' ? 'node.cmd' : 'node')
  if (!existsSync(found)) {
    fail(`there is no Node ${needed} for ${process.platform} ${process.arch} in node_modules`, 'run: npm ci')
  }
  const tried = spawnSync(found, ['--version'], { encoding: 'utf8', shell: process.platform === 'win32' })
  const said = `${tried.stdout ?? ''}${tried.stderr ?? ''}`
  if (said.includes('libatomic.so.1')) {
    fail(
      `Node ${needed} needs the system library libatomic.so.1, which is not here`,
      'install it: apt-get install libatomic1, or dnf install libatomic',
    )
  }
  if (tried.status !== 0) fail(`Node ${needed} cannot run here: ${said.trim() || tried.error?.message}`)
  if (!said.startsWith(`v${needed}.`)) fail(`"${found}" is Node ${said.trim()}, not ${needed}`, 'run: npm ci')
  return found
}

function fail(message, hint) {
  console.error(`error: ${message}`)
  if (hint !== undefined) console.error(`hint: ${hint}`)
  process.exit(1)
}
