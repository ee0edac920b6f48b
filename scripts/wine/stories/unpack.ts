// How the installer of Windows unpacks the programs, with damage: the library of the package, called by itself.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { hash, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { compileForWindows, pack } from '../../package/msi.ts'
import { windowsNode } from '../windows-node.ts'
import { makeWine, onZ } from '../wine.ts'

const wine = await makeWine()
after(() => wine[Symbol.asyncDispose]())
const node = windowsNode()

test('the installer unpacks all or nothing, and nothing that was changed', async t => {
  const folder = join(wine.drive, 'unpack')
  mkdirSync(folder)
  const making = { to: folder, seconds: 1, isFast: false, keyFile: undefined }
  compileForWindows(folder, making)
  const content = {
    'a-program.exe': program(),
    'empty.node': Buffer.alloc(0),
    'koffi.node': randomBytes(3000),
  }
  const names = Object.keys(content)
  for (const [name, bytes] of Object.entries(content)) writeFileSync(join(folder, name), bytes)
  const { bytes, sha256 } = pack(folder, names, join(folder, 'backstay-agent.tar.lzma'), making)
  const files = Object.fromEntries(
    Object.entries(content).map(([name, bytes]) => [name, hash('sha256', bytes)]),
  )
  const bad = badArchives(folder)
  writeFileSync(join(folder, 'about.json'), JSON.stringify({ names, bytes, sha256, files, bad }))

  const script = onZ(join(import.meta.dirname, '../inside/unpack.ts'))
  const words = [...node.words, '--test-isolation=none', '--test-reporter=tap', '--test', script]
  const { code, out, err } = await wine.run(node.program, words, { environment: { FOLDER: 'C:\\unpack' } })
  assert.equal(code, 0, `${out}\n${err}`)
  const passed = Number(/^# pass (\d+)$/m.exec(out)?.[1] ?? 0)
  assert.ok(passed > 5, out)
  t.diagnostic(`${passed} passed`)
})

/** With all that LZMA has a word for: what repeats near and far, and what does not. */
function program(): Buffer {
  const noise = randomBytes(20_000)
  const text = Buffer.from('the agent '.repeat(3000))
  return Buffer.concat([noise, text, Buffer.alloc(70_000), noise, noise.subarray(7), text])
}

/** Archives that tar makes and that the installer is not to take: name, hash and size of the tar. */
function badArchives(folder: string): [name: string, sha256: string, bytes: number][] {
  const tar = (name: string, ...words: readonly string[]): [string, string, number] => {
    const file = join(folder, `${name}.tar`)
    execFileSync('tar', ['--directory', folder, '-cf', file, ...words], { stdio: 'ignore' })
    execFileSync('xz', ['--format=lzma', '--keep', file])
    const bytes = readFileSync(file)
    return [`${name}.tar.lzma`, hash('sha256', bytes), bytes.length]
  }
  const rename = (to: string) => [
    '--format=ustar',
    '--absolute-names',
    `--transform=s|koffi.node|${to}|`,
    'koffi.node',
  ]
  return [
    tar('above', ...rename('../koffi.node')),
    tar('rooted', ...rename('/koffi.node')),
    tar('backwards', ...rename('..\\\\koffi.node')),
    tar('stream', ...rename('koffi.node:x')),
    tar('hidden', ...rename('.koffi.node')),
    tar('folder', '--format=ustar', '--no-recursion', '.'),
    tar('long', ...rename(`${'k'.repeat(101)}.node`).with(0, '--format=gnu')),
  ]
}
