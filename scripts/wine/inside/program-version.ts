/** Prints what version.dll finds in a program, as its properties show it: words are the file and then names. */
import { argv } from 'node:process'
import koffi from 'koffi'

const [file = '', ...names] = argv.slice(2)
const library = koffi.load('version.dll')
const size = library.func('uint __stdcall GetFileVersionInfoSizeW(const char16_t *, void *)')
const read = library.func('int __stdcall GetFileVersionInfoW(const char16_t *, uint, uint, void *)')
const query = library.func(
  'int __stdcall VerQueryValueW(void *, const char16_t *, _Out_ void **, _Out_ uint *)',
)

const block = new Uint8Array(size(file, null))
if (read(file, 0, block.length, block) === 0) throw new Error(`"${file}" says nothing`)
const found = names.map(name => {
  const [value, length] = [[null], [0]]
  if (query(block, `\\StringFileInfo\\040904b0\\${name}`, value, length) === 0) return [name, null]
  return [name, koffi.decode(value[0], 'char16_t', (length[0] ?? 1) - 1)]
})
console.log(JSON.stringify(Object.fromEntries(found)))
