// Who makes a package of the same files later, or elsewhere, gets the same bytes.
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { standInPackages } from '../stand-in.ts'
import { story } from '../story.ts'

story('packages: the same input makes the same bytes', ['dpkg-deb', 'rpmbuild', 'xz'], () =>
  madeTwice('linux-x64', 'deb,rpm,archive,macos'),
)

story(
  'the package for Windows: the same input makes the same bytes',
  ['wixl', 'msibuild', 'x86_64-w64-mingw32-gcc'],
  () => madeTwice('win-x64', 'msi'),
)

function madeTwice(target: string, formats: string): void {
  const made = mkdtempSync(join(tmpdir(), 'backstay-same-'))
  try {
    const once = standInPackages(join(made, 'a'), '1.0.0', formats, { target })
    // Another folder, other times.
    const elsewhere = join(made, 'elsewhere/b')
    cpSync(join(made, 'a'), elsewhere, { recursive: true })
    utimesSync(join(elsewhere, target, 'backstay-agent/koffi.node'), 1, 1)
    const again = standInPackages(elsewhere, '1.0.0', formats, { target })
    const names = readdirSync(once).sort()
    assert.deepEqual(readdirSync(again).sort(), names)
    for (const name of names) {
      assert.ok(readFileSync(join(once, name)).equals(readFileSync(join(again, name))), name)
    }
  } finally {
    rmSync(made, { recursive: true })
  }
}
