/** Tells a service something that is its own to understand: words are its name and a number from 128 to 255. */
import { argv } from 'node:process'
import koffi from 'koffi'

const [name = '', number = ''] = argv.slice(2)
const library = koffi.load('advapi32.dll')
const openManager = library.func('void * __stdcall OpenSCManagerW(const char16_t *, const char16_t *, uint)')
const openService = library.func('void * __stdcall OpenServiceW(void *, const char16_t *, uint)')
const control = library.func('int __stdcall ControlService(void *, uint, _Out_ uint8_t *)')
const [connect, userDefinedControl, statusBytes] = [0x1, 0x100, 28]
const service = openService(openManager(null, null, connect), name, userDefinedControl)
if (control(service, Number(number), new Uint8Array(statusBytes)) === 0)
  throw new Error(`"${name}" was not told`)
