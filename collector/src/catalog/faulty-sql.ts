/** Wraps a database and makes it fail as told. A commit of which nothing is done leaves nothing of its transaction. */
import { Faults } from '../packs/faults.ts'
import type { Sql } from './sql.ts'

export function faultySql(inner: Sql, faults = new Faults()): Sql {
  return {
    ...statements(inner, faults),
    async transaction(work) {
      let afterwards: { readonly error: unknown } | undefined
      const result = await inner.transaction(async tx => {
        const result = await work(statements(tx, faults))
        let done = false
        try {
          await faults.effect('commit', 'commit', async () => {
            done = true
          })
        } catch (error) {
          if (!done) throw error
          afterwards = { error }
        }
        return result
      })
      if (afterwards !== undefined) throw afterwards.error
      return result
    },
  }
}

function statements(sql: Sql, faults: Faults): Sql {
  return {
    query: (text, values) =>
      faults.effect(text.startsWith('select') ? 'query' : 'run', text, () => sql.query(text, values)),
    run: (text, values) => faults.effect('run', text, () => sql.run(text, values)),
    queryEach: (text, lists) => faults.effect('query', text, () => sql.queryEach(text, lists)),
    runEach: (text, lists) => faults.effect('run', text, () => sql.runEach(text, lists)),
    transaction: work => sql.transaction(part => work(statements(part, faults))),
    sync: () => faults.effect('run', 'sync', () => sql.sync()),
    close: () => sql.close(),
  }
}
