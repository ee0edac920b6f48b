/** People who may sign in, and their passkeys. Passwords are hashes; TOTP secrets are sealed with a key that lies elsewhere. */
import type { Bytes } from '@backstay/proto/bytes'
import { fromHex, hex } from '@backstay/proto/bytes'
import type { FleetId } from '@backstay/proto/object/id'
import { type PersonRole, personRoles } from '@backstay/proto/rest/shapes'
import { blob } from './blob.ts'
import type { Sql } from './sql.ts'

export interface PersonRow {
  /** 16 bytes in hexadecimal digits. */
  readonly id: string
  /** In lower case; one person each. */
  readonly account: string
  readonly name: string
  readonly roles: readonly PersonRole[]
  /** Groups that he sees; undefined: all. */
  readonly groups: readonly string[] | undefined
  /** PHC string; undefined: he has none. */
  readonly password: string | undefined
  readonly totp: Bytes | undefined
  /** Step of the last code that was used: none counts twice. */
  readonly totpStep: number
  /** Issuer and subject of the organisation's provider. */
  readonly oidc: string | undefined
  readonly disabled: boolean
  readonly createdAtMs: number
  readonly lastSignInAtMs: number | undefined
  readonly passkeys: number
}

export interface PasskeyRow {
  readonly id: string
  readonly person: string
  /** base64url, as the browser names it. */
  readonly credential: string
  readonly publicKey: Bytes
  readonly counter: number
  readonly transports: readonly string[]
  readonly name: string
  readonly createdAtMs: number
  readonly lastUsedAtMs: number | undefined
}

interface StoredPerson {
  readonly person: Uint8Array
  readonly account: string
  readonly name: string
  readonly roles: string
  readonly groups: string | null
  readonly password: string | null
  readonly totp: Uint8Array | null
  readonly totp_step: number
  readonly oidc: string | null
  readonly disabled: number
  readonly created_at_ms: number
  readonly last_sign_in_at_ms: number | null
  readonly passkeys: number
}

interface StoredPasskey {
  readonly passkey: Uint8Array
  readonly person: Uint8Array
  readonly credential: string
  readonly public_key: Uint8Array
  readonly counter: number
  readonly transports: string
  readonly name: string
  readonly created_at_ms: number
  readonly last_used_at_ms: number | null
}

const select = `select people.*, (select count(*) from passkeys where passkeys.fleet = people.fleet
  and passkeys.person = people.person) as passkeys from people where people.fleet = ?`

export async function listPeople(sql: Sql, fleet: FleetId): Promise<PersonRow[]> {
  return (await sql.query<StoredPerson>(`${select} order by account`, [blob(fleet)])).map(personRow)
}

export async function countPeople(sql: Sql, fleet: FleetId): Promise<number> {
  const [row] = await sql.query<{ count: number }>('select count(*) as count from people where fleet = ?', [
    blob(fleet),
  ])
  return row?.count ?? 0
}

export async function personById(sql: Sql, fleet: FleetId, id: string): Promise<PersonRow | undefined> {
  const rows = await sql.query<StoredPerson>(`${select} and person = ?`, [blob(fleet), bytesOf(id)])
  return rows.map(personRow)[0]
}

export async function personByAccount(
  sql: Sql,
  fleet: FleetId,
  account: string,
): Promise<PersonRow | undefined> {
  const rows = await sql.query<StoredPerson>(`${select} and account = ?`, [
    blob(fleet),
    account.toLowerCase(),
  ])
  return rows.map(personRow)[0]
}

export async function personByOidc(sql: Sql, fleet: FleetId, oidc: string): Promise<PersonRow | undefined> {
  const rows = await sql.query<StoredPerson>(`${select} and oidc = ?`, [blob(fleet), oidc])
  return rows.map(personRow)[0]
}

/** False when somebody has the account already. */
export async function addPerson(
  sql: Sql,
  fleet: FleetId,
  person: Pick<
    PersonRow,
    'id' | 'account' | 'name' | 'roles' | 'groups' | 'password' | 'oidc' | 'createdAtMs'
  >,
): Promise<boolean> {
  const { changes } = await sql.run(
    `insert into people (fleet, person, account, name, roles, groups, password, oidc, totp_step, disabled, created_at_ms)
     values (?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?) on conflict do nothing`,
    [
      blob(fleet),
      bytesOf(person.id),
      person.account.toLowerCase(),
      person.name,
      JSON.stringify(person.roles),
      person.groups === undefined ? null : JSON.stringify(person.groups),
      person.password ?? null,
      person.oidc ?? null,
      person.createdAtMs,
    ],
  )
  return changes === 1
}

/** All that can change of a person. */
export async function savePerson(sql: Sql, fleet: FleetId, person: PersonRow): Promise<void> {
  await sql.run(
    `update people set name = ?, roles = ?, groups = ?, password = ?, totp = ?, oidc = ?, disabled = ?
     where fleet = ? and person = ?`,
    [
      person.name,
      JSON.stringify(person.roles),
      person.groups === undefined ? null : JSON.stringify(person.groups),
      person.password ?? null,
      person.totp ?? null,
      person.oidc ?? null,
      person.disabled ? 1 : 0,
      blob(fleet),
      bytesOf(person.id),
    ],
  )
}

