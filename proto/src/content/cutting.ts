/**
 * The chunker's look at every byte, in WebAssembly (cutting.wat) where that may be compiled: it takes pieces of a file into
 * its own memory.
 */
import { type Bytes, viewOf } from '../bytes.ts'
import { copyBytes } from '../copy-bytes.ts'
import { cuttingWasm } from './cutting.wasm.ts'
import { plainCutting, windowBytes } from './plain-cutting.ts'

export interface CuttingOptions {
  /** 256 numbers of 32 bits, little-endian. */
  readonly gearTable: Bytes
  /** 16 bytes. */
  readonly sipKey: Bytes
  /** Upper half of a hash at the gate. */
  readonly cutBelow: number
}

export interface Cutting {
  /**
   * The end of a chunk behind the first byte from `from` on, and before `to`, that ends one. The 32 bytes before `from`
   * count, too. Undefined when there is none.
   */
  next(bytes: Bytes, from: number, to: number): number | undefined
}

/** cutting.wat */
interface Exports {
  readonly memory: WebAssembly.Memory
  key(low: bigint, high: bigint): void
  cut(at: number, end: number, below: number): number
}

const windowAt = 1024
const piecesAt = windowAt + windowBytes
let compiled: WebAssembly.Module | undefined

/** Takes no memory until it is used: most backups cut nothing. */
export function makeCutting(options: CuttingOptions): Cutting {
  let made: Cutting | undefined
  return {
    next(bytes, from, to) {
      made ??= assembledCutting(options) ?? plainCutting(options)
      return made.next(bytes, from, to)
    },
  }
}

/** Undefined where nothing may be compiled. */
function assembledCutting({ gearTable, sipKey, cutBelow }: CuttingOptions): Cutting | undefined {
  compiled ??= compile()
  if (compiled === undefined) return undefined
  const exports = new WebAssembly.Instance(compiled).exports as unknown as Exports
  const { key, cut } = exports
  const view = viewOf(sipKey)
  key(view.getBigUint64(0, true), view.getBigUint64(8, true))
  const memory = new Uint8Array(exports.memory.buffer)
  memory.set(gearTable)
  return {
    next(bytes, from, to) {
      const pieceBytes = memory.length - piecesAt
      for (let at = from; at < to; at += pieceBytes) {
        const end = Math.min(to, at + pieceBytes)
        copyBytes(bytes.subarray(at - windowBytes, end), memory, windowAt)
        const found = cut(piecesAt, piecesAt + end - at, cutBelow)
        if (found > 0) return at + found - piecesAt
      }
      return undefined
    },
  }
}

function compile(): WebAssembly.Module | undefined {
  try {
    return new WebAssembly.Module(Uint8Array.fromBase64(cuttingWasm))
  } catch {
    return undefined
  }
}
