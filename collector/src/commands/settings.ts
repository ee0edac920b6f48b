/**
 * Every setting of the collector, declared once: flag, environment variable, key in config.json, meaning, default. A flag
 * wins over the environment, and that over the file. All mistakes are told at once.
 */
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Bytes } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import { isCollectorUrl, urlsMax } from '@backstay/proto/trust/address'
import { type Command, Option } from 'commander'
import { compactBytes, parseBytes } from '../amounts.ts'
import type { OidcSettings } from '../api/sign-in/oidc.ts'
import { ingestLimits, reserveBytesMin } from '../ingest/limits.ts'
import { handshakesPerMinuteDefault } from '../link/gateway.ts'
import { type LogLevel, logLevels } from '../log.ts'
import { releaseKeyOf } from './release-key.ts'
import { oidcOf, webNamesOf, webOf } from './web-settings.ts'

export interface Settings {
  readonly data: string
  readonly host: string
  readonly port: number
  readonly urls: (port: number) => readonly string[]
  readonly logLevel: LogLevel
  readonly handshakesPerMinute: number
  /** Bytes of the disk that objects leave free. */
  readonly reserveBytes: number
  /** Time between two collections; 0 = never. */
  readonly collectEveryMs: number
  /** Within which every stored byte is read again; 0 = never. */
  readonly scrubPeriodMs: number
  /** Where browsers find a certificate that they believe; undefined: only the port of the agents serves the page. */
  readonly web: WebSettings | undefined
  /** Names under which browsers know this collector, besides those of its urls. */
  readonly webNames: readonly string[]
  /** Sign-in with the organisation; undefined: none. */
  readonly oidc: OidcSettings | undefined
  /** Ed25519, of who makes releases of the agent; undefined: none is handed out. */
  readonly releaseKey: Bytes | undefined
}

export interface WebSettings {
  readonly host: string
  readonly port: number
  /** PEM. */
  readonly certificate: string
  readonly key: string
}

interface Declared {
  /** For commander. */
  readonly flag: string
  /** In config.json, and commander's name for the flag. */
  readonly key: string
  readonly variable: string
  readonly meaning: string
  readonly fallback?: string
  readonly many?: boolean
}

