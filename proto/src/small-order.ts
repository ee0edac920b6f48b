/** Ed25519 public keys of small order, under which anyone can forge. Source: libsodium's ed25519_ref10 blocklist. */
import { type Bytes, fromHex } from './bytes.ts'

const smallOrder = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map(text => fromHex(text) as Bytes)

/** Compares without the sign bit, so that both encodings of each point are found. */
export function isSmallOrder(publicKey: Bytes): boolean {
  return smallOrder.some(bad =>
    bad.every(
      (byte, index) => byte === (index === 31 ? (publicKey[index] as number) & 0x7f : publicKey[index]),
    ),
  )
}
