/** Every byte that a window sends, its workers' as well, and whether a name is in it in any dress that the page knows. */
import type { BrowserContext, Request } from 'playwright-core'

export interface Sent {
  readonly url: string
  readonly text: string
}

/** Grows from now on. */
export async function sentBy(context: BrowserContext): Promise<readonly Sent[]> {
  const sent: Sent[] = []
  context.on('request', (request: Request) => {
    const url = request.url()
    const headers = Object.entries(request.headers()).flat().join(' ')
    const body = request.postDataBuffer()?.toString('latin1') ?? ''
    sent.push({ url, text: `${request.method()} ${url} ${headers} ${body}` })
  })
  return sent
}

/** Those in which a name stands: as it is, in an address, in hexadecimal digits, or in base64 at any of three places. */
export function markedIn(sent: readonly Sent[], mark: string): readonly string[] {
  const dresses = dressesOf(mark)
  return sent.filter(({ text }) => dresses.some(dress => text.includes(dress))).map(({ url }) => url)
}

export function dressesOf(mark: string): readonly string[] {
  const bytes = Buffer.from(mark)
  const hex = bytes.toString('hex')
  // Base64 of what the mark is in the middle of: the digits that hold bytes of the mark alone.
  const base64 = [0, 1, 2].map(before => {
    const digits = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    const [first, rest] = [Math.ceil((before * 8) / 6), (before + bytes.length) % 3 === 0 ? 0 : 1]
    return digits.slice(first, digits.length - rest)
  })
  const forUrls = base64.map(one => one.replaceAll('+', '-').replaceAll('/', '_'))
  return [mark, encodeURIComponent(mark), hex, hex.toUpperCase(), ...base64, ...forUrls]
}
