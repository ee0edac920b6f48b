/** A release on its way: from the collector, by an admin's policy and the release key, into the package manager of a device. */
import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { TestContext } from 'node:test'
import type { Booted } from './machine/booted.ts'
import { hasSystemd } from './machine/has-systemd.ts'
import { first, needPackages, second } from './packages.ts'
import { smallFleet, until } from './small-fleet.ts'

export interface Updated {
  /** Installs the three packages that lie in `folder`. */
  readonly install: (folder: string, version: string) => readonly string[]
  /** The agent's package of the second release. */
  readonly file: string
}

export async function update(t: TestContext, machine: Booted, { install, file }: Updated): Promise<void> {
  needPackages()
  const { run, must } = machine
  const fleet = smallFleet(machine)
  const { at, admin, status } = fleet
  const asCollector = (...words: readonly string[]) =>
    run(
      'runuser',
      '-u',
      'backstay',
      '--',
      'backstay-collector',
      'release',
      ...words,
      '--data',
      '/var/lib/backstay',
    )

  for (const { packages, version } of [first, second])
    cpSync(packages, at(`/opt/packages/${version}`), { recursive: true })
  must(...install(`/opt/packages/${first.version}`, first.version))
  await fleet.found()
  const keychain = hasSystemd() ? 'credential' : 'file'
  if (keychain === 'credential') closeKeys(machine)
  fleet.layToken(fleet.token())
  await until(() => status().startsWith('protected'), status)

  const keys = () => (JSON.parse(must('backstay-agent', 'keys', '--json')) as { keychain: string }).keychain
  assert.equal(keys(), keychain)

  await t.test('1. nothing is named, so nothing is done', () => {
    assert.match(must('backstay-agent', 'update', '--check'), /the policy names no release/)
    assert.equal(run('systemctl', 'is-enabled', 'backstay-agent-update.timer').said, 'disabled')
  })

  await t.test(
    '2. it is named for a ring, and reaches who stands in it; the collector takes in what the release key signed, and nothing older',
    () => {
      admin('policy', 'groups', 'add', 'pilots')
      admin('policy', 'edit', '--group', 'pilots', '--set', `version=${second.version}`, '--yes')
      assert.match(must('backstay-agent', 'update', '--check'), /the policy names no release/)
      admin('policy', 'assign', 'clean', '--group', 'pilots', '--yes')
      const none = run('backstay-agent', 'update')
      assert.match(none.said, /does not hold the release that the policy names/)
      const taken = asCollector('add', `/opt/packages/${second.version}`)
      assert.equal(taken.status, 0, taken.said)
      assert.match(asCollector('add', `/opt/packages/${first.version}`).said, /is not newer than/)
      assert.match(
        must('backstay-agent', 'update', '--check'),
        new RegExp(`${second.version} is ready: ${file}`),
      )
    },
  )

  await t.test('3. a package that was changed on the collector, or is held back, is not installed', () => {
    const held = at(`/var/lib/backstay/releases/${second.version}/${file}`)
    assert.ok(existsSync(held))
    const bytes = readFileSync(held)
    const changed = Buffer.from(bytes)
    changed.writeUInt8(changed.readUInt8(9000) ^ 1, 9000)
    writeFileSync(held, changed)
    assert.match(run('backstay-agent', 'update').said, /is not what the release key signed/)
    writeFileSync(held, bytes)
    assert.equal(asCollector('stop', second.version).status, 0)
    assert.match(run('backstay-agent', 'update').said, /held back/)
    assert.equal(asCollector('auto', second.version).status, 0)
    assert.equal(must('backstay-agent', '--version'), first.version)
    assert.deepEqual(
      readdirSync(at('/var/lib/backstay-agent')).filter(name => name.startsWith('update-')),
      [],
    )
  })

  await t.test('4. behind a proxy the unit goes the way that the agent goes', () => {
    const settings = at('/etc/backstay/agent.env')
    const before = readFileSync(settings)
    writeFileSync(settings, `${before}HTTPS_PROXY=http://127.0.0.1:9\n`)
    assert.notEqual(run('systemctl', 'start', 'backstay-agent-update.service').status, 0)
    const said = must('journalctl', '--unit=backstay-agent-update', '--output=cat')
    assert.match(said, /cannot reach the collector through the proxy 127\.0\.0\.1:9/)
    writeFileSync(settings, before)
  })

  await t.test('5. the unit that root may enable installs it, and the same device goes on', async () => {
    const before = fleet.device()
    must('systemctl', 'start', 'backstay-agent-update.service')
    assert.equal(must('backstay-agent', '--version'), second.version)
    await until(() => status().startsWith('protected'), status)
    assert.equal(fleet.device(), before)
    assert.equal(keys(), keychain)
    assert.match(must('backstay-agent', 'update'), /as the policy names it/)
  })

  await t.test('6. the collector knows who took it, so that one who is not heard again is missed', () => {
    using catalog = new DatabaseSync(at('/var/lib/backstay/catalog.sqlite'), { readOnly: true })
    assert.deepEqual(
      catalog
        .prepare('select took_version as version from devices')
        .all()
        .map(row => row.version),
      [second.version],
    )
  })

  await t.test('7. no policy takes it back', () => {
    admin('policy', 'edit', '--group', 'pilots', '--set', `version=${first.version}`, '--yes')
    const { status, said } = run('backstay-agent', 'update')
    assert.equal(status, 1)
    assert.match(said, /the policy names .* and this device runs/)
    assert.equal(must('backstay-agent', '--version'), second.version)
  })
}

/** As docs/operations.md §6 says it: by a credential that systemd opens for the service. */
function closeKeys({ path, must }: Booted): void {
  const encrypted = '/etc/backstay/state-key.cred'
  must('sh', '-c', `head -c 32 /dev/urandom | systemd-creds encrypt --name=backstay-state-key - ${encrypted}`)
  const dropIn = join(path, 'etc/systemd/system/backstay-agent.service.d')
  mkdirSync(dropIn, { recursive: true })
  const line = `LoadCredentialEncrypted=backstay-state-key:${encrypted}`
  writeFileSync(join(dropIn, 'override.conf'), `[Service]\n${line}\n`)
  must('systemctl', 'daemon-reload')
  must('systemctl', 'restart', 'backstay-agent')
}
