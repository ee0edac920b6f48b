/** Frames that carry objects, ask for them and acknowledge them. */
import { idToBytes, joinIds } from '../object/id.ts'
import { type Codecs, finish } from './codec.ts'
import {
  controlFrameBytesMax,
  fieldsMax,
  getIdsMax,
  haveIdsMax,
  objectFrameBytesMax,
  windowFramesMax,
} from './limits.ts'
import { badFrame, bytesField } from './outline.ts'
import { content, idList, integer, list, objectIdOf, sealed, someBytes, someDeviceId } from './reading.ts'
import { backstay } from './wire.pb.js'

const { wire } = backstay
const control = { frameBytesMax: controlFrameBytesMax, fieldsMax }
const object = { frameBytesMax: objectFrameBytesMax, fieldsMax, objectApart: true as const }

export const objectCodecs: Codecs<
  'have' | 'missing' | 'put' | 'stored' | 'get' | 'object' | 'done' | 'publish' | 'published'
> = {
  have: {
    field: 10,
    ...control,
    read: bytes => ({ kind: 'have', ids: idList(wire.Have.decode(bytes).ids, haveIdsMax) }),
    write: ({ ids }) => bytesField(1, joinIds(ids)),
  },
  missing: {
    field: 11,
    ...control,
    read(bytes) {
      const bits = content('answer', wire.Missing.decode(bytes).missing)
      if (bits.length > haveIdsMax / 8) throw badFrame('it answers more than anyone may ask')
      return { kind: 'missing', bits }
    },
    write: ({ bits }) => bytesField(1, bits),
  },
  put: {
    field: 12,
    ...object,
    read: (bytes, object) => ({ kind: 'put', stored: sealed(object ?? wire.Put.decode(bytes).object) }),
    write: ({ stored }) => bytesField(1, stored),
  },
  stored: {
    field: 13,
    frameBytesMax: 5 * windowFramesMax + fieldsMax,
    fieldsMax,
    read: bytes => ({
      kind: 'stored',
      requests: list('requests', wire.Stored.decode(bytes).requests, windowFramesMax),
    }),
    write: ({ requests }) => finish(wire.Stored, { requests: [...requests] }),
  },
  get: {
    field: 14,
    ...control,
    read(bytes) {
      const message = wire.Get.decode(bytes)
      return {
        kind: 'get',
        ids: idList(message.ids, getIdsMax),
        device: someDeviceId('device', message.device),
      }
    },
    write({ ids, device }) {
      return finish(wire.Get, { ids: joinIds(ids), device: device === undefined ? null : idToBytes(device) })
    },
  },
  object: {
    field: 15,
    ...object,
    read(bytes, object) {
      const message = wire.Object.decode(bytes)
      const stored = object ?? someBytes(message.object)
      return {
        kind: 'object',
        index: integer('index', message.index, getIdsMax - 1),
        stored: stored && sealed(stored),
      }
    },
    write({ index, stored }) {
      const head = finish(wire.Object, { index })
      return stored === undefined ? head : [...head, ...bytesField(1, stored)]
    },
  },
  done: {
    field: 16,
    ...control,
    read: bytes => ({ kind: 'done', count: integer('count', wire.Done.decode(bytes).count) }),
    write: ({ count }) => finish(wire.Done, { count }),
  },
  publish: {
    field: 20,
    ...control,
    objectApart: true,
    read: (bytes, object) => ({
      kind: 'publish',
      stored: sealed(object ?? wire.Publish.decode(bytes).object),
    }),
    write: ({ stored }) => bytesField(1, stored),
  },
  published: {
    field: 21,
    ...control,
    read(bytes) {
      const message = wire.Published.decode(bytes)
      return {
        kind: 'published',
        id: objectIdOf('id', message.id),
        receivedAtMs: integer('time', message.receivedAtMs),
      }
    },
    write: ({ id, receivedAtMs }) => finish(wire.Published, { id: idToBytes(id), receivedAtMs }),
  },
}
