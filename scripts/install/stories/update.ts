// A device that was installed from debs follows its policy to the next release.
import { boot } from '../machine/booted.ts'
import { second } from '../packages.ts'
import { story } from '../story.ts'
import { update } from '../update-story.ts'

const names = ['backstay-agent', 'backstay-collector', 'backstay']

story(
  'a device installs the release that its policy names',
  ['debootstrap', 'systemd', 'dpkg-deb'],
  async t => {
    await using machine = await boot()
    await update(t, machine, {
      install: (folder, version) => [
        ...['dpkg', '--install'],
        ...names.map(name => `${folder}/${name}_${version}_amd64.deb`),
      ],
      file: `backstay-agent_${second.version}_amd64.deb`,
    })
  },
)
