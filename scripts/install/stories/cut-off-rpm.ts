// rpm, killed before each thing that it does to a file, and before each command of the package's scripts.
import assert from 'node:assert/strict'
import { killedAtEveryStep } from '../cut-off.ts'
import { story } from '../story.ts'
import { byCalls, byCommands } from '../ways-to-kill.ts'

const file = (version: string) => `/packages/${version}/backstay-agent-${version}-1.x86_64.rpm`

story('an upgrade of an rpm, killed before each of its steps', ['debootstrap', 'rpmbuild'], t => {
  const kills = killedAtEveryStep({
    format: 'rpm',
    install: version => `rpm -U --nodeps --replacepkgs ${file(version)}`,
    ways: [...byCalls, byCommands],
    lib: '/usr/libexec/backstay-agent',
    // Two tries within one second give their parts the same names, and rpm refuses.
    mend: 'sleep 1',
    isWell: root => assert.match(root.run('rpm', '-q', 'backstay-agent').said, /backstay-agent-1\.0\.1-1/),
  })
  t.diagnostic(`${kills} kills`)
  assert.ok(kills > 10, `only ${kills} steps were found`)
})
