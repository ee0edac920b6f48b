// A fleet from debs, on a Debian with systemd.
import { cpSync } from 'node:fs'
import { life, type Packager } from '../life.ts'
import { boot } from '../machine/booted.ts'
import { story } from '../story.ts'

const file = (folder: string, name: string, version: string) => `${folder}/${name}_${version}_amd64.deb`

const debs: Packager = {
  bring: ({ packages }, to) => cpSync(packages, to, { recursive: true }),
  program: 'dpkg',
  bin: '/usr/bin',
  lib: '/usr/libexec',
  begun: version => version,
  install: (folder, version, names) => [
    'dpkg',
    '--install',
    ...names.map(name => file(folder, name, version)),
  ],
  downgrade: (folder, version, name) => ['dpkg', '--install', file(folder, name, version)],
  mend: ['dpkg', '--configure', '-a'],
  remove: names => ['dpkg', '--remove', ...names],
  purge: ['dpkg', '--purge', 'backstay-agent', 'backstay-collector', 'backstay'],
  left: [],
}

story('a fleet from debs', ['debootstrap', 'systemd', 'dpkg-deb'], async t => {
  await using machine = await boot()
  await life(t, machine, debs)
})
