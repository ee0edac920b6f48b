/** An upgrade that is killed at any step leaves a whole old version or a whole new one, and the next try mends the rest. */
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CleanRoot, cleanRoot } from './machine/clean-root.ts'
import { standInPackages } from './stand-in.ts'

const [older, newer] = ['1.0.0', '1.0.1']
/** Every way in which files get their names and lose them. */
const calls = [
  'rename',
  'renameat',
  'renameat2',
  'link',
  'linkat',
  'unlink',
  'unlinkat',
  'symlink',
  'symlinkat',
  'mkdir',
  'mkdirat',
]
/** Far more of one kind than there are. */
const callsMax = 200

export interface Interrupted {
  readonly format: 'deb' | 'rpm'
  /** The command that installs or upgrades. */
  readonly install: (version: string) => string
  /** Of strace: `-f` for a packager whose scripts do what matters. */
  readonly follow: string
  readonly mend: string
  readonly isWell: (root: CleanRoot) => void
}

/** Returns at how many calls the upgrade was killed. */
export function killedAtEveryStep(packager: Interrupted): number {
  using before = cleanRoot()
  putPackages(before, packager.format)
  assert.equal(run(before, packager.install(older)).status, 0)
  const left = new Set<string>()
  let kills = 0
  for (const call of calls) {
    for (let count = 1; ; count++) {
      assert.ok(count < callsMax, 'the upgrade comes to its end')
      const found = killedBefore(call, count, before, packager)
      if (found === undefined) break
      left.add(found)
      kills++
    }
  }
  assert.deepEqual([...left].sort(), [older, newer], 'some kills came before the switch and some after it')
  return kills
}

/** The version that worked after the upgrade was killed; undefined when it makes fewer calls of this kind. */
function killedBefore(
  call: string,
  count: number,
  above: CleanRoot,
  { install, follow, mend, isWell }: Interrupted,
): string | undefined {
  using root = cleanRoot({ above })
  const killing = `strace -qq ${follow} -o /dev/null -e trace=${call} -e inject=${call}:signal=KILL:when=${count}`
  const { status } = run(root, `${killing} ${install(newer)}`)
  if (status === 0) return undefined
  const when = `killed before ${call} number ${count}`
  const works = run(root, '/usr/bin/backstay-agent --version')
  const version = works.said.trim()
  assert.ok(works.status === 0 && [older, newer].includes(version), `${when}: ${works.said}`)
  run(root, mend)
  const again = run(root, install(newer))
  assert.equal(again.status, 0, `${when}, tried again: ${again.said}`)
  assert.equal(run(root, '/usr/bin/backstay-agent --version').said.trim(), newer, when)
  assert.equal(run(root, 'ls /usr/libexec/backstay-agent /usr/libexec/backstay-agent/*/').said, whole, when)
  assert.equal(run(root, parts).said, '', when)
  isWell(root)
  return version
}

/** Into `/packages/VERSION`. */
function putPackages({ path }: CleanRoot, format: string): void {
  const made = mkdtempSync(join(tmpdir(), 'backstay-cut-off-'))
  try {
    for (const version of [older, newer]) {
      const packages = standInPackages(join(made, version), version, format)
      cpSync(packages, join(path, 'packages', version), { recursive: true })
    }
  } finally {
    rmSync(made, { recursive: true })
  }
}

/** Nothing of the old version, and nothing half. */
const whole = `/usr/libexec/backstay-agent:
${newer}
backstay-agent

/usr/libexec/backstay-agent/${newer}/:
backstay-agent
koffi.node
`

/** As dpkg and rpm call what is on its way. */
const parts = "find / -xdev -name '*.dpkg-*' -not -path '/var/lib/dpkg/*' -or -xdev -name '*;*'"

const run = (root: CleanRoot, command: string) => root.run('sh', '-c', command)