export const declared = {
  data: {
    flag: '--data <dir>',
    key: 'data',
    variable: 'BACKSTAY_DATA',
    meaning: 'folder of packs, catalog and keys; serve makes it when it is not there',
  },
  listen: {
    flag: '--listen <host:port>',
    key: 'listen',
    variable: 'BACKSTAY_LISTEN',
    meaning: 'where to listen; [::]:7443 for IPv6 as well',
    fallback: '0.0.0.0:7443',
  },
  url: {
    flag: '--url <wss://host:port>',
    key: 'url',
    variable: 'BACKSTAY_URL',
    meaning:
      'where agents find this collector, may be given several times (default: this machine by its name)',
    many: true,
  },
  handshakesPerMinute: {
    flag: '--handshakes-per-minute <number>',
    key: 'handshakesPerMinute',
    variable: 'BACKSTAY_HANDSHAKES_PER_MINUTE',
    meaning: 'failed handshakes that one address may cause, 0 = any number',
    fallback: String(handshakesPerMinuteDefault),
  },
  reserve: {
    flag: '--reserve <size>',
    key: 'reserve',
    variable: 'BACKSTAY_RESERVE',
    meaning: 'disk space that backups leave free for the catalog and for records, like 512MiB or 2GiB',
    fallback: compactBytes(ingestLimits.reserveBytes),
  },
  collectHours: {
    flag: '--collect-hours <number>',
    key: 'collectHours',
    variable: 'BACKSTAY_COLLECT_HOURS',
    meaning: 'hours between two runs of retention and collection, 0 = never',
    fallback: '24',
  },
  scrubDays: {
    flag: '--scrub-days <number>',
    key: 'scrubDays',
    variable: 'BACKSTAY_SCRUB_DAYS',
    meaning: 'days within which every stored byte is read again and compared with its hash, 0 = never',
    fallback: '30',
  },
  webListen: {
    flag: '--web-listen <host:port>',
    key: 'webListen',
    variable: 'BACKSTAY_WEB_LISTEN',
    meaning: 'a second address for browsers, with a certificate that they believe (--web-cert, --web-key)',
  },
  webCert: {
    flag: '--web-cert <file>',
    key: 'webCert',
    variable: 'BACKSTAY_WEB_CERT',
    meaning: 'certificate and chain of --web-listen, PEM',
  },
  webKey: {
    flag: '--web-key <file>',
    key: 'webKey',
    variable: 'BACKSTAY_WEB_KEY',
    meaning: 'key of --web-cert, PEM',
  },
  webName: {
    flag: '--web-name <host>',
    key: 'webName',
    variable: 'BACKSTAY_WEB_NAME',
    meaning: 'a name under which browsers reach this collector, may be given several times',
    many: true,
  },
  oidcIssuer: {
    flag: '--oidc-issuer <url>',
    key: 'oidcIssuer',
    variable: 'BACKSTAY_OIDC_ISSUER',
    meaning: 'OpenID Connect provider of the organisation, for signing in to the page',
  },
  oidcClient: {
    flag: '--oidc-client <id>',
    key: 'oidcClient',
    variable: 'BACKSTAY_OIDC_CLIENT',
    meaning: 'client id of this collector at --oidc-issuer',
  },
  oidcSecretFile: {
    flag: '--oidc-secret-file <file>',
    key: 'oidcSecretFile',
    variable: 'BACKSTAY_OIDC_SECRET_FILE',
    meaning: 'its first line is the client secret; without it the client is a public one',
  },
  oidcRole: {
    flag: '--oidc-role <group=role>',
    key: 'oidcRole',
    variable: 'BACKSTAY_OIDC_ROLE',
    meaning:
      'what people of a group may (viewer, helpdesk, restore, policy, auditor, owner), may be given several times; whoever is in no such group is refused',
    many: true,
  },
  releaseKey: {
    flag: '--release-key <file>',
    key: 'releaseKey',
    variable: 'BACKSTAY_RELEASE_KEY',
    meaning:
      'public key of who makes releases, PEM (default: release-key.pem beside this program); without one no release is handed out',
  },
  logLevel: {
    flag: '--log-level <level>',
    key: 'logLevel',
    variable: 'BACKSTAY_LOG_LEVEL',
    meaning: `least important lines to log: ${logLevels.join(', ')}`,
    fallback: 'info',
  },
} as const satisfies Record<string, Declared>

const hourMs = 3_600_000
const dayMs = 24 * hourMs

type Name = keyof typeof declared
export type Flags = Readonly<Record<string, unknown>>
export type Environment = Readonly<Record<string, string | undefined>>

export function withSettings(command: Command, names: readonly Name[]): Command {
  for (const name of names) {
    const setting: Declared = declared[name]
    const fallback = setting.fallback === undefined ? '' : `, default: ${setting.fallback}`
    const option = new Option(setting.flag, `${setting.meaning} (${setting.variable}${fallback})`)
    if (setting.many) option.argParser((value: string, before: string[] = []) => [...before, value])
    command.addOption(option)
  }
  return command
}

/** Throws `bad_settings` with all that is wrong. */
export function readSettings(flags: Flags, environment: Environment): Settings {
  const wrong: string[] = []
  const attempt = <T>(read: () => T, otherwise: T): T => {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      wrong.push(error.message)
      return otherwise
    }
  }
  const data = attempt(() => required(declared.data, given(declared.data, flags, environment, {})), '')
  const file = attempt(() => (data === '' ? {} : readConfig(join(data, 'config.json'))), {})
  const value = (name: Name) => given(declared[name], flags, environment, file)
  const address = attempt(() => addressOf(value('listen')), { host: '', port: 0 })
  const urls = attempt(() => urlsOf(value('url')), [])
  const settings = {
    data,
    ...address,
    urls: (port: number) => (urls.length > 0 ? urls : [defaultUrl(address.host, port)]),
    logLevel: attempt(() => levelOf(value('logLevel')), 'info' as const),
    handshakesPerMinute: attempt(
      () => numberOf(declared.handshakesPerMinute, value('handshakesPerMinute')),
      0,
    ),
    reserveBytes: attempt(() => reserveOf(value('reserve')), 0),
    collectEveryMs: attempt(() => numberOf(declared.collectHours, value('collectHours')), 0) * hourMs,
    scrubPeriodMs: attempt(() => numberOf(declared.scrubDays, value('scrubDays')), 0) * dayMs,
    web: attempt(() => webOf(value), undefined),
    webNames: attempt(() => webNamesOf(value('webName')), []),
    oidc: attempt(() => oidcOf(value), undefined),
    releaseKey: attempt(() => releaseKeyOf(value('releaseKey').at(-1)), undefined),
  }
  if (wrong.length === 0) return settings
  throw new Failure('bad_settings', wrong.join('; '), {
    hint: 'all settings: backstay-collector serve --help',
  })
}

