// An upgrade for which the disk has no room leaves the old version as it was; with room it goes through.
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unpackArchive } from '../../package/archive.ts'
import { type CleanRoot, cleanRoot } from '../machine/clean-root.ts'
import { standInPackages } from '../stand-in.ts'
import { story } from '../story.ts'

const [older, newer] = ['1.0.0', '1.0.1']
const mib = 2 ** 20
/** The packages and one version fit, a second does not. */
const diskBytes = 48 * mib
const programBytes = 20 * mib

story('a deb: the disk is full in the upgrade', ['debootstrap', 'dpkg-deb'], () => {
  fullDisk(version => `dpkg --install /packages/${version}/backstay-agent_${version}_amd64.deb`)
})

story('an rpm: the disk is full in the upgrade', ['debootstrap', 'rpmbuild'], () => {
  // Without the look at free space that rpm takes before: another program may fill the disk after it.
  fullDisk(
    version => `rpm -U --nodeps --ignoresize /packages/${version}/backstay-agent-${version}-1.x86_64.rpm`,
  )
})

// Unpacked it takes as much room as installed.
story('an archive: the disk is full in the upgrade', ['debootstrap', 'xz'], () => {
  fullDisk(version => `/packages/${version}/backstay-agent-${version}-linux-x64/install.sh`, {
    bytes: 84 * mib,
    put: (made, version, to) =>
      unpackArchive(standInPackages(made, version, 'archive', { more: programBytes }), 'backstay-agent', to),
  })
})

const small = {
  bytes: diskBytes,
  put: (made: string, version: string, to: string) =>
    cpSync(standInPackages(made, version, 'deb,rpm', { more: programBytes }), to, { recursive: true }),
}

function fullDisk(install: (version: string) => string, { bytes, put } = small): void {
  const made = mkdtempSync(join(tmpdir(), 'backstay-full-disk-'))
  try {
    using root = cleanRoot({ bytes })
    for (const version of [older, newer])
      put(join(made, version), version, join(root.path, 'packages', version))
    assert.equal(run(root, install(older)).status, 0)
    const filled = join(root.path, 'filled')
    writeFileSync(filled, Buffer.alloc(10 * mib))
    const { status, said } = run(root, install(newer))
    assert.notEqual(status, 0)
    assert.match(said, /No space left on device|cpio: write failed/)
    assert.equal(run(root, 'backstay-agent --version').said.trim(), older)
    rmSync(filled)
    run(root, 'dpkg --configure -a')
    assert.equal(run(root, install(newer)).status, 0)
    assert.equal(run(root, 'backstay-agent --version').said.trim(), newer)
  } finally {
    rmSync(made, { recursive: true })
  }
}

const run = (root: CleanRoot, command: string) => root.run('sh', '-c', command)
