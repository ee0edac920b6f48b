/** A test of an installation on a system of its own. What this machine cannot do is said; with CI=true it is a failure. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import { isBaseMade } from './machine/base-root.ts'
import { hasSystemd, whyNoSystemd } from './machine/has-systemd.ts'

/** Programs, or files, and the packages of Debian that have them. */
const tools = {
  debootstrap: { package: 'debootstrap' },
  // Its stories run without it, too: machine/booted.ts.
  systemd: { package: 'systemd-container', file: '/' },
  'dpkg-deb': { package: 'dpkg' },
  xz: { package: 'xz-utils' },
  rpmbuild: { package: 'rpm' },
  shellcheck: { package: 'shellcheck' },
  xmllint: { package: 'libxml2-utils' },
  plistutil: { package: 'libplist-utils' },
  'aarch64-linux-gnu-strip': { package: 'binutils-aarch64-linux-gnu' },
  'qemu-aarch64-static': { package: 'qemu-user-static' },
  wixl: { package: 'wixl' },
  msibuild: { package: 'msitools' },
  'x86_64-w64-mingw32-gcc': { package: 'gcc-mingw-w64-x86-64' },
  'ld-linux-aarch64': {
    package: 'libc6-arm64-cross libstdc++6-arm64-cross libatomic1-arm64-cross',
    file: '/usr/aarch64-linux-gnu/lib/libatomic.so.1',
  },
} as const

export type Tool = keyof typeof tools

export function story(
  name: string,
  needs: readonly Tool[],
  body: (t: TestContext) => Promise<void> | void,
): void {
  const reason = missing(needs)
  // What CI could have installed and did not is a fault.
  const skip = process.env.CI === 'true' ? false : (reason ?? false)
  test(name, { skip }, async t => {
    if (reason !== undefined) throw new Error(`not run: ${reason}`)
    if (needs.includes('systemd') && !hasSystemd()) {
      console.error(`NOT BY SYSTEMD: ${name}: units are started by their command lines: ${whyNoSystemd()}`)
    }
    await body(t)
  })
}

export function missing(needs: readonly Tool[]): string | undefined {
  if (process.platform !== 'linux') return 'systems of their own are made on Linux only'
  if (process.getuid?.() !== 0) return 'only root can make a system of its own'
  const absent = needs.filter(tool => !isHere(tool))
  if (absent.length === 0) {
    return needs.includes('debootstrap') && !isBaseMade()
      ? "there is no base system: npm run test:install makes one, with debootstrap and from Debian's mirror"
      : undefined
  }
  return `${absent.join(', ')} missing (apt-get install ${absent.map(tool => tools[tool].package).join(' ')})`
}

function isHere(tool: Tool): boolean {
  const wanted = tools[tool]
  return 'file' in wanted ? existsSync(wanted.file) : spawnSync('which', [tool]).status === 0
}
