/** Packages of other platforms, as package-lock.json names them: npm installs only those of the machine that it runs on. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '@backstay/proto/failure'
import { top } from './programs.ts'

interface Locked {
  readonly version: string
  readonly integrity?: string
}

const cache = join(top, '.cache/packages')
const lock = JSON.parse(readFileSync(join(top, 'package-lock.json'), 'utf8')) as {
  readonly packages: Readonly<Record<string, Locked>>
}

/**
 * The folder of a package: that of node_modules, else one that is fetched and compared with the lock's SHA-512.
 * Throws `not_locked`, `not_fetched`, `package_differs`.
 */
export function packageFolder(name: string): string {
  const installed = join(top, 'node_modules', name)
  if (existsSync(join(installed, 'package.json'))) return installed
  const { version, integrity } = lockedPackage(name)
  const folder = join(cache, `${name.replace('/', '+')}@${version}`)
  if (existsSync(folder)) return folder
  mkdirSync(cache, { recursive: true })
  const archive = fetched(name, version)
  const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`
  if (found !== integrity) {
    throw new Failure('package_differs', `${name} ${version} is not what package-lock.json names`, {
      hint: `its hash is ${found}; do not build with it, and look where this registry got it from`,
    })
  }
  const fresh = `${folder}.${process.pid}`
  mkdirSync(fresh)
  execFileSync('tar', ['-xzf', archive, '-C', fresh, '--strip-components=1'])
  rmSync(archive)
  renameSync(fresh, folder)
  return folder
}

export function lockedPackage(name: string): Locked & { readonly integrity: string } {
  const locked = lock.packages[`node_modules/${name}`]
  if (locked?.integrity !== undefined) return { ...locked, integrity: locked.integrity }
  throw new Failure('not_locked', `package-lock.json does not name ${name}`, { hint: 'run: npm install' })
}

function fetched(name: string, version: string): string {
  const words = ['pack', `${name}@${version}`, '--pack-destination', cache, '--json', '--loglevel=error']
  try {
    const said = execFileSync('npm', words, {
      cwd: cache,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const [{ filename }] = JSON.parse(said) as [{ filename: string }]
    return join(cache, filename)
  } catch (cause) {
    throw new Failure('not_fetched', `npm cannot fetch ${name} ${version}`, {
      hint: 'a build for other platforms needs a registry once',
      cause,
    })
  }
}
