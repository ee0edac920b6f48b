// All that shells and Apple's programs will read, read here by whatever can: most of what is for Macs runs nowhere else.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { standInPackages } from '../stand-in.ts'
import { story } from '../story.ts'

story(
  'every script is a script, every property list one',
  ['shellcheck', 'xmllint', 'plistutil', 'dpkg-deb', 'xz'],
  t => {
    const made = mkdtempSync(join(tmpdir(), 'backstay-scripts-'))
    try {
      for (const target of ['linux-x64', 'darwin-arm64']) {
        const packages = standInPackages(join(made, target), '1.0.0', 'deb,archive,macos', { target })
        for (const name of readdirSync(packages))
          unpack(join(packages, name), join(made, 'unpacked', target, name))
      }
      const all = globSync('**/*', { cwd: join(made, 'unpacked'), withFileTypes: true })
        .filter(entry => entry.isFile())
        .map(entry => join(entry.parentPath, entry.name))
      const scripts = all.filter(file => readFileSync(file, 'latin1').startsWith('#!/bin/sh'))
      assert.ok(scripts.length > 20, `only ${scripts.length}`)
      t.diagnostic(`${scripts.length} scripts`)
      const said = spawnSync('shellcheck', ['--shell=sh', '--severity=warning', ...scripts], {
        encoding: 'utf8',
      })
      assert.equal(said.stdout, '')
      const lists = all.filter(file => file.endsWith('.plist'))
      assert.ok(lists.length >= 3)
      for (const file of lists) execFileSync('plistutil', ['-i', file, '-o', '/dev/null'])
      for (const file of all.filter(file => file.endsWith('.xml'))) execFileSync('xmllint', ['--noout', file])
    } finally {
      rmSync(made, { recursive: true })
    }
  },
)

function unpack(file: string, to: string): void {
  if (file.endsWith('.deb')) execFileSync('dpkg-deb', ['--raw-extract', file, to])
  if (!file.endsWith('.tar.xz')) return
  mkdirSync(to, { recursive: true })
  execFileSync('tar', ['-xJf', file, '-C', to])
}
