/** Where a token may lie on a machine that nobody sits at, in the order in which they are looked at. */
import { join } from 'node:path'
import { destroyTokenFile, readTokenFile } from './token-file.ts'

export interface TokenSource {
  /** For people: a path, or the name of a variable. */
  readonly place: string
  /** Undefined when there is none. Throws what `readTokenFile` throws. */
  read(): Promise<string | undefined>
  /** After the device was enrolled: nobody finds it here again, as far as that is ours to do. */
  spend(): Promise<void>
}

export interface TokenPlaces {
  /** As it was typed. */
  readonly tokenFile: string | undefined
  /** What is used of it is removed from it, so that no child process gets it. */
  readonly environment: Record<string, string | undefined>
  readonly settings: string
  /** What an MDM gives this machine; undefined: nothing does so here. */
  readonly managed?: { readonly place: string; readonly read: () => Promise<string | undefined> } | undefined
}

export const tokenName = 'token'
export const credentialName = 'backstay-token'

export function tokenSources({
  tokenFile,
  environment,
  settings,
  managed,
}: TokenPlaces): readonly TokenSource[] {
  const { CREDENTIALS_DIRECTORY: credentials, BACKSTAY_TOKEN_FILE: named } = environment
  return [
    ...(tokenFile ? [fileSource(tokenFile)] : []),
    ...(credentials ? [credentialSource(join(credentials, credentialName))] : []),
    ...(named ? [fileSource(named)] : []),
    ...environmentSource(environment),
    fileSource(join(settings, tokenName)),
    // Only whoever gave it can take it back.
    ...(managed ? [{ ...managed, spend: async () => undefined }] : []),
  ]
}

function fileSource(path: string): TokenSource {
  return { place: path, read: () => readTokenFile(path), spend: () => destroyTokenFile(path) }
}

/** systemd closes that folder to all others, by means that its mode does not tell, and empties it itself. */
function credentialSource(path: string): TokenSource {
  return { place: path, read: () => readTokenFile(path, { isClosed: true }), spend: async () => undefined }
}

function environmentSource(environment: Record<string, string | undefined>): readonly TokenSource[] {
  const text = environment.BACKSTAY_TOKEN?.trim()
  delete environment.BACKSTAY_TOKEN
  if (!text) return []
  return [{ place: '$BACKSTAY_TOKEN', read: async () => text, spend: async () => undefined }]
}
