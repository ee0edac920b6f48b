// An upgrade that is killed at any step leaves a whole old version or a whole new one, and the next try mends the rest.
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { type CleanRoot, cleanRoot } from '../machine/clean-root.ts'
import { standInPackages } from '../stand-in.ts'
import { story } from '../story.ts'

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

const made = mkdtempSync(join(tmpdir(), 'backstay-cut-off-'))
after(() => rmSync(made, { recursive: true }))

story('a deb: killed before each of its steps', ['debootstrap', 'dpkg-deb'], t => {
  const kills = everyStep({
    install: version => `dpkg --install /packages/${version}/backstay-agent_${version}_amd64.deb`,
    follow: '',
    mend: 'dpkg --configure -a',
    isWell: root => assert.equal(root.run('dpkg', '--audit').said, ''),
  })
  t.diagnostic(`${kills} kills`)
  assert.ok(kills > 40, `only ${kills} steps were found`)
})

story(
  'an rpm: killed before each of its steps, and of those of its scripts',
  ['debootstrap', 'rpmbuild'],
  t => {
    const kills = everyStep({
      install: version =>
        `rpm -U --nodeps --replacepkgs /packages/${version}/backstay-agent-${version}-1.x86_64.rpm`,
      follow: '-f',
      // Two tries within one second give their parts the same names, and rpm refuses.
      mend: 'sleep 1',
      isWell: root => assert.match(root.run('rpm', '-q', 'backstay-agent').said, /backstay-agent-1\.0\.1-1/),
    })
    t.diagnostic(`${kills} kills`)
    assert.ok(kills > 10, `only ${kills} steps were found`)
  },
)

interface Packager {
  /** The command that installs or upgrades. */
  readonly install: (version: string) => string
  /** Of strace: `-f` for a packager whose scripts do what matters. */
  readonly follow: string
  readonly mend: string
  readonly isWell: (root: CleanRoot) => void
}

/** Returns at how many calls the upgrade was killed. */
function everyStep(packager: Packager): number {
  using before = cleanRoot()
  for (const version of [older, newer]) {
    const packages = standInPackages(join(made, version), version, 'deb,rpm')
    cpSync(packages, join(before.path, 'packages', version), { recursive: true })
  }
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
  { install, follow, mend, isWell }: Packager,
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
  assert.equal(run(root, 'ls /usr/lib/backstay-agent /usr/lib/backstay-agent/*/').said, whole, when)
  assert.equal(run(root, parts).said, '', when)
  isWell(root)
  return version
}

/** Nothing of the old version, and nothing half. */
const whole = `/usr/lib/backstay-agent:
${newer}
backstay-agent

/usr/lib/backstay-agent/${newer}/:
backstay-agent
koffi.node
`

/** As dpkg and rpm call what is on its way. */
const parts = "find / -xdev -name '*.dpkg-*' -not -path '/var/lib/dpkg/*' -or -xdev -name '*;*'"

const run = (root: CleanRoot, command: string) => root.run('sh', '-c', command)
