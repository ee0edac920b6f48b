import type { Sql } from './sql.ts'

/** Where a long work stopped, so that it can go on there. */
export async function readPosition(sql: Sql, vault: number, name: string): Promise<string | undefined> {
  const [row] = await sql.query<{ value: string }>(
    'select value from positions where vault = ? and name = ?',
    [vault, name],
  )
  return row?.value
}

export async function savePosition(sql: Sql, vault: number, name: string, value: string): Promise<void> {
  await sql.run(
    `insert into positions (vault, name, value) values (?, ?, ?)
     on conflict (vault, name) do update set value = excluded.value`,
    [vault, name, value],
  )
}
