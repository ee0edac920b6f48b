// The same fleet from rpms. Its system is a Debian too, whose own packages rpm does not know: so --nodeps.
import { cpSync } from 'node:fs'
import { life, type Packager } from '../life.ts'
import { boot } from '../machine/booted.ts'
import { story } from '../story.ts'

const file = (folder: string, name: string, version: string) => `${folder}/${name}-${version}-1.x86_64.rpm`

const rpms: Packager = {
  bring: ({ packages }, to) => cpSync(packages, to, { recursive: true }),
  program: 'rpm',
  bin: '/usr/bin',
  lib: '/usr/libexec',
  begun: version => version,
  install: (folder, version, names) => [
    'rpm',
    '-U',
    '--nodeps',
    '--replacepkgs',
    ...names.map(name => file(folder, name, version)),
  ],
  downgrade: (folder, version, name) => [
    'rpm',
    '-U',
    '--nodeps',
    '--oldpackage',
    '--replacepkgs',
    file(folder, name, version),
  ],
  // Two tries within one second give their parts the same names, and rpm refuses.
  mend: ['rpm', '--rebuilddb'],
  remove: names => ['rpm', '--erase', ...names],
  // rpm knows no purge: this is what the documentation says to remove by hand.
  purge: [
    'sh',
    '-c',
    'rm -r /var/lib/backstay-agent /var/lib/backstay /var/lib/backstay-collector /etc/backstay* && userdel backstay',
  ],
  left: [],
}

story('a fleet from rpms', ['debootstrap', 'systemd', 'rpmbuild'], async t => {
  await using machine = await boot()
  await life(t, machine, rpms)
})
