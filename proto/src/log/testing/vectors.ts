/** The deeds of the log for the known answers in proto/vectors/log.json. */
import { utf8 } from '../../bytes.ts'
import { fleetId } from '../../object/id.ts'
import { bytes, type Deeds, list, number, text, values } from '../../testing/known-answers.ts'
import { signCheckpoint, verifyCheckpoint } from '../checkpoint.ts'
import { entryBytes, type LogEntry } from '../entry.ts'
import { leafHash } from '../merkle.ts'
import { consistencyProof, grewFrom, includes, inclusionProof } from '../proof.ts'
import { grow } from './grown-log.ts'

export const logDeeds: Deeds = {
  'log.leaf': async (p, input) => leafHash(p, entryBytes(input.entry as unknown as LogEntry)),
  'log.roots': async (p, input) => (await grow(p, values(input, 'entries').map(String).map(utf8))).roots,
  async 'log.include'(p, input) {
    const log = await grow(p, values(input, 'entries').map(String).map(utf8))
    return inclusionProof(p, log.hashAt, number(input, 'index'), number(input, 'size'))
  },
  async 'log.grow'(p, input) {
    const log = await grow(p, values(input, 'entries').map(String).map(utf8))
    return consistencyProof(p, log.hashAt, number(input, 'from'), number(input, 'to'))
  },
  'log.includes': (p, input) =>
    includes(p, {
      ...{ leaf: bytes(input, 'leaf'), root: bytes(input, 'root'), proof: list(input, 'proof') },
      ...{ index: number(input, 'index'), size: number(input, 'size') },
    }),
  'log.grew': (p, input) =>
    grewFrom(
      p,
      { size: number(input, 'from'), root: bytes(input, 'fromRoot') },
      { size: number(input, 'to'), root: bytes(input, 'toRoot') },
      list(input, 'proof'),
    ),
  async 'checkpoint.sign'(p, input) {
    const head = { size: number(input, 'size'), root: bytes(input, 'root') }
    const key = await p.signingKey(bytes(input, 'seed'))
    return (await signCheckpoint(p, fleetId(bytes(input, 'fleet')), head, key)).note
  },
  async 'checkpoint.verify'(p, input) {
    const by = { fleet: fleetId(bytes(input, 'fleet')), keys: list(input, 'keys') }
    const { origin, size, root } = await verifyCheckpoint(p, utf8(text(input, 'note')), by)
    return { origin, size, root }
  },
}
