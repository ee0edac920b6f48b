/** The files of a web page, wherever they lie, and how they are served. */
import type { Bytes } from '../bytes.ts'

export interface PageFiles {
  /** `path` is the part of an address from its first slash on, decoded. Undefined when there is no such file. */
  read(path: string): Promise<Bytes | undefined>
}

export const pagePath = '/index.html'
/** Files with a hash in their name. */
export const lastingFiles = '/assets/'

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  json: 'application/json',
  woff2: 'font/woff2',
}

export function contentTypeOf(path: string): string {
  return types[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream'
}

/** What has a hash in its name is kept for ever; the rest is asked for each time. */
export function cacheControlOf(path: string): string {
  return path.startsWith(lastingFiles) ? 'max-age=31536000, immutable' : 'no-store'
}
