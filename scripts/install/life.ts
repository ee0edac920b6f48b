/** The life of a small fleet that was installed from packages: the same story for each kind of package. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { Booted } from './machine/booted.ts'
import { differences, listingOf } from './machine/listing.ts'
import { first, needPackages, type Release, second } from './packages.ts'
import { smallFleet, until } from './small-fleet.ts'

export type Name = 'backstay-agent' | 'backstay-collector' | 'backstay'

/** What differs from one kind of package to the other. */
export interface Packager {
  /** Puts the packages of a release into a folder of the machine. */
  readonly bring: (release: Release, to: string) => void
  /** The program that does it all, by its name among the processes. */
  readonly program: string
  /** Where programs lie, and the folders of their versions. */
  readonly bin: string
  readonly lib: string
  /** What is in the agent's own folder there once a version is on its way. */
  readonly begun: (version: string) => string
  /** The words that install, or upgrade to, the packages of a release that lie in `folder`. */
  readonly install: (folder: string, version: string, names: readonly Name[]) => readonly string[]
  /** As `install`, where the version there is newer: as far as the system's own tool goes. */
  readonly downgrade: (folder: string, version: string, name: Name) => readonly string[]
  /** After an installation that was killed. */
  readonly mend: readonly string[]
  readonly remove: (names: readonly Name[]) => readonly string[]
  /** Takes state and settings away too, where the system knows such a thing. */
  readonly purge: readonly string[]
  /** Paths that are left after all that, with reason. */
  readonly left: readonly RegExp[]
}

const all: readonly Name[] = ['backstay-agent', 'backstay-collector', 'backstay']

