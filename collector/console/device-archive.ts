/** A device's archive as a restore admin opens it: keys from its escrow by the desk, objects through the collector. */
import type { Archive } from '@backstay/agent/commands/browse'
import { type Kit, requireKitOf } from '@backstay/proto/content/kit'
import { Failure } from '@backstay/proto/failure'
import type { Certificate } from '@backstay/proto/trust/certificate'
import type { AdminSession } from './admin.ts'
import { readKitFile } from './kit-file.ts'
import { checkRow } from './known-device.ts'
import { unlockDevice, unlockDeviceWithKit } from './unlock.ts'

/** `device`: a name, an id or the beginning of one. By the desk, or with a kit when the desk cannot. Throws `unknown_device`, `which_device` and what unlocking throws. */
export async function openArchive(session: AdminSession, device: string, kitFile?: string): Promise<Archive> {
  const { primitives, admin, link } = session
  const { device: id } = await findDevice(session, device)
  const { certificate, keys } =
    kitFile === undefined
      ? await unlockDevice(session, admin, id)
      : await unlockDeviceWithKit(session, await kitOf(session, kitFile), id)
  return {
    primitives,
    keys: [...keys.values()],
    reader: { primitives, deviceKey: certificate.deviceKey, keysOf: epoch => keys.get(epoch) },
    source: { get: ids => link.get(ids, id) },
    records: () => link.listSnapshots(id),
  }
}

async function kitOf(session: AdminSession, file: string): Promise<Kit> {
  const kit = await readKitFile(file)
  requireKitOf(kit, session.trust.fleet)
  return kit
}

/** Only devices that an admin let in are found: the collector may list what it likes. */
export async function findDevice(session: AdminSession, wanted: string): Promise<Certificate> {
  const found: Certificate[] = []
  for await (const row of session.link.listDevices()) {
    const listed = await checkRow(session.primitives, session.history, row)
    if (listed.state !== 'verified') continue
    const { name, device } = listed.certificate
    if (device === wanted) return listed.certificate
    if (name === wanted || (wanted.length >= 4 && device.startsWith(wanted))) {
      found.push(listed.certificate)
    }
  }
  const [only, second] = found
  if (only === undefined) {
    throw new Failure('unknown_device', `no device "${wanted}" is in this fleet`, {
      hint: 'list them: backstay devices',
    })
  }
  if (second !== undefined) {
    const ids = found.map(({ device }) => device).join(', ')
    throw new Failure('which_device', `"${wanted}" is the name of more than one device: ${ids}`, {
      hint: 'name one by its id',
    })
  }
  return only
}
