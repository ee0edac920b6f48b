/** Tries, as an unprivileged user, what only others may do in the folder given; prints what came of it. */
import { tmpdir } from 'node:os'
import { argv } from 'node:process'
import { utf8 } from '@backstay/proto/bytes'
import { loadSystem } from '../load.ts'
import { fromRoot } from '../system.ts'
import { isSystemError } from '../system-error.ts'

const system = await loadSystem()
const folder = system.openFolder(fromRoot, utf8(argv[2] ?? ''))
const temporary = system.openFolder(fromRoot, utf8(tmpdir()))
const open = utf8('open')

function outcome(deed: () => unknown): unknown {
  try {
    return deed()
  } catch (error) {
    return isSystemError(error) ? error.code : String(error)
  }
}

const results = {
  openFolder: outcome(() => system.openFolder(folder, utf8('closed'))),
  openFile: outcome(() => system.openFile(folder, utf8('secret'))),
  read: outcome(() => system.read(system.openFile(folder, open), new Uint8Array(8))),
  createFile: outcome(() => system.createFile(folder, utf8('new'), 0o600)),
  setOwner: outcome(() => system.setOwnerAt(folder, open, 0, 0)),
  setModeAt: outcome(() => system.setModeAt(folder, open, 0o777)),
  setTimeAt: outcome(() => system.setTimeAt(folder, open, 0, 0)),
  makeDevice: outcome(() => {
    system.makeSpecial(temporary, utf8(`node-${process.pid}`), 'block_device', 0o600, { major: 7, minor: 0 })
  }),
}
console.log(JSON.stringify(results))
