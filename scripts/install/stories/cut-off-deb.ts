// dpkg, killed before each thing that it does to a file.
import assert from 'node:assert/strict'
import { killedAtEveryStep } from '../cut-off.ts'
import { story } from '../story.ts'

story('an upgrade of a deb, killed before each of its steps', ['debootstrap', 'dpkg-deb'], t => {
  const kills = killedAtEveryStep({
    format: 'deb',
    install: version => `dpkg --install /packages/${version}/backstay-agent_${version}_amd64.deb`,
    follow: '',
    mend: 'dpkg --configure -a',
    isWell: root => assert.equal(root.run('dpkg', '--audit').said, ''),
  })
  t.diagnostic(`${kills} kills`)
  assert.ok(kills > 40, `only ${kills} steps were found`)
})
