// The same for a device that was installed from rpms. rpm knows nothing of the Debian below it, so a package of nothing says
// that this has what ours need: an agent tells rpm to pass over nothing.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { boot } from '../machine/booted.ts'
import { second } from '../packages.ts'
import { story } from '../story.ts'
import { update } from '../update-story.ts'

const names = ['backstay-agent', 'backstay-collector', 'backstay']
const below = `Name: debian
Version: 12
Release: 1
Summary: what an rpm of ours needs, of the system that rpm knows nothing of
License: none
BuildArch: noarch
Provides: glibc = 2.36, libstdc++, libatomic, coreutils, /bin/sh
%description
%{summary}
%files
`

story(
  'a device that rpm installed installs the release, too',
  ['debootstrap', 'systemd', 'rpmbuild'],
  async t => {
    await using machine = await boot()
    const made = mkdtempSync(join(tmpdir(), 'backstay-below-'))
    t.after(() => rmSync(made, { recursive: true }))
    writeFileSync(join(made, 'below.spec'), below)
    execFileSync('rpmbuild', ['-bb', '--define', `_topdir ${made}`, join(made, 'below.spec')], {
      stdio: 'ignore',
    })
    cpSync(join(made, 'RPMS/noarch/debian-12-1.noarch.rpm'), join(machine.path, 'root/below.rpm'))
    machine.must('rpm', '--install', '/root/below.rpm')
    await update(t, machine, {
      install: (folder, version) => [
        ...['rpm', '--install'],
        ...names.map(name => `${folder}/${name}-${version}-1.x86_64.rpm`),
      ],
      file: `backstay-agent-${second.version}-1.x86_64.rpm`,
    })
  },
)