function given(setting: Declared, flags: Flags, environment: Environment, file: Flags): string[] {
  const found =
    flags[setting.key] ?? environment[setting.variable] ?? file[setting.key] ?? setting.fallback ?? []
  const list = Array.isArray(found) ? found : setting.many ? String(found).split(/[\s,]+/) : [found]
  return list.map(String).filter(text => text !== '')
}

function readConfig(path: string): Flags {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code !== 'ENOENT' && cause.code !== 'ENOTDIR') {
      throw wrongSetting(`"${path}" cannot be read (${String(cause.code)})`)
    }
    return {}
  }
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw wrongSetting(`"${path}" is not JSON`)
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw wrongSetting(`"${path}" is not an object of settings`)
  }
  const known = Object.values(declared).map(setting => setting.key as string)
  const strange = Object.keys(parsed).filter(key => !known.includes(key))
  if (strange.length > 0) throw wrongSetting(`"${path}" has unknown settings: ${strange.join(', ')}`)
  return parsed as Flags
}

function required(setting: Declared, values: readonly string[]): string {
  const value = values.at(-1)
  if (value === undefined)
    throw wrongSetting(`no data folder is given: use ${setting.flag} or ${setting.variable}`)
  return value
}

export function addressOf(
  values: readonly string[],
  flag = '--listen',
): { readonly host: string; readonly port: number } {
  const text = values.at(-1) ?? ''
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s/]+)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (match === null || port > 65_535) throw wrongSetting(`${flag} must be HOST:PORT, not "${text}"`)
  return { host: match[1] ?? match[2] ?? '', port }
}

function urlsOf(values: readonly string[]): readonly string[] {
  const bad = values.filter(url => !isCollectorUrl(url))
  if (bad.length > 0)
    throw wrongSetting(`--url must be of the form wss://host:port, not "${bad.join('", "')}"`)
  if (values.length > urlsMax) throw wrongSetting(`--url may be given ${urlsMax} times, not ${values.length}`)
  return values
}

function levelOf(values: readonly string[]): LogLevel {
  const level = logLevels.find(level => level === values.at(-1))
  if (level !== undefined) return level
  throw wrongSetting(`--log-level must be one of ${logLevels.join(', ')}, not "${values.at(-1)}"`)
}

function numberOf(setting: Declared, values: readonly string[]): number {
  const text = values.at(-1) ?? ''
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw wrongSetting(`${setting.flag.split(' ')[0]} must be a whole number, not "${text}"`)
}

function reserveOf(values: readonly string[]): number {
  const text = values.at(-1) ?? ''
  const bytes = parseBytes(text)
  if (bytes === undefined) throw wrongSetting(`--reserve must be a size like 512MiB or 2GiB, not "${text}"`)
  if (bytes < reserveBytesMin) {
    throw wrongSetting(`--reserve must be at least ${compactBytes(reserveBytesMin)}, not "${text}"`)
  }
  return bytes
}

/** An address that means "all of this machine" is no address for others. */
function defaultUrl(host: string, port: number): string {
  const name = ['0.0.0.0', '::', '*'].includes(host) ? hostname() : host
  return `wss://${name.includes(':') ? `[${name}]` : name}:${port}`
}

export function wrongSetting(message: string): Failure {
  return new Failure('bad_settings', message)
}
