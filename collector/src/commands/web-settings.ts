/** Settings of the page: its own listener, its names, and the organisation's provider. */
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { personRoles } from '@backstay/proto/rest/shapes'
import type { OidcSettings } from '../api/sign-in/oidc.ts'
import { addressOf, type declared, type WebSettings, wrongSetting } from './settings.ts'

type Value = (name: keyof typeof declared) => readonly string[]

export function webOf(value: Value): WebSettings | undefined {
  const [listen, certFile, keyFile] = [
    value('webListen').at(-1),
    value('webCert').at(-1),
    value('webKey').at(-1),
  ]
  if (listen === undefined && certFile === undefined && keyFile === undefined) return undefined
  if (listen === undefined || certFile === undefined || keyFile === undefined) {
    throw wrongSetting('--web-listen, --web-cert and --web-key belong together')
  }
  const certificate = fileOf('--web-cert', certFile)
  const key = fileOf('--web-key', keyFile)
  try {
    createSecureContext({ cert: certificate, key })
  } catch {
    throw wrongSetting(`"${certFile}" and "${keyFile}" are not a certificate and its key`)
  }
  return { ...addressOf([listen], '--web-listen'), certificate, key }
}

export function webNamesOf(values: readonly string[]): readonly string[] {
  const bad = values.filter(name => !/^(?:[a-z0-9_-]+\.)*[a-z0-9_-]+$/i.test(name))
  if (bad.length > 0) throw wrongSetting(`--web-name must be a host without port, not "${bad.join('", "')}"`)
  return values.map(name => name.toLowerCase())
}

const declaredFlag = { oidcRole: '--oidc-role', oidcSecretFile: '--oidc-secret-file' } as const

export function oidcOf(value: Value): OidcSettings | undefined {
  const issuer = value('oidcIssuer').at(-1)
  const clientId = value('oidcClient').at(-1)
  if (issuer === undefined && clientId === undefined) {
    const alone = (['oidcRole', 'oidcSecretFile'] as const).find(name => value(name).length > 0)
    if (alone === undefined) return undefined
    throw wrongSetting(`${declaredFlag[alone]} says nothing without --oidc-issuer and --oidc-client`)
  }
  if (issuer === undefined || clientId === undefined) {
    throw wrongSetting('--oidc-issuer and --oidc-client belong together')
  }
  requireIssuer(issuer)
  const secretFile = value('oidcSecretFile').at(-1)
  const clientSecret =
    secretFile === undefined ? undefined : fileOf('--oidc-secret-file', secretFile).split(/\r?\n/)[0]
  return { issuer, clientId, clientSecret, roles: value('oidcRole').map(roleOf) }
}

function roleOf(text: string) {
  const at = text.lastIndexOf('=')
  const role = personRoles.find(one => one === text.slice(at + 1))
  if (at > 0 && role !== undefined) return { group: text.slice(0, at), role }
  throw wrongSetting(`--oidc-role must be GROUP=ROLE with one of ${personRoles.join(', ')}, not "${text}"`)
}

/** In the clear on this very machine alone. */
function requireIssuer(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(url?.hostname ?? '')
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback)) return
  throw wrongSetting(`--oidc-issuer must be an https address, not "${text}"`)
}

function fileOf(flag: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw wrongSetting(`${flag}: "${path}" cannot be read`)
  }
}
