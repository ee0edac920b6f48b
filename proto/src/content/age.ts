/**
 * age files (age-encryption.org/v1), so that a stock `age` opens an escrow or an admin key when Backstay is gone.
 * Recipients are of the post-quantum kind only: the library would also take classic ones, one of which spoils the file.
 */
import { armor, Decrypter, Encrypter, generateHybridIdentity, identityToRecipient } from 'age-encryption'
import { type Bytes, fromUtf8, startsWith, utf8 } from '../bytes.ts'
import { Failure } from '../failure.ts'
import { isHybridRecipient } from '../trust/recipient.ts'

/** `AGE-SECRET-KEY-PQ-1…`, 77 characters. Never logged. */
export type Identity = string

const identityForm = /^AGE-SECRET-KEY-PQ-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}$/
/** age's own default; about one second of work for each guess. */
const scryptLogN = 18
const fileMagic = utf8('age-encryption.org/v1\n')
const armorMagic = utf8('-----BEGIN AGE ENCRYPTED FILE-----')
/** What we keep in age files is a few kilobytes. */
const fileBytesMax = 4 * 1024 * 1024

export function generateIdentity(): Promise<Identity> {
  return generateHybridIdentity()
}

/** The `age1pq1…` of an identity; throws `bad_identity`. */
export async function recipientOf(identity: Identity): Promise<string> {
  requireIdentity(identity)
  try {
    return await identityToRecipient(identity)
  } catch (cause) {
    throw badIdentity(cause)
  }
}

/** Seals for all recipients; throws `bad_recipient` unless each is a well-formed `age1pq1…`. */
export async function sealTo(recipients: readonly string[], bytes: Bytes): Promise<Bytes> {
  if (recipients.length === 0) throw new Failure('bad_recipient', 'there is no one to seal for')
  const encrypter = new Encrypter()
  for (const recipient of recipients) {
    if (!isHybridRecipient(recipient)) {
      throw new Failure(
        'bad_recipient',
        `"${recipient.slice(0, 16)}…" is not a recipient of the kind age1pq1…`,
        {
          hint: 'make an identity with: age-keygen -pq',
        },
      )
    }
    encrypter.addRecipient(recipient)
  }
  return encrypter.encrypt(bytes)
}

/** Throws `not_for_us` when none of the identities fits, `bad_age_file`, `bad_identity`. */
export async function openWith(identities: readonly Identity[], file: Bytes): Promise<Bytes> {
  const decrypter = new Decrypter()
  for (const identity of identities) {
    requireIdentity(identity)
    try {
      decrypter.addIdentity(identity)
    } catch (cause) {
      throw badIdentity(cause)
    }
  }
  return open(decrypter, file, () => new Failure('not_for_us', 'the age file is sealed for someone else'))
}

/** An armored file that a stock `age --decrypt` opens with the passphrase; `logN` is for tests. */
export async function sealWithPassphrase(
  bytes: Bytes,
  passphrase: string,
  logN: number = scryptLogN,
): Promise<Bytes> {
  if (passphrase === '') throw new Failure('bad_passphrase', 'a passphrase must not be empty')
  const encrypter = new Encrypter()
  encrypter.setScryptWorkFactor(logN)
  encrypter.setPassphrase(passphrase)
  return utf8(armor.encode(await encrypter.encrypt(bytes)))
}

/** Armored or not. Throws `wrong_passphrase` or `bad_age_file`. */
export async function openWithPassphrase(file: Bytes, passphrase: string): Promise<Bytes> {
  const decrypter = new Decrypter()
  decrypter.addPassphrase(passphrase)
  return open(
    decrypter,
    dearmor(file),
    () => new Failure('wrong_passphrase', 'the passphrase does not open this file'),
  )
}

async function open(decrypter: Decrypter, file: Bytes, noMatch: () => Failure): Promise<Bytes> {
  if (file.length > fileBytesMax || !startsWith(file, fileMagic)) throw badFile('it does not begin like one')
  try {
    return await decrypter.decrypt(file)
  } catch (cause) {
    // The library has no codes; a test holds it to this sentence.
    if (cause instanceof Error && cause.message.startsWith('no identity matched')) throw noMatch()
    throw badFile('it is damaged', cause)
  }
}

function dearmor(file: Bytes): Bytes {
  if (file.length > fileBytesMax || !startsWith(file, armorMagic)) return file
  try {
    return armor.decode(fromUtf8(file))
  } catch (cause) {
    throw badFile('its armor is damaged', cause)
  }
}

function requireIdentity(identity: Identity): void {
  if (!identityForm.test(identity)) throw badIdentity()
}

function badIdentity(cause?: unknown): Failure {
  return new Failure('bad_identity', 'not an identity of the kind AGE-SECRET-KEY-PQ-1…', { cause })
}

function badFile(why: string, cause?: unknown): Failure {
  return new Failure('bad_age_file', `not an age file: ${why}`, { cause, remedy: 'repair' })
}
