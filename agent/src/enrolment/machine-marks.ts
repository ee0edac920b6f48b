/**
 * Marks of this machine for its certificate (proto/trust/look-alikes.ts): equal for the same machine in the same fleet, and
 * for nobody else. The facts themselves are guessable for who knows how their maker numbers them, so each guess is made to cost
 * a tenth of a second and 32 MiB, and the fleet's id goes in, so that marks of two fleets are not equal.
 */
import { scrypt } from 'node:crypto'
import { type Bytes, utf8 } from '@backstay/proto/bytes'
import { type FleetId, idToBytes } from '@backstay/proto/object/id'
import { machineMarkBytes } from '@backstay/proto/trust/certificate'
import type { MachineFacts } from './machine-facts.ts'

const cost = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 }

/** `owner`: whose agent it is, since two people's agents on one machine are two devices; undefined for the machine's. */
export async function machineMarks(
  facts: MachineFacts,
  fleet: FleetId,
  owner: string | undefined,
): Promise<readonly Bytes[]> {
  const marks: Bytes[] = []
  for (const [name, value] of [['hardware', facts.hardware] as const, ['system', facts.system] as const]) {
    if (value === undefined) continue
    marks.push(await slowHash(`backstay/machine-mark/${name}\0${owner ?? ''}\0${value}`, idToBytes(fleet)))
  }
  return marks
}

function slowHash(text: string, salt: Bytes): Promise<Bytes> {
  return new Promise((resolve, reject) => {
    scrypt(utf8(text), salt, machineMarkBytes, cost, (error, key) =>
      error === null ? resolve(Uint8Array.from(key)) : reject(error),
    )
  })
}
