// dpkg, killed before each thing that it does to a file, and before each command of the package's scripts.
import assert from 'node:assert/strict'
import { killedAtEveryStep } from '../cut-off.ts'
import { story } from '../story.ts'
import { byCalls, byCommands } from '../ways-to-kill.ts'

story('an upgrade of a deb, killed before each of its steps', ['debootstrap', 'dpkg-deb'], t => {
  const kills = killedAtEveryStep({
    format: 'deb',
    install: version => `dpkg --install /packages/${version}/backstay-agent_${version}_amd64.deb`,
    ways: [...byCalls, byCommands],
    lib: '/usr/libexec/backstay-agent',
    mend: 'dpkg --configure -a',
    isWell: root => assert.equal(root.run('dpkg', '--audit').said, ''),
  })
  t.diagnostic(`${kills} kills`)
  assert.ok(kills > 40, `only ${kills} steps were found`)
})
