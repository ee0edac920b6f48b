/** Numbers of the native interface of Windows, from ntifs.h, wdm.h and winnt.h of the driver kit. */

export const access = {
  /** Of a file its bytes, of a folder its names. */
  read: 0x1,
  write: 0x2,
  append: 0x4,
  traverse: 0x20,
  readAttributes: 0x80,
  writeAttributes: 0x100,
  delete: 0x1_0000,
  readDescriptor: 0x2_0000,
  writeDacl: 0x4_0000,
  writeOwner: 0x8_0000,
  synchronize: 0x10_0000,
  auditDescriptor: 0x100_0000,
} as const

/** Others may do with the file what they like while it is open: a backup stands in nobody's way. */
export const shareAll = 7

export const disposition = { open: 1, create: 2, openOrCreate: 3 } as const

export const option = {
  folder: 0x1,
  /** Calls wait for their end, so that there is one position and no second thread. */
  synchronous: 0x20,
  notFolder: 0x40,
  /** Who holds SeBackupPrivilege or SeRestorePrivilege is not asked for other rights. */
  forBackup: 0x4000,
  /** A junction or symlink is opened itself. */
  reparsePoint: 0x20_0000,
  /** What lies in the cloud stays there. */
  noRecall: 0x40_0000,
} as const

/** FILE_INFORMATION_CLASS */
export const fileInformation = {
  idBothFolder: 37,
  basic: 4,
  rename: 10,
  link: 11,
  disposition: 13,
  position: 14,
  all: 18,
  endOfFile: 20,
  streams: 22,
  attributeTag: 35,
  dispositionExtended: 64,
} as const

export const volumeInformation = { volume: 1, attribute: 5 } as const
export const objectName = 1

export const attribute = {
  readOnly: 0x1,
  hidden: 0x2,
  system: 0x4,
  folder: 0x10,
  archive: 0x20,
  normal: 0x80,
  temporary: 0x100,
  sparse: 0x200,
  reparsePoint: 0x400,
  compressed: 0x800,
  offline: 0x1000,
  notIndexed: 0x2000,
  encrypted: 0x4000,
  recallOnOpen: 0x4_0000,
  recallOnDataAccess: 0x40_0000,
} as const

/** Some of its bytes, or of a folder its names, are elsewhere and would be fetched by reading. */
export const elsewhere = attribute.offline | attribute.recallOnOpen | attribute.recallOnDataAccess

export const control = {
  setReparsePoint: 0x9_00a4,
  getReparsePoint: 0x9_00a8,
  setSparse: 0x9_00c4,
  allocatedRanges: 0x9_40cf,
} as const

export const reparseTag = {
  mountPoint: 0xa000_0003,
  symlink: 0xa000_000c,
  unixSocket: 0x8000_0023,
} as const

/** Of a tag: it stands for another place, as a symlink does. Other reparse points are files with bytes of their own. */
export const surrogateTag = 0x2000_0000

export const disposal = { delete: 0x1, posix: 0x2, ignoreReadOnly: 0x10 } as const

/** SECURITY_INFORMATION */
export const security = { owner: 1, group: 2, dacl: 4, sacl: 8 } as const

/** SE_BACKUP_PRIVILEGE and so on: the low part of their LUID; the high part is 0. */
export const privilege = { security: 8, backup: 17, restore: 18 } as const
