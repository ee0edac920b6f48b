// A release on its way: from the collector, by an admin's policy and the release key, into the package manager of a device.
import assert from 'node:assert/strict'
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { boot } from '../machine/booted.ts'
import { first, needPackages, second } from '../packages.ts'
import { smallFleet, until } from '../small-fleet.ts'
import { story } from '../story.ts'

story(
  'a device installs the release that its policy names',
  ['debootstrap', 'systemd-nspawn', 'dpkg-deb'],
  async t => {
    needPackages()
    await using machine = await boot()
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
    const debs = readdirSync(first.packages).filter(name => name.endsWith('.deb'))
    must('dpkg', '--install', ...debs.map(name => `/opt/packages/${first.version}/${name}`))
    await fleet.found()
    fleet.layToken(fleet.token())
    await until(() => status().startsWith('protected'), status)

    await t.test('1. nothing is named, so nothing is done', () => {
      assert.match(must('backstay-agent', 'update', '--check'), /the policy names no release/)
      assert.equal(run('systemctl', 'is-enabled', 'backstay-agent-update.timer').said, 'disabled')
    })

    await t.test('2. the collector takes in what the release key signed, and nothing older', () => {
      admin('policy', 'edit', '--set', `version=${second.version}`, '--yes')
      const none = run('backstay-agent', 'update')
      assert.match(none.said, /does not hold the release that the policy names/)
      const taken = asCollector('add', `/opt/packages/${second.version}`)
      assert.equal(taken.status, 0, taken.said)
      assert.match(asCollector('add', `/opt/packages/${first.version}`).said, /is not newer than/)
      assert.match(
        must('backstay-agent', 'update', '--check'),
        new RegExp(`${second.version} is ready: backstay-agent_`),
      )
    })

    await t.test('3. a package that was changed on the collector, or is held back, is not installed', () => {
      const held = at(
        `/var/lib/backstay/releases/${second.version}/backstay-agent_${second.version}_amd64.deb`,
      )
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

    await t.test('4. the unit that root may enable installs it, and the same device goes on', async () => {
      const before = fleet.device()
      must('systemctl', 'start', 'backstay-agent-update.service')
      assert.equal(must('backstay-agent', '--version'), second.version)
      await until(() => status().startsWith('protected'), status)
      assert.equal(fleet.device(), before)
      assert.match(must('backstay-agent', 'update'), /as the policy names it/)
    })

    await t.test('5. no policy takes it back', () => {
      admin('policy', 'edit', '--set', `version=${first.version}`, '--yes')
      const { status, said } = run('backstay-agent', 'update')
      assert.equal(status, 1)
      assert.match(said, /the policy names .* and this device runs/)
      assert.equal(must('backstay-agent', '--version'), second.version)
    })
  },
)
