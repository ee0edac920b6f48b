// What people do to a machine by hand does not leave a package half there: the unit is masked, the state folder is gone.
import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cleanRoot } from '../machine/clean-root.ts'
import { standInPackages } from '../stand-in.ts'
import { story } from '../story.ts'

const names = ['backstay-agent', 'backstay-collector']

story(
  'debs go in and out beside a masked unit and without a state folder',
  ['debootstrap', 'dpkg-deb'],
  t => {
    const made = mkdtempSync(join(tmpdir(), 'backstay-obstacles-'))
    t.after(() => rmSync(made, { recursive: true }))
    using root = cleanRoot()
    cpSync(standInPackages(made, '1.0.0', 'deb'), join(root.path, 'packages'), { recursive: true })
    const must = (...words: readonly string[]) => {
      const { status, said } = root.run(...words)
      assert.equal(status, 0, `"${words.join(' ')}": ${said}`)
    }
    const debs = names.map(name => `/packages/${name}_1.0.0_amd64.deb`)
    const isEnabled = () => root.run('systemctl', 'is-enabled', 'backstay-agent').said.trim()

    must('systemctl', 'mask', ...names)
    must('dpkg', '--install', ...debs)
    assert.equal(root.run('dpkg', '--audit').said, '')
    assert.equal(isEnabled(), 'masked', 'as somebody wanted it')
    must('dpkg', '--remove', ...names)
    must('systemctl', 'unmask', ...names)

    must('dpkg', '--install', ...debs)
    assert.equal(isEnabled(), 'enabled')
    // As roll-out.md says for an image.
    must('rm', '-r', '/var/lib/backstay-agent')
    must('dpkg', '--remove', ...names)
    must('dpkg', '--install', ...debs)
    assert.equal(isEnabled(), 'enabled', 'installed anew, it is to run')

    must('rm', '-r', '/var/lib/backstay-agent')
    must('dpkg', '--purge', ...names)
    assert.equal(existsSync(join(root.path, 'var/lib/backstay-agent')), false)
  },
)
