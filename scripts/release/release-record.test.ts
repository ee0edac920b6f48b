// A Mac makes its package after the release was made, and only there; Windows' own signature comes later, too. Both must get
// into what the release key signed, or no agent takes them.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { nodePrimitives as p } from '@backstay/proto/node'
import { verifyRelease } from '@backstay/proto/trust/release'
import { addToRelease, writeReleaseRecord } from './release-record.ts'
import { makeReleaseKey, releaseKey } from './sums.ts'

const top = mkdtempSync(join(tmpdir(), 'backstay-record-'))
after(() => rmSync(top, { recursive: true }))
const keyFile = join(top, 'release.key')
makeReleaseKey(keyFile)
const key = releaseKey(keyFile)
const publicKey = (
  await p.signingKey(Uint8Array.from(key.export({ type: 'pkcs8', format: 'der' }).subarray(-32)))
).publicKey

async function madeRelease(name: string): Promise<string> {
  const folder = join(top, name)
  mkdirSync(folder)
  const packages = [
    { program: 'backstay-agent', target: 'win-x64', format: 'msi', name: 'agent.msi' },
    { program: 'backstay-agent', target: 'darwin-arm64', format: 'macos', name: 'parts.tar.xz' },
  ]
  for (const one of packages) writeFileSync(join(folder, one.name), one.format)
  await writeReleaseRecord(folder, { version: '1.4.0', issuedAtMs: 5 }, packages, key)
  return folder
}

function made(name: string, content: string): string {
  const folder = mkdtempSync(join(top, 'made-'))
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

const read = (folder: string) => verifyRelease(p, readFileSync(join(folder, 'release.dsse')), publicKey)

test('a package that a Mac made later is in the release, and one that was signed later is in it anew', async () => {
  const folder = await madeRelease('whole')
  assert.deepEqual(
    (await read(folder)).files.map(({ format }) => format),
    ['msi'],
  )
  const pkg = made('backstay-agent-1.4.0-darwin-arm64.pkg', 'a pkg')
  await addToRelease(folder, [pkg, made('agent.msi', 'signed')], key)
  await addToRelease(folder, [pkg], key)
  const { version, issuedAtMs, files } = await read(folder)
  assert.deepEqual([version, issuedAtMs], ['1.4.0', 5])
  assert.deepEqual(
    files.map(({ target, format, bytes }) => `${target} ${format} ${bytes}`),
    ['win-x64 msi 6', 'darwin-arm64 pkg 5'],
  )
  for (const { name, sha256 } of files)
    assert.ok(
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest()
        .equals(sha256),
      name,
    )
})

test('nothing else is: another version, another name, another key, no release', async () => {
  const folder = await madeRelease('other')
  const names = ['backstay-agent-1.4.1-darwin-arm64.pkg', 'backstay-1.4.0-darwin-arm64.pkg', 'x.deb']
  for (const name of names)
    await assert.rejects(addToRelease(folder, [made(name, 'x')], key), { code: 'bad_package' }, name)
  const right = made('backstay-agent-1.4.0-darwin-x64.pkg', 'x')
  makeReleaseKey(join(top, 'other.key'))
  await assert.rejects(addToRelease(folder, [right], releaseKey(join(top, 'other.key'))), {
    code: 'not_released',
  })
  await assert.rejects(addToRelease(top, [right], key), { code: 'no_release' })
  assert.deepEqual(readdirSync(folder).sort(), ['agent.msi', 'parts.tar.xz', 'release.dsse'])
})
