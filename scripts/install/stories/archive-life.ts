// The same fleet from archives, which are made for this story alone: SLOW=1 npm run test:install -- --keep scripts/install/stories/archive-life.ts
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unpackArchive } from '../../package/archive.ts'
import { top } from '../../release/programs.ts'
import { publicKeyFile } from '../../release/sums.ts'
import { life, type Packager } from '../life.ts'
import { boot } from '../machine/booted.ts'
import { releaseKeyFile } from '../packages.ts'
import { story } from '../story.ts'

const unpacked = (folder: string, version: string, name: string) => `${folder}/${name}-${version}-linux-x64`
const inTurn = (commands: readonly string[]) => ['sh', '-c', commands.join(' && ')]

const archives: Packager = {
  bring({ built }, to) {
    const made = mkdtempSync(join(tmpdir(), 'backstay-archives-'))
    try {
      const what = ['--targets', 'linux-x64', '--formats', 'archive', '--fast', '--key', releaseKeyFile]
      const script = join(top, 'scripts/package/package.ts')
      const done = spawnSync(process.execPath, [script, ...what, '--from', built, '--to', made])
      if (done.status !== 0) throw new Error(done.stderr.toString())
      unpackArchive(made, 'backstay', to)
      copyFileSync(join(made, publicKeyFile), join(to, publicKeyFile))
    } finally {
      rmSync(made, { recursive: true })
    }
  },
  program: 'install.sh',
  bin: '/usr/local/bin',
  lib: '/usr/local/lib',
  begun: version => `.${version}.part`,
  install: (folder, version, names) =>
    inTurn(
      names.map(name => `${unpacked(folder, version, name)}/install.sh --key ${folder}/${publicKeyFile}`),
    ),
  downgrade: (folder, version, name) => [`${unpacked(folder, version, name)}/install.sh`],
  mend: ['true'],
  remove: names => inTurn(names.map(name => `/usr/local/lib/${name}/uninstall.sh`)),
  // What lies in the archive does it as well when the program is gone.
  purge: inTurn(['for script in /root/packages/*/*/uninstall.sh; do "$script" --purge || exit; done']),
  left: [],
}

if (process.env.SLOW === '1') {
  story('a fleet from archives', ['debootstrap', 'systemd', 'xz'], async t => {
    await using machine = await boot()
    await life(t, machine, archives)
  })
}
