/** A test of an installation on a system of its own. What this machine cannot do is said; with CI=true it is a failure. */
import { spawnSync } from 'node:child_process'
import { type TestContext, test } from 'node:test'

/** Programs, and the package of Debian that has each. */
const tools = {
  debootstrap: 'debootstrap',
  'systemd-nspawn': 'systemd-container',
  'systemd-analyze': 'systemd',
  'dpkg-deb': 'dpkg',
  rpmbuild: 'rpm',
  shellcheck: 'shellcheck',
  xmllint: 'libxml2-utils',
  plistutil: 'libplist-utils',
  'qemu-aarch64-static': 'qemu-user-static',
} as const

export type Tool = keyof typeof tools

export function story(
  name: string,
  needs: readonly Tool[],
  body: (t: TestContext) => Promise<void> | void,
): void {
  const reason = missing(needs)
  test(name, { skip: process.env.CI === 'true' ? false : (reason ?? false) }, async t => {
    if (reason !== undefined) throw new Error(`not run: ${reason}`)
    await body(t)
  })
}

export function missing(needs: readonly Tool[]): string | undefined {
  if (process.platform !== 'linux') return 'systems of their own are made on Linux only'
  if (process.getuid?.() !== 0) return 'only root can make a system of its own'
  const absent = needs.filter(tool => spawnSync('which', [tool]).status !== 0)
  if (absent.length === 0) return undefined
  return `${absent.join(', ')} missing (apt-get install ${absent.map(tool => tools[tool]).join(' ')})`
}
