// The units are what systemd takes them for, and leave no more open than we say.
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cleanRoot } from '../machine/clean-root.ts'
import { standInPackages } from '../stand-in.ts'
import { story } from '../story.ts'

/** Of `systemd-analyze security`, 0 to 10; with systemd 252. What is left open has its reason in the unit. */
const exposureMax = { 'backstay-agent': 3.4, 'backstay-collector': 1.8 }

story(
  'units: understood without a warning, and exposed no more than is said',
  ['debootstrap', 'dpkg-deb'],
  t => {
    const made = mkdtempSync(join(tmpdir(), 'backstay-units-'))
    try {
      using root = cleanRoot()
      cpSync(standInPackages(made, '1.0.0', 'deb'), join(root.path, 'packages'), { recursive: true })
      assert.equal(root.run('sh', '-c', 'dpkg --install /packages/*.deb').status, 0)
      for (const [name, most] of Object.entries(exposureMax)) {
        const unit = `/usr/lib/systemd/system/${name}.service`
        assert.deepEqual(root.run('systemd-analyze', 'verify', unit), { status: 0, said: '' })
        const { said } = root.run('systemd-analyze', 'security', '--no-pager', '--offline=true', unit)
        const exposure = Number(/exposure level for \S+: ([\d.]+)/.exec(said)?.[1])
        t.diagnostic(`${name}: exposure ${exposure}`)
        assert.ok(exposure <= most, said)
      }
    } finally {
      rmSync(made, { recursive: true })
    }
  },
)
