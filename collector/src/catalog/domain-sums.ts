/** How many objects and bytes each domain holds, kept as they come and go. */
import { blob } from './blob.ts'
import type { Sql } from './sql.ts'
import type { Domain } from './vaults.ts'

/** Objects and stored bytes of one domain. */
export async function storedIn(
  sql: Sql,
  vault: number,
  domain: Domain,
): Promise<{ readonly objects: number; readonly bytes: number }> {
  const [row] = await sql.query<{ objects: number; bytes: number }>(
    'select objects, bytes from domains where vault = ? and domain = ?',
    [vault, blob(domain)],
  )
  return { objects: row?.objects ?? 0, bytes: row?.bytes ?? 0 }
}

/** Keeps the sums of each domain; `sign` is -1 when the objects were taken away. */
export async function addToSums(
  sql: Sql,
  vault: number,
  objects: readonly { readonly domain: Domain; readonly length: number }[],
  sign: 1 | -1,
): Promise<void> {
  const sums = new Map<Domain, { objects: number; bytes: number }>()
  for (const { domain, length } of objects) {
    const sum = sums.get(domain) ?? { objects: 0, bytes: 0 }
    sums.set(domain, { objects: sum.objects + sign, bytes: sum.bytes + sign * length })
  }
  await sql.runEach(
    `insert into domains (vault, domain, objects, bytes) values (?, ?, ?, ?) on conflict (vault, domain)
     do update set objects = domains.objects + excluded.objects, bytes = domains.bytes + excluded.bytes`,
    [...sums].map(([domain, sum]) => [vault, blob(domain), sum.objects, sum.bytes]),
  )
}
