/** Refusals as the collector's own (RFC 9457). */
import type { ServerResponse } from 'node:http'

export function refuse(
  response: ServerResponse,
  status: number,
  code: string,
  detail: string,
  hint?: string,
): void {
  if (response.headersSent) return void response.destroy()
  response.writeHead(status, { 'content-type': 'application/problem+json', 'cache-control': 'no-store' }).end(
    JSON.stringify({
      type: 'about:blank',
      title: detail,
      status,
      code,
      detail,
      ...(hint !== undefined && { hint }),
    }),
  )
}
