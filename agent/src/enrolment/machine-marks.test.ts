import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FleetId } from '@backstay/proto/object/id'
import { type MachineSource, machineFacts } from './machine-facts.ts'
import { machineMarks } from './machine-marks.ts'

const uuid = '4c4c4544-0042-3510-8052-b4c04f383232'
const id = '0123456789abcdef0123456789abcdef'
const nothing = async () => Promise.reject(new Error('ENOENT'))
const linux = (files: Readonly<Record<string, string>>): MachineSource => ({
  platform: 'linux',
  run: nothing,
  read: async path => files[path] ?? nothing(),
})

test('a Linux machine is told by its board and its installation, as far as they may be read', async () => {
  const all = { '/sys/class/dmi/id/product_uuid': `${uuid.toUpperCase()}\n`, '/etc/machine-id': `${id}\n` }
  assert.deepEqual(await machineFacts(linux(all)), { hardware: uuid, system: id })
  assert.deepEqual(await machineFacts(linux({ '/etc/machine-id': id })), { hardware: undefined, system: id })
  const board = { '/sys/firmware/devicetree/base/serial-number': '10000000deadbeef\0' }
  assert.deepEqual(await machineFacts(linux(board)), { hardware: '10000000deadbeef', system: undefined })
  assert.deepEqual(await machineFacts(linux({})), { hardware: undefined, system: undefined })
})

test('what makers left as it was tells no machine from another', async () => {
  for (const shared of [
    '00000000-0000-0000-0000-000000000000',
    'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
    '03000200-0400-0500-0006-000700080009',
    'Not Settable',
    'To be filled by O.E.M.',
    '123',
    '',
  ]) {
    const { hardware } = await machineFacts(linux({ '/sys/class/dmi/id/product_uuid': shared }))
    assert.equal(hardware, undefined, shared)
  }
  assert.equal((await machineFacts(linux({ '/etc/machine-id': 'uninitialized\n' }))).system, undefined)
})

test('a Mac and a Windows machine are told by what their own programs print', async () => {
  const ioreg = `+-o Mac14,2  <class IOPlatformExpertDevice, id 0x100000226>
    {
      "IOPlatformSerialNumber" = "XXXXXXXXXX"
      "IOPlatformUUID" = "${uuid.toUpperCase()}"
    }`
  const mac: MachineSource = { platform: 'darwin', read: nothing, run: async () => ioreg }
  assert.deepEqual(await machineFacts(mac), { hardware: uuid, system: undefined })
  const reg = `\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Cryptography\r\n    MachineGuid    REG_SZ    ${uuid}\r\n\r\n`
  const windows: MachineSource = {
    platform: 'win32',
    read: nothing,
    run: async program => (program.endsWith('reg.exe') ? reg : `${uuid.toUpperCase()}\r\n`),
  }
  assert.deepEqual(await machineFacts(windows), { hardware: uuid, system: uuid })
  assert.deepEqual(await machineFacts({ ...windows, run: nothing }), {
    hardware: undefined,
    system: undefined,
  })
})

test('marks are the same for the same machine in the same fleet, and for nobody else', async () => {
  const fleets = ['11'.repeat(32), '22'.repeat(32)] as FleetId[]
  const [here, there] = fleets
  assert.ok(here && there)
  const facts = { hardware: uuid, system: id }
  const marks = async (...words: Parameters<typeof machineMarks>) =>
    (await machineMarks(...words)).map(mark => Buffer.from(mark).toString('hex'))
  const one = await marks(facts, here, undefined)
  assert.deepEqual(await marks(facts, here, undefined), one)
  assert.ok(one.every(mark => mark.length === 32))
  const others = [...(await marks(facts, there, undefined)), ...(await marks(facts, here, 'ada'))]
  // The same text as another fact is another mark.
  others.push(...(await marks({ hardware: id, system: uuid }, here, undefined)))
  assert.equal(new Set([...one, ...others]).size, one.length + others.length)
  assert.deepEqual(await marks({ hardware: undefined, system: undefined }, here, undefined), [])
})