export async function life(t: TestContext, machine: Booted, packager: Packager): Promise<void> {
  needPackages()
  const { run, must } = machine
  const { bin, lib } = packager
  const fleet = smallFleet(machine)
  const { at, status, admin, token, layToken } = fleet
  let count = 0
  const step = (name: string, body: () => Promise<void> | void) => t.test(`${++count}. ${name}`, body)

  const install = (release: Release, ...names: readonly Name[]) =>
    must(...packager.install(folderOf(release), release.version, names))
  const agentPid = () => Number(must('systemctl', 'show', '--value', '--property=MainPID', 'backstay-agent'))
  const snapshots = () =>
    JSON.parse(admin('snapshots', 'clean', '--json')) as readonly { readonly complete: boolean }[]

  for (const release of [first, second]) packager.bring(release, at(folderOf(release)))
  must('useradd', '--create-home', 'ada')
  const before = listingOf(machine.path)
  mkdirSync(at('/home/ada/papers'))
  writeFileSync(at('/home/ada/papers/secret'), 'for nobody else\n', { mode: 0o600 })
  must('chown', '-R', 'ada:ada', '/home/ada/papers')

  await step('three packages are installed with no network, and say what comes next', () => {
    const said = install(first, ...all)
    assert.match(said, /systemctl enable --now backstay-collector/)
    assert.match(said, /put a token of your fleet into \/etc\/backstay\/token/)
    for (const name of all) assert.equal(must(name, '--version'), first.version)
    assert.equal(run('systemctl', 'is-active', 'backstay-agent').said, 'active')
    assert.equal(run('systemctl', 'is-active', 'backstay-collector').said, 'inactive')
  })

  await step('the agent waits for a token and says so', async () => {
    await until(() => /not enrolled yet; put a token into \/etc\/backstay\/token/.test(status()), status)
  })

  await step(
    'the collector starts as its own user, and a fleet is founded with what its journal shows',
    async () => {
      await fleet.found()
      assert.equal(must('stat', '--format=%U %a', '/var/lib/backstay'), 'backstay 700')
    },
  )

  await step('a credential of systemd is where a token may lie, too', async () => {
    mkdirSync(at('/etc/credstore'), { recursive: true, mode: 0o700 })
    writeFileSync(at('/etc/credstore/backstay-token'), 'backstay-enroll:nonsense\n', { mode: 0o600 })
    must('systemctl', 'restart', 'backstay-agent')
    await until(() => /the token in \/run\/credentials\/\S+ does not let/.test(status()), status)
    must('rm', '-r', '/etc/credstore')
    must('systemctl', 'restart', 'backstay-agent')
  })

  await step('a token that is wrong, or past its end, lets nobody in, and the service goes on', async () => {
    const pid = agentPid()
    layToken('backstay-enroll:nonsense')
    await until(() => /the token in .* does not let this device in: not an enrol/.test(status()), status)
    layToken(await endedToken())
    await until(() => /the token in .* does not let this device in: .* past its end/.test(status()), status)
    assert.equal(agentPid(), pid)
  })

  await step('a token in a file enrols the device; the file is gone; its homes are backed up', async () => {
    layToken(token())
    await until(() => status().startsWith('protected'), status)
    assert.ok(!existsSync(at('/etc/backstay/token')))
    assert.ok(snapshots().some(({ complete }) => complete))
  })

  const device = fleet.device()

  await step('what was lost comes back with owner and mode, read by the admin alone', () => {
    admin('restore', 'clean', '/home/ada/papers', '--to', '/root/restored')
    assert.equal(must('cat', '/root/restored/secret'), 'for nobody else')
    assert.equal(must('stat', '--format=%a', '/root/restored/secret'), '600')
  })

  await step("a job gives it back in its owner's home, within the bounds of the unit", () => {
    admin('job', 'run', 'clean', 'restore', '/home/ada/papers', '--yes')
    const found = must('find', '/home/ada/Restored', '-name', 'secret', '-printf', '%u %g %m\\n')
    assert.equal(found, 'ada ada 600')
    must('rm', '-r', '/home/ada/Restored')
  })

  await step('an upgrade that is killed leaves the service at work, and the next try heals it', async () => {
    const pid = agentPid()
    const killed = machine.start(...packager.install(folderOf(second), second.version, ['backstay-agent']))
    const ended = new Promise(done => killed.once('exit', done))
    await until(
      () => existsSync(at(`${lib}/backstay-agent/${packager.begun(second.version)}`)),
      () => 'it did not begin',
      10,
    )
    must('sh', '-c', `kill -9 $(pidof -x ${packager.program})`)
    await ended
    assert.match(must('backstay-agent', '--version'), new RegExp(`^(${first.version}|${second.version})$`))
    assert.equal(agentPid(), pid)
    await savedAndCommitted('killed')
    run(...packager.mend)
    install(second, 'backstay-agent')
    assert.equal(must('backstay-agent', '--version'), second.version)
  })

  await step(
    'an upgrade keeps identity, state and settings, restarts what ran, and backups go on',
    async () => {
      const pid = agentPid()
      const collected = snapshots().length
      install(second, ...all)
      assert.notEqual(agentPid(), pid)
      for (const name of all) assert.equal(must(name, '--version'), second.version)
      assert.equal(run('systemctl', 'is-active', 'backstay-collector').said, 'active')
      assert.equal(run('systemctl', 'is-active', 'backstay-agent').said, 'active')
      assert.match(must('cat', '/etc/backstay-collector/collector.env'), /^BACKSTAY_URL=wss:\/\/127/m)
      await savedAndCommitted('upgraded')
      assert.equal(fleet.device(), device)
      assert.ok(snapshots().length > collected)
    },
  )

  await step('an older version is refused with its reason, and the newer one goes on', () => {
    const pid = agentPid()
    for (const name of ['backstay-agent', 'backstay-collector'] as const) {
      const { status, said } = run(...packager.downgrade(folderOf(first), first.version, name))
      assert.notEqual(status, 0)
      assert.match(
        said,
        new RegExp(`${name} ${first.version} is not installed: ${second.version} was here before`),
      )
      assert.equal(must(name, '--version'), second.version)
    }
    assert.equal(agentPid(), pid)
  })

  await step('a service that somebody stopped is not started by an upgrade', () => {
    must('systemctl', 'stop', 'backstay-agent')
    must(...packager.downgrade(folderOf(second), second.version, 'backstay-agent'))
    assert.equal(run('systemctl', 'is-active', 'backstay-agent').said, 'inactive')
    must('systemctl', 'start', 'backstay-agent')
  })

  await step('removed and installed again, it is the same device', async () => {
    must(...packager.remove(['backstay-agent']))
    assert.equal(run('systemctl', 'is-active', 'backstay-agent').said, 'inactive')
    assert.ok(!existsSync(at(`${bin}/backstay-agent`)) && !existsSync(at(`${lib}/backstay-agent`)))
    assert.ok(existsSync(at('/var/lib/backstay-agent/identity')))
    const { status: refused, said } = run(
      ...packager.install(folderOf(first), first.version, ['backstay-agent']),
    )
    assert.notEqual(refused, 0, said)
    install(second, 'backstay-agent')
    await savedAndCommitted('removed and back')
    assert.equal(fleet.device(), device)
  })

  await step('purged, nothing of it is left', () => {
    must(...packager.remove(all))
    must(...packager.purge)
    must('rm', '-r', '/home/ada/papers')
    const left = differences(before, listingOf(machine.path))
    assert.deepEqual(
      left.filter(one => !packager.left.some(pattern => pattern.test(one))),
      [],
    )
  })

  /** A file that somebody saves is in a snapshot soon after. */
  async function savedAndCommitted(name: string): Promise<void> {
    await until(() => status().startsWith('protected'), status)
    must('runuser', '-u', 'ada', '--', 'sh', '-c', `echo "${name}" >"/home/ada/papers/${name}"`)
    const listed = () => admin('ls', 'clean', '/home/ada/papers')
    await until(() => listed().includes(name), listed)
  }

  /** Asked for almost a day ago, for one day. */
  async function endedToken(): Promise<string> {
    const words = ['token', '--json', '--passphrase-file', '/root/passphrase']
    const said = must('faketime', '-f', `-${86_400 - endsSeconds}`, 'backstay', ...words)
    await pause(endsSeconds * 1000)
    return (JSON.parse(said) as { readonly token: string }).token
  }
}

/** Enough for the collector to take the grant while it is good. */
const endsSeconds = 10

const folderOf = ({ version }: Release) => `/root/packages/${version}`
