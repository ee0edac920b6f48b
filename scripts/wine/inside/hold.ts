/** Keeps a file open as a program does that lets nobody else in, until this process is ended. */
import { argv } from 'node:process'
import koffi from 'koffi'

const [file = ''] = argv.slice(2)
const create = koffi
  .load('kernel32.dll')
  .func('intptr_t __stdcall CreateFileW(const char16_t *, uint, uint, void *, uint, uint, void *)')
const [genericRead, sharedWithNobody, openExisting] = [0x8000_0000, 0, 3]
if (Number(create(file, genericRead, sharedWithNobody, null, openExisting, 0, null)) === -1)
  throw new Error(`"${file}" cannot be opened`)
console.log('held')
setInterval(() => undefined, 1000)
