/**
 * Facts about objects, devices and snapshots, one file a question. The catalog may lag behind the packs, which are the
 * truth: at start it is replayed from them (upkeep/replay.ts), and when it is lost it is made anew.
 */
import { Failure } from '@backstay/proto/failure'
import { type Step, steps } from './schema.ts'
import type { Sql } from './sql.ts'

/** Brings the tables up to this version. Throws `catalog_newer` when a later version of the program made them. */
export async function openCatalog(sql: Sql, wanted: readonly Step[] = steps): Promise<void> {
  await sql.run('create table if not exists steps (number integer primary key, name text not null)')
  await sql.transaction(async inside => {
    const [row] = await inside.query<{ last: number | null }>('select max(number) as last from steps')
    const last = row?.last ?? 0
    if (last > wanted.length) throw newer(last)
    for (const [index, step] of wanted.entries()) if (index >= last) await apply(inside, index + 1, step)
  })
}

/** For whoever only reads. Throws `catalog_older` or `catalog_newer` when another version of the program made it. */
export async function requireCatalog(sql: Sql): Promise<void> {
  const [row] = await sql.query<{ last: number | null }>('select max(number) as last from steps')
  const last = row?.last ?? 0
  if (last > steps.length) throw newer(last)
  if (last < steps.length) {
    throw new Failure('catalog_older', `the catalog was made by an earlier version (step ${last})`, {
      hint: 'start the collector once: it brings the catalog forward',
    })
  }
}

function newer(last: number): Failure {
  return new Failure('catalog_newer', `the catalog was made by a later version (step ${last})`, {
    hint: 'update backstay-collector, or run: backstay-collector rebuild',
  })
}

async function apply(sql: Sql, number: number, step: Step): Promise<void> {
  for (const statement of step.statements) await sql.run(statement)
  await sql.run('insert into steps (number, name) values (?, ?)', [number, step.name])
}
