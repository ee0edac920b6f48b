/** Every limit of the link, in one place. docs/protocol.md says what happens beyond each. */
import { objectBytesMax } from '../object/header.ts'

/** What Hello and Challenge carry. Two sides that speak different versions part at once: nothing is negotiated. */
export const protocolVersion = 1

/** What a stranger may make us hold: a certificate is 3 KiB, founding records with ten admins about 50 KiB. */
export const strangerFrameBytesMax = 64 * 1024
/** All that a stranger may send before it is admitted: three frames and what wraps them. */
export const strangerBytesMax = 3 * strangerFrameBytesMax
/** Everything that carries no object: lists of ids, and one signed envelope, which has at most 1 MiB. */
export const controlFrameBytesMax = 1024 * 1024 + 16 * 1024
/** One object with its tags and lengths. */
export const objectFrameBytesMax = objectBytesMax + 64

/** Ids in one Have: 256 KiB, and 50 ms of look-ups in an embedded catalog. */
export const haveIdsMax = 8192
/** Ids in one Get. More are asked for in further frames, so that memory stays bounded on both sides. */
export const getIdsMax = 256
/** Fields in one control frame; bounds what a decoder allocates for a frame of empty elements. */
export const fieldsMax = 64
/** Trust envelopes in one Welcome: as many as a chain may have. */
export const trustEnvelopesMax = 1024
/** Orders about policy in one frame: more than concern a device that stands as deep in groups as may be. */
export const ordersMax = 32
/** Jobs of one device in one frame: the oldest go first, and the others follow. Each has at most 256 KiB. */
export const jobsMax = 16
/** Records with which a fleet is founded: Trust, keyring, first policy, and room for a few more. */
export const foundingRecordsMax = 16

/** Unacknowledged bytes a session may have in flight: 80 ms at 200 MiB/s. */
export const windowBytes = 16 * 1024 * 1024
/** Unacknowledged frames a session may have in flight. */
export const windowFrames = 256
/** The largest window that a Welcome may offer. */
export const windowFramesMax = 4096
export const windowBytesMax = 256 * 1024 * 1024

/** A handshake that takes longer is cut. */
export const handshakeMs = 5_000
/** How often a silent link is asked whether it lives. */
export const pingMs = 20_000
/** A link from which nothing was heard for this long is dead, whatever the socket says. */
export const silenceMs = 60_000

export const keyIdBytes = 32
export const nonceBytes = 32
export const signatureBytes = 64
export const softwareBytesMax = 128
export const codeBytesMax = 64
export const detailBytesMax = 256
export const payloadTypeBytesMax = 128
export const setupCodeBytesMax = 64
/** Devices or snapshots in one answer: more are asked for page by page, so that no list fills memory. */
export const listMax = 1000

/** A heartbeat's envelope has at most 4 KiB (trust/heartbeat.ts). */
export const heartbeatFrameBytesMax = 4096 + 64
/** Heartbeats come each minute and when something happens; one session may bring one a second. */
export const heartbeatsPerMinute = 60

/** Where a collector takes WebSockets. */
export const linkPath = '/link'
/** Of the `ws` package, on both ends. Compression is off: it would tell the size of secrets, and sealed bytes stay as long. */
export const wsLimits = {
  perMessageDeflate: false,
  maxPayload: objectFrameBytesMax,
  // A frame has two parts at most (outline.ts).
  maxFragments: 4,
  // Pongs must wait for the gap between two frames (frame-writer.ts).
  autoPong: false,
  // Parts of one message as they come out of TLS; a few bytes each on a bad day.
  maxBufferedChunks: 64 * 1024,
  closeTimeout: 5_000,
} as const
