/** The log of what happened, for auditors; and its proofs, for whoever believes nobody. */
import { fromUtf8, hex } from '@backstay/proto/bytes'
import { canonical, entryBytes } from '@backstay/proto/log/entry'
import { auditRoutes, exportMax } from '@backstay/proto/rest/audit'
import type { CollectorLog } from '../audit/collector-log.ts'
import type { LogQuery, NumberedEntry } from '../catalog/log-entries.ts'
import { type Answering, answering } from './answer.ts'
import { csv } from './csv.ts'
import { decodeCursor, encodeCursor } from './paging.ts'
import { notFound } from './problem.ts'

type Asked = Omit<LogQuery, 'limit' | 'before' | 'notActions'> & {
  readonly withoutCommits?: 'true' | 'false' | undefined
}

export function auditRoutesOf({ auditLog }: { readonly auditLog: CollectorLog }): Answering[] {
  return [
    answering(auditRoutes.list, async ({ query }) => {
      const { limit, cursor, ...asked } = query
      const [before] = cursor === undefined ? [] : decodeCursor(cursor, ['number'])
      const found = await auditLog.entries({
        ...queryOf(asked),
        limit: limit + 1,
        ...(before !== undefined && { before: Number(before) }),
      })
      const items = found.slice(0, limit)
      const last = items.at(-1)
      return {
        items: items.map(({ number, detail, ...entry }) => ({
          ...entry,
          sequence: number,
          detail: { ...detail },
        })),
        ...(found.length > limit && last && { nextCursor: encodeCursor([last.number]) }),
      }
    }),
    answering(auditRoutes.csv, async ({ query, response }) => {
      const entries = await auditLog.entries({ ...queryOf(query), limit: exportMax })
      response.setHeader('content-disposition', 'attachment; filename="audit.csv"')
      response.type('text/csv').send(csv(header, entries.map(row)))
      return undefined
    }),
    answering(auditRoutes.json, async ({ query, response }) => {
      const { limit, ...asked } = query
      const entries = await auditLog.entries({ ...queryOf(asked), limit })
      // Behind the entries, so that it covers all of them; it may be some seconds old.
      const { note, size, root } = await auditLog.checkpoint()
      const items = []
      for (const { number, ...entry } of entries.filter(({ number }) => number < size)) {
        const proof = await auditLog.inclusion(number, size)
        items.push({ number, entry: fromUtf8(entryBytes(entry)), proof: proof.map(hex) })
      }
      response.setHeader('content-disposition', 'attachment; filename="audit.json"')
      return { checkpoint: fromUtf8(note), size, root: hex(root), items }
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

function queryOf({ withoutCommits, ...asked }: Asked): Omit<LogQuery, 'limit'> {
  return { ...asked, ...(withoutCommits === 'true' && { notActions: ['commit'] }) }
}

const header = ['number', 'time', 'actor', 'action', 'device', 'target', 'detail']

function row({ number, atMs, actor, action, device, target, detail }: NumberedEntry) {
  const told = detail === undefined ? '' : canonical(detail)
  return [number, new Date(atMs).toISOString(), actor, action, device ?? '', target ?? '', told]
}
