/**
 * The admin's folder:
 *
 *     admin.key.age       the admin's keys, under his passphrase
 *     fleet.json          public: which fleet, where its collectors are, and the chain of Trust as far as it was ever seen
 *     log.json            public: the newest state of the collector's log that was seen (proto/log/witness.ts)
 *     founding.json       public: records that `backstay init` made and could not yet hand over
 *     recovery-kit.html   to be printed and then deleted
 *     new-recovery-kit.html  the same, of `backstay kit replace`
 *     owner-key.html      the same, of `backstay owners request`
 */
import { homedir } from 'node:os'
import { join } from 'node:path'
import { checkedJson, damaged, type Place, readChecked } from '@backstay/agent/keys/checked-json'
import { readSmall, removeDurably, writeDurably, writeShared } from '@backstay/agent/keys/durable-file'
import { parseWitnessed, writeWitnessed } from '@backstay/agent/keys/witnessed-json'
import { type Bytes, base64url, fromBase64url } from '@backstay/proto/bytes'
import { Failure } from '@backstay/proto/failure'
import type { WitnessedLog } from '@backstay/proto/log/witness'
import type { FleetId } from '@backstay/proto/object/id'
import type { Primitives } from '@backstay/proto/primitives'
import type { Surroundings } from './surroundings.ts'

/** What is remembered of a fleet, all of it public. */
export interface KnownFleet {
  readonly fleet: FleetId
  /** `wss://…` */
  readonly urls: readonly string[]
  /** Trust envelopes, version 1 to the newest ever seen. */
  readonly chain: readonly Bytes[]
}

/** A fleet that was made here and not yet accepted by its collector. */
export interface Founding {
  readonly known: KnownFleet
  readonly records: readonly Bytes[]
  /** Someone typed back a part of the printed kit. */
  readonly confirmed: boolean
}

export interface AdminFolder {
  readonly path: string
  readonly keyFile: string
  readonly kitFile: string
  readKey(): Promise<Bytes | undefined>
  writeKey(file: Bytes): Promise<void>
  readKit(): Promise<Bytes | undefined>
  writeKit(page: Bytes): Promise<void>
  readonly newKitFile: string
  readNewKit(): Promise<Bytes | undefined>
  writeNewKit(page: Bytes): Promise<void>
  readonly ownerFile: string
  readOwnerPage(): Promise<Bytes | undefined>
  writeOwnerPage(page: Bytes): Promise<void>
  /** Undefined when no fleet was founded or joined here. Throws `admin_damaged`. */
  readFleet(): Promise<KnownFleet | undefined>
  /** Remembers a chain; one that is shorter than what is known changes nothing. */
  rememberFleet(known: KnownFleet): Promise<void>
  readWitnessed(): Promise<WitnessedLog | undefined>
  rememberLog(log: WitnessedLog): Promise<void>
  readFounding(): Promise<Founding | undefined>
  writeFounding(founding: Founding): Promise<void>
  removeFounding(): Promise<void>
}

const fileBytesMax = 64 * 1024 * 1024

/** From --admin, BACKSTAY_ADMIN or ~/.config/backstay, in this order. */
export function adminFolderPath(around: Surroundings, option: string | undefined): string {
  return option ?? around.environment.BACKSTAY_ADMIN ?? join(homedir(), '.config', 'backstay')
}

export function adminFolder(p: Primitives, path: string): AdminFolder {
  const [keyFile, kitFile] = [join(path, 'admin.key.age'), join(path, 'recovery-kit.html')]
  const [fleetFile, foundingFile] = [join(path, 'fleet.json'), join(path, 'founding.json')]
  const ownerFile = join(path, 'owner-key.html')
  const [newKitFile, logFile] = [join(path, 'new-recovery-kit.html'), join(path, 'log.json')]

  async function read<T>(file: string, parse: (place: Place, content: unknown) => T): Promise<T | undefined> {
    const hint = 'put back a copy of it, or make the folder anew: another admin can help'
    const place = { what: `"${file}"`, hint, code: 'admin_damaged' }
    const bytes = await readSmall(file, fileBytesMax)
    return bytes === undefined ? undefined : parse(place, await readChecked(p, place, bytes))
  }

  const folder: AdminFolder = {
    path,
    keyFile,
    kitFile,
    newKitFile,
    ownerFile,
    readKey: () => readSmall(keyFile, fileBytesMax),
    writeKey: file => writeDurably(keyFile, file),
    readKit: () => readSmall(kitFile, fileBytesMax),
    writeKit: page => writeDurably(kitFile, page),
    readNewKit: () => readSmall(newKitFile, fileBytesMax),
    writeNewKit: page => writeDurably(newKitFile, page),
    readOwnerPage: () => readSmall(ownerFile, fileBytesMax),
    writeOwnerPage: page => writeDurably(ownerFile, page),
    readFleet: () => read(fleetFile, parseFleet),
    async rememberFleet(known) {
      const before = await folder.readFleet()
      if (before !== undefined && before.fleet !== known.fleet) {
        throw new Failure('wrong_fleet', `"${path}" belongs to fleet "${before.fleet}"`, {
          hint: 'use another folder: --admin DIR',
        })
      }
      if (before !== undefined && before.chain.length >= known.chain.length) return
      await writeShared(fleetFile, await checkedJson(p, fleetJson(known)))
    },
    readWitnessed: () => read(logFile, parseWitnessed),
    rememberLog: async log => writeShared(logFile, await checkedJson(p, writeWitnessed(log))),
    readFounding: () =>
      read(foundingFile, (place, content) => ({
        known: parseFleet(place, content),
        records: envelopes(place, content, 'records'),
        confirmed: fieldsOf(place, content).confirmed === true,
      })),
    async writeFounding({ known, records, confirmed }) {
      const content = { ...fleetJson(known), records: records.map(base64url), confirmed }
      await writeDurably(foundingFile, await checkedJson(p, content))
    },
    async removeFounding() {
      await removeDurably(foundingFile)
    },
  }
  return folder
}

function fleetJson(known: KnownFleet) {
  return { fleet: known.fleet, urls: known.urls, chain: known.chain.map(base64url) }
}

function parseFleet(place: Place, content: unknown): KnownFleet {
  const { fleet, urls } = fieldsOf(place, content)
  if (typeof fleet !== 'string' || !/^[0-9a-f]{64}$/.test(fleet)) throw damaged(place, 'it names no fleet')
  if (!Array.isArray(urls) || !urls.every(url => typeof url === 'string'))
    throw damaged(place, 'it names no collector')
  return { fleet: fleet as FleetId, urls: urls as string[], chain: envelopes(place, content, 'chain') }
}

function envelopes(place: Place, content: unknown, name: string): Bytes[] {
  const values = fieldsOf(place, content)[name]
  if (!Array.isArray(values) || values.length === 0) throw damaged(place, `it has no ${name}`)
  return values.map(value => {
    const bytes = typeof value === 'string' ? fromBase64url(value) : undefined
    if (bytes === undefined) throw damaged(place, `its ${name} cannot be read`)
    return bytes
  })
}

function fieldsOf(place: Place, content: unknown): Readonly<Record<string, unknown>> {
  if (typeof content !== 'object' || content === null) throw damaged(place, 'it is not of the expected form')
  return content as Readonly<Record<string, unknown>>
}
