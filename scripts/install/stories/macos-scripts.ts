// What is for Macs runs on none here. Its scripts are shell, though, and run on a Debian beside stand-ins of Apple's programs:
// launchd's takes its time to let a service go, as the real one does.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { macLib, unpackArchive } from '../../package/archive.ts'
import { readPlist } from '../../testing/plist.ts'
import { type CleanRoot, cleanRoot } from '../machine/clean-root.ts'
import { differences, listingOf } from '../machine/listing.ts'
import { standInPackages } from '../stand-in.ts'
import { story } from '../story.ts'

const [older, newer] = ['1.0.0', '1.0.1']
const target = 'darwin-arm64'
const plist = '/Library/LaunchDaemons/org.backstay.agent.plist'
const updatePlist = '/Library/LaunchDaemons/org.backstay.agent-update.plist'
const support = '/Library/Application Support/Backstay'

/** loaded: the service is there; ending: for how many more looks it still is. */
const launchctl = `#!/bin/sh
cd /launchd
echo "$*" >>calls
read -r ending <ending
case "$1" in
  bootout) [ -e loaded ] || exit 3; rm loaded; echo 3 >ending ;;
  print)
    [ -e loaded ] && exit 0
    [ $ending -gt 0 ] || exit 113
    echo $((ending - 1)) >ending ;;
  print-disabled) cat disabled ;;
  bootstrap)
    if [ -e loaded ] || [ $ending -gt 0 ]; then echo "Bootstrap failed: 5: Input/output error" >&2; exit 5; fi
    if grep -q disabled disabled || [ -e stubborn ]; then exit 37; fi
    if [ ! -e asked ]; then touch asked; echo "Bootstrap failed: 37: Operation already in progress" >&2; exit 37; fi
    rm asked; touch loaded ;;
esac
`
const programs = {
  launchctl,
  sleep: '#!/bin/sh\nexec /usr/bin/sleep 0.02\n',
  uname: '#!/bin/sh\nif [ "$1" = -s ]; then echo Darwin; else echo arm64; fi\n',
  shasum: '#!/bin/sh\nshift 2\nexec sha256sum "$@"\n',
  pkgutil: '#!/bin/sh\necho "$*" >>/launchd/calls\n',
}

function mac(): CleanRoot {
  const root = cleanRoot()
  const at = (path: string) => join(root.path, path)
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(at(`usr/local/sbin/${name}`), text)
    chmodSync(at(`usr/local/sbin/${name}`), 0o755)
  }
  mkdirSync(at('launchd'))
  for (const [name, text] of Object.entries({ ending: '0\n', disabled: '', calls: '' }))
    writeFileSync(at(`launchd/${name}`), text)
  for (const folder of ['Library/LaunchDaemons', 'Library/Application Support', 'Library/Logs'])
    mkdirSync(at(folder), { recursive: true })
  assert.equal(root.run('groupadd', 'wheel').status, 0)
  return root
}

