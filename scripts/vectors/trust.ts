// Writes the known answers of trust and of what is escrowed: node scripts/vectors/trust.ts. The same at every run.
import { fixedPrimitives } from './book.ts'
import { writeChains } from './chain.ts'
import { writeCodes } from './codes.ts'
import { writeCatalogRows, writeRetention } from './collector-word.ts'
import { writeCommitBodies, writeEscrows, writeKeys } from './content.ts'
import { writeEnvelopes } from './envelope.ts'
import { writeHeartbeats } from './heartbeat.ts'
import { writeLog } from './log.ts'
import {
  writeCertificates,
  writeCommits,
  writeGrants,
  writeGroups,
  writeJobs,
  writeOtherOrders,
  writePolicies,
} from './orders.ts'
import { writeParcels } from './parcels.ts'

const writers = {
  writeEnvelopes,
  writeChains,
  writeGrants,
  writeGroups,
  writePolicies,
  writeJobs,
  writeOtherOrders,
  writeParcels,
  writeCertificates,
  writeCommits,
  writeHeartbeats,
  writeCodes,
  writeKeys,
  writeEscrows,
  writeCommitBodies,
  writeRetention,
  writeCatalogRows,
  writeLog,
}

for (const [name, write] of Object.entries(writers)) await write(fixedPrimitives(name))
