// The agent for arm64, from its deb and run by qemu: a tree that backup programs stumble over is backed up to a real
// collector and comes back.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeAwkwardTree } from '../../testing/awkward-tree.ts'
import { compareTrees } from '../../testing/compare-trees.ts'
import { type CleanRoot, cleanRoot } from '../machine/clean-root.ts'
import { arm64, first, needPackages } from '../packages.ts'
import { ended, startCollector } from '../started.ts'
import { story } from '../story.ts'

const seed = 20
/** The fixed parts alone: under qemu a call costs as much as ten. */
const entries = 1_800
const qemu = '/usr/bin/qemu-aarch64-static'
/** Of Debian's packages for cross-building. */
const libraries = '/usr/aarch64-linux-gnu/lib'

story(
  'the agent for arm64: backup and restore',
  ['debootstrap', 'qemu-aarch64-static', 'ld-linux-aarch64'],
  async t => {
    needPackages()
    const work = mkdtempSync(join(tmpdir(), 'backstay-arm64-'))
    t.after(() => rmSync(work, { recursive: true, force: true }))
    const at = (name: string) => join(work, name)
    await makeAwkwardTree(at('tree'), { seed, entries, root: true })
    // A gigabyte of holes, whose zeros would be hashed for a minute.
    rmSync(at('tree/sparse'), { recursive: true })
    writeFileSync(at('passphrase'), 'a passphrase of this story\n', { mode: 0o600 })
    const built = (name: string) => join(first.built, 'linux-x64', name, name)
    const admin = (...words: readonly string[]) => {
      const own = ['--admin', at('admin'), '--passphrase-file', at('passphrase')]
      const done = spawnSync(built('backstay'), [...words, ...own], { encoding: 'utf8' })
      return need(words, done.status, done.stdout, done.stderr)
    }

    const { collector, setup } = await startCollector(built('backstay-collector'), at('collector'))
    using machine = arm64Machine()
    mkdirSync(join(machine.path, 'story'))
    execFileSync('mount', ['--bind', work, join(machine.path, 'story')])
    try {
      const installed = `/usr/libexec/backstay-agent/${arm64.version}/backstay-agent`
      const agent = (...words: readonly string[]) => {
        const { status, said } = machine.run(qemu, '-E', `LD_LIBRARY_PATH=${libraries}`, installed, ...words)
        return need(words, status, said, said)
      }
      assert.equal(agent('--version').trim(), arm64.version)
      admin('init', '--setup', setup, '--unattended', '--root', '/story/tree')
      const { token } = JSON.parse(admin('token', '--json')) as { readonly token: string }
      agent('enroll', token, '--name', 'arm')
      t.diagnostic(agent('backup').trim())
      agent('restore', '/story/tree', '--to', '/story/back', '--as-root')
      assert.deepEqual(await compareTrees(at('tree'), at('back'), { top: false }), [])
      // And by the admin, with a program for another processor.
      admin('restore', 'arm', '/story/tree', '--to', at('back-again'), '--as-root')
      assert.deepEqual(await compareTrees(at('tree'), at('back-again'), { top: false }), [])
    } finally {
      execFileSync('umount', [join(machine.path, 'story')])
      await ended(collector)
    }
  },
)

/** With the libraries in their places: qemu's own way of finding them elsewhere also turns `/` into that folder. */
function arm64Machine(): CleanRoot {
  const root = cleanRoot()
  const inside = (path: string) => join(root.path, path)
  copyFileSync(qemu, inside(qemu))
  cpSync(libraries, inside(libraries), { recursive: true, verbatimSymlinks: true })
  copyFileSync(join(libraries, 'ld-linux-aarch64.so.1'), inside('/usr/lib/ld-linux-aarch64.so.1'))
  cpSync(arm64.packages, inside('/packages'), { recursive: true })
  const deb = `/packages/backstay-agent_${arm64.version}_arm64.deb`
  const { status, said } = root.run('dpkg', '--force-architecture', '--force-depends', '--install', deb)
  assert.equal(status, 0, said)
  return root
}

/** 3: done, with entries that cannot be backed up, such as sockets. */
function need(words: readonly string[], status: number | null, out: string, err: string): string {
  if (status === 0 || status === 3) return out
  throw new Error(`"${words[0]}" ended with ${status}: ${err}`)
}