story('a pkg’s scripts: installed, upgraded, removed', ['debootstrap', 'xz'], async t => {
  const made = mkdtempSync(join(tmpdir(), 'backstay-mac-'))
  t.after(() => rmSync(made, { recursive: true }))
  using root = mac()
  const at = (path: string) => join(root.path, path)
  const parts = (version: string) => {
    const packages = standInPackages(join(made, version), version, 'macos', { target })
    unpackArchive(packages, 'backstay-agent', join(made, 'unpacked'))
    return join(made, `unpacked/backstay-agent-${version}-${target}-pkg`)
  }
  /** As `installer` does it. */
  const install = (version: string) => {
    const from = parts(version)
    execFileSync('cp', ['-r', join(from, 'scripts'), at(`/scripts-${version}`)])
    const before = root.run(`/scripts-${version}/preinstall`)
    if (before.status !== 0) return before
    execFileSync('cp', ['-r', `${from}/pkgroot/.`, root.path])
    const after = root.run(`/scripts-${version}/postinstall`)
    rmSync(at(`/scripts-${version}`), { recursive: true })
    return after
  }
  const calls = () => readFileSync(at('/launchd/calls'), 'utf8')
  const program = readFileSync(join(parts(older), `pkgroot${plist}`), 'utf8')
    .match(/<array>\s*<string>(.*)<\/string>/)
    ?.at(1)
  const before = listingOf(root.path)

  await t.test('1. nothing that root runs lies where Homebrew lets a user write', () => {
    assert.equal(program, `${macLib}/service`)
    const { status, said } = install(older)
    assert.equal(status, 0, said)
    assert.doesNotMatch(readFileSync(at(`${macLib}/service`), 'utf8'), /^(?!#).*\/usr\/local/m)
    assert.ok(existsSync(at('/launchd/loaded')))
    assert.equal(root.run('/usr/local/bin/backstay-agent', '--version').said, `${older}\n`)
  })

  await t.test('2. what updates it by itself is there, disabled, and runs the same program', () => {
    const made = readFileSync(at(updatePlist), 'utf8')
    const found = readPlist(made) as { Disabled: boolean; ProgramArguments: readonly string[] }
    assert.deepEqual([found.Disabled, found.ProgramArguments], [true, [`${macLib}/backstay-agent`, 'update']])
  })

  await t.test('3. an upgrade waits until the old service has ended, and the new one runs', () => {
    const { status, said } = install(newer)
    assert.equal(status, 0, said)
    assert.ok(existsSync(at('/launchd/loaded')))
    assert.equal(root.run(`${macLib}/backstay-agent`, '--version').said, `${newer}\n`)
    assert.ok(!existsSync(at(`${macLib}/${older}`)))
    const refused = install(older)
    assert.match(refused.said, new RegExp(`${newer} was here before`))
    rmSync(at(`/scripts-${older}`), { recursive: true })
  })

  await t.test('4. disabled it stays so, and what launchd refuses is said and fails no installation', () => {
    writeFileSync(at('/launchd/disabled'), '\t"org.backstay.agent" => disabled\n')
    const disabled = install(newer)
    assert.deepEqual([disabled.status, existsSync(at('/launchd/loaded'))], [0, false])
    assert.match(disabled.said, /was disabled here and stays so/)
    writeFileSync(at('/launchd/disabled'), '\t"org.backstay.agent" => enabled\n')
    writeFileSync(at('/launchd/stubborn'), '')
    const stubborn = install(newer)
    assert.equal(stubborn.status, 0)
    assert.match(stubborn.said, /warning: launchd does not start the service now/)
    rmSync(at('/launchd/stubborn'))
    assert.equal(install(newer).status, 0)
    assert.ok(existsSync(at('/launchd/loaded')))
  })

  await t.test('5. the log of a run without end stays short', () => {
    const log = at('/Library/Logs/Backstay/agent.log')
    const endless =
      '#!/bin/sh\n[ "$1" = run ] || exit 9\nwhile :; do head -c 4000000 /dev/zero; /usr/bin/sleep 0.05; done\n'
    writeFileSync(at(`${macLib}/${newer}/backstay-agent`), endless)
    const ran = root.run('timeout', '--kill-after=1', '2', 'setsid', '--wait', `${macLib}/service`)
    assert.notEqual(ran.status, 0)
    assert.ok(existsSync(`${log}.1`), 'the part before is kept')
    for (const file of [log, `${log}.1`]) assert.ok(readFileSync(file).length < 40_000_000, file)
  })

  await t.test('6. its own script takes it away, with the receipt, and with --purge all else', () => {
    const { status, said } = root.run(`${macLib}/uninstall.sh`)
    assert.equal(status, 0, said)
    assert.match(calls(), /^--forget org\.backstay\.agent$/m)
    assert.ok(!existsSync(at(plist)) && !existsSync(at(updatePlist)))
    assert.ok(!existsSync(at(macLib)) && !existsSync(at('/launchd/loaded')))
    assert.ok(existsSync(at(`${support}/agent/newest-version`)))
    assert.equal(install(newer).status, 0)
    assert.equal(root.run(`${macLib}/uninstall.sh`, '--purge').status, 0)
    const left = differences(before, listingOf(root.path)).filter(one => !one.startsWith('/launchd'))
    assert.deepEqual(left, [])
  })
})

story('an archive’s install.sh as a Mac reads it', ['debootstrap', 'xz'], t => {
  const made = mkdtempSync(join(tmpdir(), 'backstay-mac-'))
  t.after(() => rmSync(made, { recursive: true }))
  using root = mac()
  const before = listingOf(root.path)
  for (const version of [older, newer]) {
    const packages = standInPackages(join(made, version), version, 'archive', { target })
    unpackArchive(packages, 'backstay', join(root.path, 'root'))
    for (const name of ['backstay-agent', 'backstay']) {
      const { status, said } = root.run(`/root/${name}-${version}-${target}/install.sh`)
      assert.equal(status, 0, said)
      assert.equal(root.run(name, '--version').said, `${version}\n`)
    }
    assert.ok(existsSync(join(root.path, 'launchd/loaded')))
  }
  assert.ok(existsSync(join(root.path, macLib, newer)))
  for (const lib of [macLib, '/usr/local/lib/backstay'])
    assert.equal(root.run(`${lib}/uninstall.sh`, '--purge').status, 0)
  const left = differences(before, listingOf(root.path)).filter(one => !one.startsWith('/launchd'))
  assert.deepEqual(left, [])
})
