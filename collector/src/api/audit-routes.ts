/** The log of what happened, for auditors; and its proofs, for whoever believes nobody. */
import { once } from 'node:events'
import { fromUtf8, hex } from '@backstay/proto/bytes'
import { canonical, entryBytes } from '@backstay/proto/log/entry'
import { auditRoutes } from '@backstay/proto/rest/audit'
import type { CollectorLog } from '../audit/collector-log.ts'
import type { LogQuery, NumberedEntry } from '../catalog/log-entries.ts'
import { type Answering, answering } from './answer.ts'
import { type AuditNames, auditLines } from './audit-lines.ts'
import { csvLine } from './csv.ts'
import { decodeCursor, encodeCursor } from './paging.ts'
import { notFound } from './problem.ts'

type Asked = Omit<LogQuery, 'limit' | 'before' | 'notActions'> & {
  readonly withoutCommits?: 'true' | 'false' | undefined
}

export interface AuditRoutesParts extends AuditNames {
  readonly auditLog: CollectorLog
}

export function auditRoutesOf({ auditLog, ...names }: AuditRoutesParts): Answering[] {
  return [
    answering(auditRoutes.list, async ({ query }) => {
      const { entries, next } = await entriesPage(auditLog, query)
      return { items: await auditLines(names, entries), ...next }
    }),
    answering(auditRoutes.csv, async ({ query, response, signal }) => {
      response.setHeader('content-disposition', 'attachment; filename="audit.csv"')
      response.type('text/csv')
      response.write(csvLine(header))
      try {
        for await (const page of pagesOf(auditLog, queryOf(query))) {
          if (!response.write(page.map(entry => csvLine(row(entry))).join('')))
            await once(response, 'drain', { signal })
        }
        response.end()
      } catch (error) {
        // A file that broke off must not look like one that ended.
        response.destroy()
        signal.throwIfAborted()
        throw error
      }
      return undefined
    }),
    answering(auditRoutes.json, async ({ query, response }) => {
      // It may be some seconds old: what came since is in no export yet.
      const { note, size, root } = await auditLog.checkpoint()
      const { entries, next } = await entriesPage(auditLog, query, size)
      const items = []
      for (const { number, ...entry } of entries) {
        const proof = await auditLog.inclusion(number, size)
        items.push({ number, entry: fromUtf8(entryBytes(entry)), proof: proof.map(hex) })
      }
      response.setHeader('content-disposition', 'attachment; filename="audit.json"')
      return {
        ...{ checkpoint: fromUtf8(note), size, root: hex(root), items },
        ...next,
      }
    }),
    answering(auditRoutes.checkpoint, async () => {
      const { note, size, root } = await auditLog.checkpoint()
      return { checkpoint: fromUtf8(note), size, root: hex(root) }
    }),
    answering(auditRoutes.consistency, async ({ query }) => ({
      proof: (await auditLog.consistency(query.from, query.to)).map(hex),
    })),
    answering(auditRoutes.inclusion, async ({ query }) => {
      const [found] = await auditLog.entries({ limit: 1, before: query.number + 1 })
      if (found?.number !== query.number) throw notFound(`entry ${query.number}`)
      const { number, ...entry } = found
      return {
        entry: fromUtf8(entryBytes(entry)),
        proof: (await auditLog.inclusion(number, query.size)).map(hex),
      }
    }),
  ]
}

/** The newest that match, of the first `size` entries when it is given, and where older ones go on. */
async function entriesPage(
  log: Pick<CollectorLog, 'entries'>,
  { limit, cursor, ...asked }: Asked & { readonly limit: number; readonly cursor?: string | undefined },
  size = Number.MAX_SAFE_INTEGER,
) {
  const [last] = cursor === undefined ? [] : decodeCursor(cursor, ['number'])
  const before = Math.min(size, last === undefined ? size : Number(last))
  const found = await log.entries({ ...queryOf(asked), limit: limit + 1, before })
  const entries = found.slice(0, limit)
  const end = entries.at(-1)
  const next = found.length > limit && end ? { nextCursor: encodeCursor([end.number]) } : {}
  return { entries, next }
}

const pageLines = 1_000

/** Whole, in pages: a log of years fits into no memory. */
async function* pagesOf(
  log: Pick<CollectorLog, 'entries'>,
  query: Omit<LogQuery, 'limit'>,
): AsyncGenerator<readonly NumberedEntry[]> {
  for (let before: number | undefined; ; ) {
    const page = await log.entries({ ...query, limit: pageLines, ...(before !== undefined && { before }) })
    if (page.length > 0) yield page
    before = page.at(-1)?.number
    if (page.length < pageLines) return
  }
}

function queryOf({ withoutCommits, ...asked }: Asked): Omit<LogQuery, 'limit'> {
  return { ...asked, ...(withoutCommits === 'true' && { notActions: ['commit'] }) }
}

const header = ['number', 'time', 'actor', 'action', 'device', 'target', 'detail']

function row({ number, atMs, actor, action, device, target, detail }: NumberedEntry) {
  const told = detail === undefined ? '' : canonical(detail)
  return [number, new Date(atMs).toISOString(), actor, action, device ?? '', target ?? '', told]
}
