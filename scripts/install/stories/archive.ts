// The archive with its install.sh, on a Debian with systemd.
import assert from 'node:assert/strict'
import { appendFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { unpackArchive } from '../../package/archive.ts'
import { makeReleaseKey } from '../../release/sums.ts'
import { type Booted, boot } from '../machine/booted.ts'
import { differences, listingOf } from '../machine/listing.ts'
import { standInPackages } from '../stand-in.ts'
import { story } from '../story.ts'

const [older, newer] = ['1.0.0', '1.0.1']

story('an archive: checked, installed, upgraded, removed', ['debootstrap', 'systemd', 'xz'], async t => {
  await using machine = await boot()
  await archives(t, machine)
})

// As all stories run where no container can be made.
story('the same with units by their command lines', ['debootstrap', 'xz'], async t => {
  await using machine = await boot(false)
  await archives(t, machine)
})

async function archives(t: TestContext, machine: Booted): Promise<void> {
  const made = mkdtempSync(join(tmpdir(), 'backstay-archive-'))
  t.after(() => rmSync(made, { recursive: true }))
  const { run, must } = machine
  const keyFile = join(made, 'release.key')
  writeFileSync(join(machine.path, 'root/right.pem'), makeReleaseKey(keyFile))
  writeFileSync(join(machine.path, 'root/wrong.pem'), makeReleaseKey(join(made, 'other.key')))
  for (const version of [older, newer])
    unpackArchive(
      standInPackages(join(made, version), version, 'archive', { keyFile }),
      'backstay',
      join(machine.path, 'root'),
    )
  const install = (name: string, version: string, ...words: readonly string[]) =>
    run(`/root/${name}-${version}-linux-x64/install.sh`, ...words)
  const before = listingOf(machine.path)

  await t.test('1. signed by another key, or changed, it is refused', () => {
    const wrong = install('backstay-agent', older, '--key', '/root/wrong.pem')
    assert.equal(wrong.status, 1)
    assert.match(wrong.said, /the signature of SHA256SUMS is not by that key/)
    must('cp', '-r', `/root/backstay-agent-${older}-linux-x64`, '/root/changed')
    appendFileSync(join(machine.path, 'root/changed/program/koffi.node'), 'x')
    const changed = run('/root/changed/install.sh', '--key', '/root/right.pem')
    assert.equal(changed.status, 1)
    assert.match(changed.said, /these files are not those of the release/)
    assert.deepEqual(differences(before, listingOf(machine.path)), [])
  })

  await t.test('2. installed, the agent runs and the collector waits for its name', () => {
    const agent = install('backstay-agent', older, '--key', '/root/right.pem')
    assert.equal(agent.status, 0, agent.said)
    assert.match(agent.said, /put a token of your fleet into \/etc\/backstay\/token/)
    const collector = install('backstay-collector', older)
    assert.match(collector.said, /systemctl enable --now backstay-collector/)
    assert.equal(install('backstay', older).status, 0)
    for (const name of ['backstay-agent', 'backstay-collector', 'backstay']) {
      assert.equal(must(name, '--version'), older)
    }
    assert.equal(must('systemctl', 'is-active', 'backstay-agent'), 'active')
    must('systemctl', 'enable', '--now', '--quiet', 'backstay-collector')
  })

  await t.test('3. upgraded, what ran runs anew; an older version is refused', () => {
    const pid = must('systemctl', 'show', '--value', '--property=MainPID', 'backstay-agent')
    appendFileSync(join(machine.path, 'etc/backstay/agent.env'), 'OURS=1\n')
    for (const name of ['backstay-agent', 'backstay-collector', 'backstay']) {
      assert.equal(install(name, newer).status, 0)
      assert.equal(must(name, '--version'), newer)
      assert.ok(!existsSync(join(machine.path, 'usr/local/lib', name, older)))
    }
    assert.notEqual(must('systemctl', 'show', '--value', '--property=MainPID', 'backstay-agent'), pid)
    assert.match(must('cat', '/etc/backstay/agent.env'), /^OURS=1$/m)
    const refused = install('backstay-agent', older)
    assert.equal(refused.status, 1)
    assert.match(refused.said, new RegExp(`${newer} was here before`))
    assert.equal(must('backstay-agent', '--version'), newer)
  })

  await t.test('4. removed, state and settings stay; purged, nothing does', () => {
    must('/usr/local/lib/backstay-agent/uninstall.sh')
    assert.ok(existsSync(join(machine.path, 'var/lib/backstay-agent')))
    assert.ok(!existsSync(join(machine.path, 'usr/local/bin/backstay-agent')))
    assert.equal(install('backstay-agent', newer).status, 0)
    assert.equal(must('systemctl', 'is-active', 'backstay-agent'), 'active')
    for (const name of ['backstay-agent', 'backstay-collector', 'backstay']) {
      must(`/usr/local/lib/${name}/uninstall.sh`, '--purge')
    }
    assert.deepEqual(differences(before, listingOf(machine.path)), [])
  })
}
