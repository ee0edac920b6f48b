// What is installed is what the release key signed and the policy names, never older, and never half of it.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, test } from 'node:test'
import type { Bytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { nodePrimitives as p } from '@backstay/proto/node'
import { type Release, type ReleasedFile, signRelease } from '@backstay/proto/trust/release'
import { testKey, testNowMs } from '@backstay/proto/trust/testing/fleet'
import { known, packageManagerOf } from './package-manager.ts'
import { readReleaseKey } from './release-key.ts'
import { fetchPackage, findUpdate, type UpdateSource } from './update.ts'

const folder = mkdtempSync(join(tmpdir(), 'backstay-update-'))
after(() => rmSync(folder, { recursive: true }))
const maker = await testKey(p, 'release maker')
const content = randomBytes(100_000)
const file: ReleasedFile = {
  ...{
    program: 'backstay-agent',
    target: 'linux-x64',
    format: 'deb',
    name: 'backstay-agent_1.4.0_amd64.deb',
  },
  ...{ bytes: content.length, sha256: createHash('sha256').update(content).digest() },
}
const release: Release = { version: '1.4.0', issuedAtMs: testNowMs, files: [file] }
const wanted = { version: '1.4.0', running: '1.3.9', target: 'linux-x64', format: 'deb' } as const

/** A collector that holds `files`. */
function source(files: Readonly<Record<string, Bytes>>): UpdateSource {
  return {
    async get(path) {
      const found = files[path]
      if (found === undefined) throw new Failure('no_release', path)
      return Readable.from([...pieces(found)])
    },
  }
}

function* pieces(bytes: Bytes): Iterable<Buffer> {
  for (let at = 0; at < bytes.length; at += 7000) yield Buffer.from(bytes.subarray(at, at + 7000))
}

const find = async (envelope: Bytes, changes: Partial<Parameters<typeof findUpdate>[3]> = {}) => {
  const { version = wanted.version } = changes
  return findUpdate(p, source({ [`/packages/${version}`]: envelope }), maker.publicKey, {
    ...wanted,
    ...changes,
  })
}

test('the package for this system is found in what the release key signed', async () => {
  const envelope = await signRelease(p, release, maker)
  assert.equal((await find(envelope))?.name, file.name)
  assert.equal(await find(envelope, { running: '1.4.0' }), undefined)
  assert.equal(await find(envelope, { version: '' }), undefined)
  await assert.rejects(find(envelope, { format: 'rpm' }), { code: 'no_package' })
  await assert.rejects(find(envelope, { target: 'win-x64' }), { code: 'no_package' })
})

test('nothing older, nothing by another key, and no other release under this name', async () => {
  const envelope = await signRelease(p, release, maker)
  for (const running of ['1.4.1', '1.10.0', '2.0.0'])
    await assert.rejects(find(envelope, { running }), { code: 'older_release' })
  const stranger = await testKey(p, 'stranger')
  await assert.rejects(find(await signRelease(p, release, stranger)), { code: 'not_released' })
  const old = await signRelease(p, { ...release, version: '1.3.0' }, maker)
  await assert.rejects(find(old), { code: 'not_released' })
  await assert.rejects(find(envelope.subarray(0, 50)), { code: 'bad_envelope' })
  await assert.rejects(find(new Uint8Array(2 * 1024 * 1024)), { code: 'not_released' })
})

test('names in a release are names: no path, no option, nothing twice', async () => {
  for (const name of ['../x.deb', '/x.deb', '-x.deb', '', 'a b', 'x'.repeat(200), 'x\n.deb']) {
    const bad = await signRelease(p, { ...release, files: [{ ...file, name }] }, maker)
    await assert.rejects(find(bad), { code: 'bad_release' }, JSON.stringify(name))
  }
  const twice = await signRelease(p, { ...release, files: [file, file] }, maker)
  await assert.rejects(find(twice), { code: 'bad_release' })
})

test('a package that is not the one that was signed is not left under its name', async () => {
  const fetched = await fetchPackage(
    source({ [`/packages/1.4.0/${file.name}`]: content }),
    '1.4.0',
    file,
    folder,
  )
  assert.ok(readFileSync(fetched).equals(content))
  assert.equal(statSync(fetched).mode & 0o777, 0o600)
  const changed = Buffer.from(content)
  changed.writeUInt8(changed.readUInt8(50_000) ^ 1, 50_000)
  const wrong: readonly Bytes[] = [changed, content.subarray(1), Buffer.concat([content, content])]
  for (const [index, bytes] of wrong.entries()) {
    const name = `wrong-${index}.deb`
    const from = source({ [`/packages/1.4.0/${name}`]: bytes })
    await assert.rejects(fetchPackage(from, '1.4.0', { ...file, name }, folder), { code: 'not_released' })
    assert.equal(existsSync(join(folder, name)) && statSync(join(folder, name)).size, 0)
  }
  // What is there is not written over: somebody may have put a link there.
  await assert.rejects(
    fetchPackage(source({ [`/packages/1.4.0/${file.name}`]: content }), '1.4.0', file, folder),
    { code: 'EEXIST' },
  )
})

test('the release key is a file that others may not write to', async () => {
  const own = mkdtempSync(join(folder, 'key-'))
  assert.throws(() => readReleaseKey([own]), { code: 'no_release_key' })
  const pem = join(own, 'release-key.pem')
  writeFileSync(pem, 'no key')
  assert.throws(() => readReleaseKey([own]), { code: 'bad_release_key' })
  chmodSync(pem, 0o666)
  assert.throws(() => readReleaseKey([own]), { code: 'open_release_key' })
})

test('a package manager is one that owns the program, and its failure is told with its last words', async () => {
  const manager = (owns: string, installs: string): Parameters<typeof packageManagerOf>[2] => [
    {
      ...{ format: 'deb', platform: 'linux' },
      owns: () => ['/bin/sh', '-c', owns],
      installs: () => ['/bin/sh', '-c', installs],
    },
  ]
  await assert.rejects(packageManagerOf('/x', 'linux', manager('exit 1', '')), { code: 'no_package_manager' })
  const good = await packageManagerOf('/x', 'linux', manager('exit 0', 'exit 0'))
  await good.install('/y')
  const bad = await packageManagerOf('/x', 'linux', manager('exit 0', 'echo no room left >&2; exit 2'))
  await assert.rejects(bad.install('/y'), /no room left/)
})

test('Windows Installer is asked for the service by its name, writes a log, and a restart that it wants is no failure', async () => {
  const msi = known.find(({ format }) => format === 'msi')
  assert.ok(msi)
  const named = /<ServiceInstall [^>]*Name="(\w+)"/.exec(
    readFileSync(join(import.meta.dirname, '../../../installers/msi/agent.wxs'), 'utf8'),
  )
  assert.equal(msi.owns('x').at(-1), named?.[1])
  const words = msi.installs(String.raw`C:\state\update-a1\agent.msi`)
  assert.deepEqual(words.slice(-2), ['/l*', String.raw`C:\state\update-install.log`])
  const ends = (code: string) =>
    packageManagerOf('/x', 'win32', [
      { ...msi, owns: () => ['/bin/true'], installs: () => ['/bin/sh', '-c', code] },
    ])
  // A shell has no codes beyond 255.
  const wants = { ...msi, alsoGood: [30], owns: () => ['/bin/true'] as const }
  await (
    await packageManagerOf('/x', 'win32', [{ ...wants, installs: () => ['/bin/sh', '-c', 'exit 30'] }])
  ).install('/x')
  const failed = (await ends('exit 67')).install(String.raw`C:\state\update-a1\agent.msi`)
  await assert.rejects(failed, { code: 'not_installed', hint: String.raw`see "C:\state\update-install.log"` })
  assert.deepEqual(msi.alsoGood, [3010, 1641])
})

test('what an installation that was cut off left undone is done, and nothing when there is no such', async () => {
  const done = join(folder, 'done')
  const manager = async (state: string) =>
    packageManagerOf('/x', 'linux', [
      {
        ...{ format: 'deb', platform: 'linux' },
        owns: () => ['/bin/true'],
        installs: () => ['/bin/false'],
        undone: {
          asks: ['/bin/sh', '-c', state],
          none: 'installed',
          finishes: ['/bin/sh', '-c', `touch ${done}`],
        },
      },
    ])
  for (const state of ['echo installed', 'exit 1']) {
    await (await manager(state)).finish()
    assert.equal(existsSync(done), false, state)
  }
  await (await manager('echo half-configured')).finish()
  assert.equal(existsSync(done), true)
})
