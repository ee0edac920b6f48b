/** The system seam on Windows: ntdll through koffi, synchronous. */
import { equalBytes } from '@backstay/proto/bytes'
import type { Attributes, Guarding, Owners, System } from './system.ts'
import { attributeName, windowsAttributes } from './windows-attributes.ts'
import { basicInformation } from './windows-basic.ts'
import { loadWindowsCalls, type WindowsCalls } from './windows-calls.ts'
import { windowsDescribing } from './windows-describing.ts'
import { isGuarded } from './windows-guard.ts'
import { windowsObjects } from './windows-objects.ts'
import { windowsOpening } from './windows-opening.ts'
import { takePrivileges } from './windows-privileges.ts'
import { windowsReading } from './windows-reading.ts'
import { windowsWriting } from './windows-writing.ts'

/** Throws `no_system_calls`. */
export async function loadWindows(): Promise<System> {
  return windowsSystem(await loadWindowsCalls())
}

/** PHCM_EXPOSE_PLACEHOLDERS of ntifs.h. */
const exposePlaceholders = 2

export function windowsSystem(calls: WindowsCalls): System {
  const held = takePrivileges(calls)
  // Else files that lie in a cloud look like any other, and would be fetched.
  calls.RtlSetProcessPlaceholderCompatibilityMode?.(exposePlaceholders)
  const objects = windowsObjects(calls)
  const basic = basicInformation(calls, objects)
  const reading = windowsReading(calls, objects)
  const attributes = windowsAttributes({ calls, objects, basic, held })
  return {
    ...windowsOpening(calls, objects, held),
    ...reading,
    ...attributes,
    ...windowsWriting(calls, objects, basic),
    ...windowsDescribing(objects, basic, reading),
    ...owners,
    ...guarding(attributes),
  }
}

/** Where no descriptor is kept (FAT), anybody may change anything. */
function guarding({ attributesAt }: Pick<Attributes, 'attributesAt'>): Guarding {
  return {
    isGuarded(at, name, as) {
      const found = attributesAt(at, name).find(one => equalBytes(one.name, attributeName.descriptor))
      return found !== undefined && isGuarded(found.value, as)
    },
  }
}

const nameless = new Uint8Array()

/** Windows has no numbers for people: everybody is 0, and the descriptor says whose a file is. */
const owners: Owners = {
  userName: () => nameless,
  groupName: () => nameless,
  effectiveUser: () => 0,
  numbersOwners: false,
}
