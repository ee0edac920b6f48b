import { mkdtempSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Terminal } from '@backstay/proto/command-line'
import { Failure, isFailure } from '@backstay/proto/failure'
import { deviceHeader, type ReleasedFile } from '@backstay/proto/trust/release'
import type { Command } from 'commander'
import { type Agent, agentVersion } from '../agent.ts'
import type { MemberLink } from '../link/member.ts'
import { environmentProxy } from '../link/proxy.ts'
import { settingsFolder } from '../system/settings-folder.ts'
import { packageManagerOf } from '../update/package-manager.ts'
import { pinnedGet } from '../update/pinned-get.ts'
import { readReleaseKey } from '../update/release-key.ts'
import { fetchPackage, findUpdate, type UpdateSource } from '../update/update.ts'
import { type CommonOptions, withCommonOptions, withReadingSession } from './options.ts'
import { bytesText } from './text.ts'

interface Options extends CommonOptions {
  readonly check?: boolean
}

export function addUpdate(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('update'))
    .description('install the release that the policy names, if the release key of this machine signed it')
    .option('--check', 'only say what would be installed')
    .action((options: Options) =>
      withReadingSession(options, terminal.say, (agent, link, signal) =>
        update(agent, link, options, terminal, signal),
      ),
    )
}

/** As packages and builds name this system. */
const ownTarget = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`

async function update(
  agent: Agent,
  { trust, obedience }: MemberLink,
  { check, json }: Options,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const version = obedience.policy.values.agentVersion
  const print = (told: object, text: string) => terminal.print(json ? JSON.stringify(told) : text)
  const current = () =>
    print(
      { version: agentVersion, update: null },
      version === ''
        ? `version ${agentVersion}; the policy names no release`
        : `version ${agentVersion}, as the policy names it`,
    )
  if (version === agentVersion && !check && mayInstall()) await finishCutOff()
  if (version === '' || version === agentVersion) return current()
  const releaseKey = readReleaseKey([dirname(process.execPath), settingsFolder()])
  const pins = trust.document.collectors.flatMap(one => one.spkiPins)
  const proxyOf = environmentProxy(process.env)
  const headers = { [deviceHeader]: agent.identity.device }
  const source: UpdateSource = {
    get: path => pinnedGet(path, { urls: agent.identity.urls, pins, proxyOf, headers, signal }),
  }
  const manager = await packageManagerOf(process.execPath)
  const wanted = { version, running: agentVersion, target: ownTarget, format: manager.format }
  const file = await findUpdate(agent.primitives, source, releaseKey, wanted)
  if (file === undefined) return current()
  const told = { version: agentVersion, update: version, package: file.name, bytes: file.bytes }
  if (check) return print(told, `version ${agentVersion}; ${version} is ready: ${aboutFile(file)}`)
  if (!mayInstall()) {
    throw new Failure('not_root', 'only root installs packages', {
      hint: 'run it as root, or look with --check',
    })
  }
  const folder = mkdtempSync(join(agent.state, 'update-'))
  try {
    await manager.install(await fetchPackage(source, version, file, folder))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  print({ ...told, installed: true }, `version ${version} is installed`)
}

const mayInstall = () => process.platform === 'win32' || process.geteuid?.() === 0

/** The program may be the new one already, and what its package does behind that not be done. */
async function finishCutOff(): Promise<void> {
  try {
    await (await packageManagerOf(process.execPath)).finish()
  } catch (error) {
    if (!isFailure(error) || error.code !== 'no_package_manager') throw error
  }
}

const aboutFile = ({ name, bytes }: ReleasedFile): string => `${name}, ${bytesText(bytes)}`
