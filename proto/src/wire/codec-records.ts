/** Frames about records, devices and snapshots, and the refusal of anything. */
import { idToBytes } from '../object/id.ts'
import { type Codecs, finish } from './codec.ts'
import { readObeyed, writeRefused } from './codec-orders.ts'
import {
  codeBytesMax,
  controlFrameBytesMax,
  detailBytesMax,
  fieldsMax,
  heartbeatFrameBytesMax,
  listMax,
  payloadTypeBytesMax,
} from './limits.ts'
import { badFrame, bytesField } from './outline.ts'
import {
  content,
  integer,
  objectIdOf,
  sealed,
  someBytes,
  someDeviceId,
  someObjectId,
  text,
} from './reading.ts'
import { backstay } from './wire.pb.js'

const { wire } = backstay
const control = { frameBytesMax: controlFrameBytesMax, fieldsMax }

export const recordCodecs: Codecs<
  | 'putRecord'
  | 'listRecords'
  | 'record'
  | 'listDevices'
  | 'device'
  | 'listSnapshots'
  | 'snapshot'
  | 'refused'
  | 'heartbeat'
  | 'heard'
> = {
  putRecord: {
    field: 22,
    ...control,
    read: bytes => ({
      kind: 'putRecord',
      envelope: content('record', wire.PutRecord.decode(bytes).envelope),
    }),
    write: ({ envelope }) => bytesField(1, envelope),
  },
  listRecords: {
    field: 23,
    ...control,
    read(bytes) {
      const message = wire.ListRecords.decode(bytes)
      return {
        kind: 'listRecords',
        payloadType: text('payload type', message.payloadType, payloadTypeBytesMax),
        device: someDeviceId('device', message.device),
      }
    },
    write({ payloadType, device }) {
      return finish(wire.ListRecords, {
        payloadType,
        device: device === undefined ? null : idToBytes(device),
      })
    },
  },
  record: {
    field: 24,
    ...control,
    read(bytes) {
      const message = wire.Record.decode(bytes)
      return {
        kind: 'record',
        envelope: content('record', message.envelope),
        id: objectIdOf('id', message.id),
        receivedAtMs: integer('time', message.receivedAtMs),
      }
    },
    write: ({ envelope, id, receivedAtMs }) =>
      finish(wire.Record, { envelope, id: idToBytes(id), receivedAtMs }),
  },
  listDevices: {
    field: 25,
    ...control,
    read(bytes) {
      const message = wire.ListDevices.decode(bytes)
      return {
        kind: 'listDevices',
        after: someDeviceId('device', message.after),
        limit: integer('limit', message.limit, listMax),
      }
    },
    write({ after, limit }) {
      return finish(wire.ListDevices, { after: after === undefined ? null : idToBytes(after), limit })
    },
  },
  device: {
    field: 26,
    // Three envelopes: certificate, grant and newest commit; the heartbeat is small.
    frameBytesMax: 3 * controlFrameBytesMax,
    fieldsMax,
    read(bytes) {
      const message = wire.Device.decode(bytes)
      const obeyed = readObeyed(message)
      return {
        kind: 'device',
        row: {
          obeyed: obeyed && { ...obeyed, atMs: integer('time', message.obeyedAtMs) },
          certificate: content('certificate', message.certificate),
          grant: message.grant,
          enrolledAtMs: integer('time', message.enrolledAtMs),
          lastSeenMs: integer('time', message.lastSeenMs),
          head: someBytes(message.head),
          headReceivedAtMs: integer('time', message.headReceivedAtMs),
          revoked: message.revoked,
          storedBytes: integer('size', message.storedBytes),
          lastCompleteAtMs: integer('time', message.lastCompleteAtMs),
          heartbeat: someBytes(message.heartbeat),
          heardAtMs: integer('time', message.heardAtMs),
          online: message.online,
          onlineSinceMs: integer('time', message.onlineSinceMs),
          revokedAtMs: integer('time', message.revokedAtMs),
          escrowedAtMs: integer('time', message.escrowedAtMs),
          clonedSinceMs: integer('time', message.clonedSinceMs),
        },
      }
    },
    write({ row: { obeyed, head, heartbeat, ...rest } }) {
      return finish(wire.Device, {
        ...rest,
        head: head ?? null,
        heartbeat: heartbeat ?? null,
        standing: obeyed?.standing ?? null,
        refusedOrders: writeRefused(obeyed?.refused ?? []),
        obeyedAtMs: obeyed?.atMs ?? 0,
      })
    },
  },
  listSnapshots: {
    field: 27,
    ...control,
    read(bytes) {
      const message = wire.ListSnapshots.decode(bytes)
      return {
        kind: 'listSnapshots',
        device: someDeviceId('device', message.device),
        limit: integer('limit', message.limit, listMax),
        beforeSequence: integer('sequence', message.beforeSequence),
      }
    },
    write({ device, limit, beforeSequence }) {
      const of = device === undefined ? null : idToBytes(device)
      return finish(wire.ListSnapshots, { device: of, limit, beforeSequence })
    },
  },
  snapshot: {
    field: 28,
    ...control,
    read(bytes) {
      const message = wire.Snapshot.decode(bytes)
      return {
        kind: 'snapshot',
        id: objectIdOf('id', message.id),
        stored: sealed(message.object),
        receivedAtMs: integer('time', message.receivedAtMs),
      }
    },
    write: ({ id, stored, receivedAtMs }) =>
      finish(wire.Snapshot, { id: idToBytes(id), object: stored, receivedAtMs }),
  },
  refused: {
    field: 30,
    ...control,
    read(bytes) {
      const message = wire.Refused.decode(bytes)
      const code = text('code', message.code, codeBytesMax)
      if (!/^[a-z][a-z0-9_]*$/.test(code)) throw badFrame('its code is not a word')
      return {
        kind: 'refused',
        code,
        detail: text('detail', message.detail, detailBytesMax),
        id: someObjectId('id', message.id),
        retryAfterMs: integer('delay', message.retryAfterMs),
      }
    },
    write({ code, detail, id, retryAfterMs }) {
      return finish(wire.Refused, { code, detail, id: id === undefined ? null : idToBytes(id), retryAfterMs })
    },
  },
  heartbeat: {
    field: 31,
    frameBytesMax: heartbeatFrameBytesMax,
    fieldsMax,
    read: bytes => ({
      kind: 'heartbeat',
      envelope: content('heartbeat', wire.Heartbeat.decode(bytes).envelope),
    }),
    write: ({ envelope }) => bytesField(1, envelope),
  },
  heard: {
    field: 32,
    ...control,
    read: bytes => ({
      kind: 'heard',
      receivedAtMs: integer('time', wire.Heard.decode(bytes).receivedAtMs),
    }),
    write: ({ receivedAtMs }) => finish(wire.Heard, { receivedAtMs }),
  },
}
