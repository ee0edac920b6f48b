/** A Debian of nothing but itself, as a folder; made once and kept in .cache. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { top } from '../../release/programs.ts'

/** Beside init and what our packages depend on: rpm, which this system does not use itself, and tools of the stories. */
const packages = ['systemd', 'systemd-sysv', 'dbus', 'libatomic1', 'rpm', 'strace', 'openssl', 'faketime']
const suite = 'bookworm'
const mirror = 'http://deb.debian.org/debian'

const folder = join(top, '.cache/install')
const root = join(folder, [suite, ...packages].join('+'))

export const isBaseMade = () => existsSync(root)

/** Takes about 50 s the first time; needs root, debootstrap and the mirror. Throws when one of these is missing. */
export function baseRoot(): string {
  if (isBaseMade()) return root
  mkdirSync(folder, { recursive: true })
  const fresh = join(folder, 'unfinished')
  rmSync(fresh, { recursive: true, force: true })
  const words = ['--variant=minbase', `--include=${packages.join(',')}`, suite, fresh, mirror]
  execFileSync('debootstrap', words, { stdio: ['ignore', 'ignore', 'inherit'], env: debootstrapEnvironment })
  execFileSync('chroot', [fresh, 'apt-get', 'clean'])
  writeFileSync(join(fresh, 'etc/hostname'), 'clean\n')
  writeFileSync(join(fresh, 'etc/hosts'), '127.0.0.1 localhost clean\n')
  renameSync(fresh, root)
  return root
}

const debootstrapEnvironment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' }
