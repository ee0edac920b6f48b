/** An upgrade that is killed at any step leaves a whole old version or a whole new one, and the next try mends the rest. */
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unpackArchive } from '../package/archive.ts'
import { type CleanRoot, cleanRoot } from './machine/clean-root.ts'
import { standInPackages } from './stand-in.ts'
import { putKillers, type Way } from './ways-to-kill.ts'

export const [older, newer] = ['1.0.0', '1.0.1'] as const
/** Far more steps of one kind than there are. */
const stepsMax = 200

export interface Interrupted {
  readonly format: 'deb' | 'rpm' | 'archive'
  /** The command that installs or upgrades. */
  readonly install: (version: string) => string
  readonly ways: readonly Way[]
  /** Where versions lie, and what lies in there beside them and the link that says which is in use. */
  readonly lib: string
  readonly beside?: readonly string[]
  readonly mend: string
  readonly isWell: (root: CleanRoot) => void
  /** What is installed before; else the older one. */
  readonly from?: string
}

/** Returns at how many steps the upgrade was killed. */
export function killedAtEveryStep(packager: Interrupted): number {
  const { from = older } = packager
  using before = cleanRoot()
  putPackages(before, packager.format)
  const { status, said } = run(before, packager.install(from))
  assert.equal(status, 0, said)
  putKillers(before)
  const left = new Set<string>()
  let kills = 0
  for (const way of packager.ways) {
    for (let count = 1; ; count++) {
      assert.ok(count < stepsMax, 'the upgrade comes to its end')
      const found = killedBefore(way, count, before, packager)
      if (found === undefined) break
      left.add(found)
      kills++
    }
  }
  const possible = [...new Set([from, newer])]
  assert.deepEqual([...left].sort(), possible, 'some kills came before the switch and some after it')
  return kills
}

/** The version that worked after the upgrade was killed; undefined when it has fewer such steps. */
function killedBefore(
  way: Way,
  count: number,
  above: CleanRoot,
  { install, mend, isWell, lib, beside = [] }: Interrupted,
): string | undefined {
  using root = cleanRoot({ above })
  const { status } = run(root, way.kill(install(newer), count))
  if (status === 0) return undefined
  const when = `killed before ${way.name} number ${count}`
  const works = run(root, 'backstay-agent --version')
  const version = works.said.trim()
  assert.ok(works.status === 0 && [older, newer].includes(version as never), `${when}: ${works.said}`)
  run(root, mend)
  const again = run(root, install(newer))
  assert.equal(again.status, 0, `${when}, tried again: ${again.said}`)
  assert.equal(run(root, 'backstay-agent --version').said.trim(), newer, when)
  // Nothing of the old version, and nothing half.
  const [folder = '', ...others] = run(root, `ls -A ${lib}`).said.trim().split('\n')
  assert.match(folder, new RegExp(`^${newer}(\\.again)?$`), when)
  assert.deepEqual(others, ['backstay-agent', ...beside], when)
  const files = run(root, `ls -A ${lib}/${folder}`).said.trim().split('\n')
  assert.deepEqual(files, ['backstay-agent', 'koffi.node', ...beside], when)
  assert.equal(run(root, parts).said, '', when)
  isWell(root)
  return version
}

/** Into `/packages/VERSION`. */
function putPackages({ path }: CleanRoot, format: Interrupted['format']): void {
  const made = mkdtempSync(join(tmpdir(), 'backstay-cut-off-'))
  try {
    for (const version of [older, newer]) {
      const to = join(path, 'packages', version)
      const packages = standInPackages(join(made, version), version, format)
      if (format === 'archive') unpackArchive(packages, 'backstay-agent', to)
      else cpSync(packages, to, { recursive: true })
    }
  } finally {
    rmSync(made, { recursive: true })
  }
}

/** As dpkg and rpm call what is on its way. */
const parts = "find / -xdev -name '*.dpkg-*' -not -path '/var/lib/dpkg/*' -or -xdev -name '*;*'"

const run = (root: CleanRoot, command: string) => root.run('sh', '-c', command)