/** False when this code or a later one was used before. */
export async function useTotpStep(sql: Sql, fleet: FleetId, id: string, step: number): Promise<boolean> {
  const { changes } = await sql.run(
    'update people set totp_step = ? where fleet = ? and person = ? and totp_step < ?',
    [step, blob(fleet), bytesOf(id), step],
  )
  return changes === 1
}

export async function markSignIn(sql: Sql, fleet: FleetId, id: string, atMs: number): Promise<void> {
  await sql.run('update people set last_sign_in_at_ms = ? where fleet = ? and person = ?', [
    atMs,
    blob(fleet),
    bytesOf(id),
  ])
}

/** With his passkeys. */
export async function removePerson(sql: Sql, fleet: FleetId, id: string): Promise<void> {
  await sql.transaction(async inside => {
    await inside.run('delete from passkeys where fleet = ? and person = ?', [blob(fleet), bytesOf(id)])
    await inside.run('delete from people where fleet = ? and person = ?', [blob(fleet), bytesOf(id)])
  })
}

export async function passkeysOf(sql: Sql, fleet: FleetId, person: string): Promise<PasskeyRow[]> {
  const rows = await sql.query<StoredPasskey>(
    'select * from passkeys where fleet = ? and person = ? order by created_at_ms',
    [blob(fleet), bytesOf(person)],
  )
  return rows.map(passkeyRow)
}

export async function passkeyByCredential(
  sql: Sql,
  fleet: FleetId,
  credential: string,
): Promise<PasskeyRow | undefined> {
  const rows = await sql.query<StoredPasskey>('select * from passkeys where fleet = ? and credential = ?', [
    blob(fleet),
    credential,
  ])
  return rows.map(passkeyRow)[0]
}

/** False when it is known already. */
export async function addPasskey(
  sql: Sql,
  fleet: FleetId,
  passkey: Omit<PasskeyRow, 'lastUsedAtMs'>,
): Promise<boolean> {
  const { changes } = await sql.run(
    `insert into passkeys (fleet, passkey, person, credential, public_key, counter, transports, name, created_at_ms)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing`,
    [
      blob(fleet),
      bytesOf(passkey.id),
      bytesOf(passkey.person),
      passkey.credential,
      passkey.publicKey,
      passkey.counter,
      JSON.stringify(passkey.transports),
      passkey.name,
      passkey.createdAtMs,
    ],
  )
  return changes === 1
}

export async function usePasskey(
  sql: Sql,
  fleet: FleetId,
  id: string,
  counter: number,
  atMs: number,
): Promise<void> {
  await sql.run('update passkeys set counter = ?, last_used_at_ms = ? where fleet = ? and passkey = ?', [
    counter,
    atMs,
    blob(fleet),
    bytesOf(id),
  ])
}

/** Of this person; false when he has no such one. */
export async function removePasskey(sql: Sql, fleet: FleetId, person: string, id: string): Promise<boolean> {
  const { changes } = await sql.run('delete from passkeys where fleet = ? and person = ? and passkey = ?', [
    blob(fleet),
    bytesOf(person),
    bytesOf(id),
  ])
  return changes === 1
}

export async function removePasskeys(sql: Sql, fleet: FleetId, person: string): Promise<void> {
  await sql.run('delete from passkeys where fleet = ? and person = ?', [blob(fleet), bytesOf(person)])
}

/** Ids come from our own hands or through a shape that allows nothing else. */
export function bytesOf(id: string): Uint8Array {
  const bytes = fromHex(id)
  if (bytes === undefined) throw new Error('assertion failed: an id that is not hexadecimal')
  return bytes
}

export function rolesFrom(text: string): PersonRole[] {
  const stored = JSON.parse(text) as readonly string[]
  return personRoles.filter(role => stored.includes(role))
}

function personRow(row: StoredPerson): PersonRow {
  return {
    id: hex(row.person),
    account: row.account,
    name: row.name,
    roles: rolesFrom(row.roles),
    groups: row.groups === null ? undefined : (JSON.parse(row.groups) as string[]),
    password: row.password ?? undefined,
    totp: row.totp ?? undefined,
    totpStep: row.totp_step,
    oidc: row.oidc ?? undefined,
    disabled: row.disabled === 1,
    createdAtMs: row.created_at_ms,
    lastSignInAtMs: row.last_sign_in_at_ms ?? undefined,
    passkeys: row.passkeys,
  }
}

function passkeyRow(row: StoredPasskey): PasskeyRow {
  return {
    id: hex(row.passkey),
    person: hex(row.person),
    credential: row.credential,
    publicKey: row.public_key,
    counter: row.counter,
    transports: JSON.parse(row.transports) as string[],
    name: row.name,
    createdAtMs: row.created_at_ms,
    lastUsedAtMs: row.last_used_at_ms ?? undefined,
  }
}
