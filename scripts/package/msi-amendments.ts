/** What Windows' own compiler would write into a package, and wixl has no word for: queries, as msibuild takes them. */

/** Of an action: https://learn.microsoft.com/windows/win32/msi/summary-list-of-all-custom-action-types */
const bit = {
  fromDll: 1,
  failureIgnored: 64,
  atRollback: 256,
  atCommit: 512,
  deferred: 1024,
  asSystem: 2048,
  inNoLog: 8192,
} as const

const usual = bit.fromDll + bit.deferred + bit.asSystem
/** What an action is told: a property by its name, formatted. */
const setsProperty = 51
const actions: Readonly<Record<string, number>> = {
  RefuseAtOnce: bit.fromDll,
  Room: bit.fromDll,
  Refuse: usual,
  Stop: usual + bit.failureIgnored,
  Place: usual,
  PlaceBack: usual + bit.atRollback + bit.failureIgnored,
  Prepare: usual + bit.inNoLog,
  Settle: usual + bit.atCommit + bit.failureIgnored,
  Purge: usual + bit.failureIgnored,
  ...Object.fromEntries(
    ['Refuse', 'Room', 'Place', 'PlaceBack', 'Prepare', 'Settle'].map(told => [`Tell${told}`, setsProperty]),
  ),
}

/** `unpacked`: files that the package's own action lays, so that Windows is told to take them away. */
export function amendments(unpacked: readonly string[]): readonly string[] {
  // Also what an upgrade that was cut off has left.
  const removed = [...unpacked.map((name, index) => `PACKED${index}|${name}`), '*.old', '*.new', '*.gone']
  const onRemove = 2
  return [
    // Told to the part of the installer that runs as the system, whoever starts it.
    "UPDATE `Property` SET `Value` = 'WIX_UPGRADE_DETECTED;WIX_DOWNGRADE_DETECTED;BACKSTAY_TOKEN;PURGE' " +
      "WHERE `Property` = 'SecureCustomProperties'",
    // After InstallFinalize: the service is never gone, and whatever cuts an upgrade off, one of both versions is there.
    "UPDATE `InstallExecuteSequence` SET `Sequence` = 6601 WHERE `Action` = 'RemoveExistingProducts'",
    ...Object.entries(actions).map(
      ([action, type]) => `UPDATE \`CustomAction\` SET \`Type\` = ${type} WHERE \`Action\` = '${action}'`,
    ),
    ...removed.map(
      (name, index) =>
        'INSERT INTO `RemoveFile` (`FileKey`, `Component_`, `FileName`, `DirProperty`, `InstallMode`) ' +
        `VALUES ('Unpacked${index}', 'Service', '${name}', 'INSTALLDIR', ${onRemove})`,
    ),
  ]
}
