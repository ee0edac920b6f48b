// Nobody sits at a device that updates itself, so dpkg must not ask which of two settings is to stay. What it asked once, it
// asked nobody, and stopped half-way for good: the new program in its place, its package not configured, nothing restarted.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { known } from '../../../agent/src/update/package-manager.ts'
import { type CleanRoot, cleanRoot } from '../machine/clean-root.ts'
import { standInPackages } from '../stand-in.ts'
import { story } from '../story.ts'

const [older, newer] = ['1.0.0', '1.0.1']
const settings = 'etc/backstay/agent.env'

story('an update by itself keeps a setting that somebody changed', ['debootstrap', 'dpkg-deb'], t => {
  const made = mkdtempSync(join(tmpdir(), 'backstay-settings-'))
  t.after(() => rmSync(made, { recursive: true }))
  const dpkg = known.find(one => one.format === 'deb')
  assert.ok(dpkg?.undone !== undefined)
  const [asks, finishes] = [dpkg.undone.asks, dpkg.undone.finishes]
  using root = cleanRoot()
  for (const version of [older, newer])
    cpSync(standInPackages(join(made, version), version, 'deb'), join(root.path, 'packages', version), {
      recursive: true,
    })
  const file = (version: string) => `/packages/${version}/backstay-agent_${version}_amd64.deb`
  changeSettings(join(root.path, file(newer)), join(made, 'unpacked'))
  must(root, 'dpkg', '--install', file(older))
  appendFileSync(join(root.path, settings), 'OURS=1\n')

  must(root, ...dpkg.installs(file(newer)))
  assert.equal(must(root, ...asks), dpkg.undone.none)
  assert.match(readFileSync(join(root.path, settings), 'utf8'), /^OURS=1$/m)
  assert.match(readFileSync(join(root.path, `${settings}.dpkg-dist`), 'utf8'), /^# THEIRS$/m)

  // Cut off between the two halves of an installation, it is finished by the next look.
  must(root, 'dpkg', '--unpack', file(newer))
  assert.equal(must(root, ...asks), 'unpacked')
  must(root, ...finishes)
  assert.equal(must(root, ...asks), dpkg.undone.none)
  assert.match(readFileSync(join(root.path, settings), 'utf8'), /^OURS=1$/m)
})

/** As a release that brings other settings. */
function changeSettings(deb: string, unpacked: string): void {
  execFileSync('dpkg-deb', ['--raw-extract', deb, unpacked])
  appendFileSync(join(unpacked, settings), '# THEIRS\n')
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zgzip', '-z1', '--build', unpacked, deb], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

function must(root: CleanRoot, ...words: readonly string[]): string {
  const { status, said } = root.run(...words)
  assert.equal(status, 0, `"${words.join(' ')}": ${said}`)
  return said.trim()
}
