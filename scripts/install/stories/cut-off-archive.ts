// install.sh, killed before each of its commands: in an upgrade, and where the same version is installed once more.
import assert from 'node:assert/strict'
import { type Interrupted, killedAtEveryStep, newer } from '../cut-off.ts'
import { story } from '../story.ts'
import { byCommands } from '../ways-to-kill.ts'

const archive: Interrupted = {
  format: 'archive',
  install: version => `/packages/${version}/backstay-agent-${version}-linux-x64/install.sh`,
  ways: [byCommands],
  lib: '/usr/local/lib/backstay-agent',
  beside: ['uninstall.sh'],
  mend: 'true',
  isWell: root => assert.equal(root.run('readlink', '-e', '/usr/local/bin/backstay-agent').status, 0),
}

story('an upgrade by install.sh, killed before each of its commands', ['debootstrap', 'xz'], t => {
  const kills = killedAtEveryStep(archive)
  t.diagnostic(`${kills} kills`)
  assert.ok(kills > 15, `only ${kills} steps were found`)
})

// The version in use was moved away before the new one was moved to its place: between the two nothing ran.
story(
  'the same version by install.sh once more, killed before each of its commands',
  ['debootstrap', 'xz'],
  t => {
    t.diagnostic(`${killedAtEveryStep({ ...archive, from: newer })} kills`)
  },
)
