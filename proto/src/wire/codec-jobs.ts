/** Jobs on their way to a device, and how they go. */
import { deviceId, deviceIdBytes, idToBytes } from '../object/id.ts'
import { type Codecs, finish } from './codec.ts'
import { controlFrameBytesMax, fieldsMax, jobsMax, objectFrameBytesMax } from './limits.ts'
import { bytesOf, integer, list } from './reading.ts'
import { backstay } from './wire.pb.js'

const { wire } = backstay
const control = { frameBytesMax: controlFrameBytesMax, fieldsMax }
const jobIdBytes = 16

export const jobCodecs: Codecs<'jobs' | 'jobProgress' | 'askProgress'> = {
  jobs: {
    field: 35,
    frameBytesMax: objectFrameBytesMax,
    fieldsMax,
    read: bytes => ({ kind: 'jobs', envelopes: list('jobs', wire.Jobs.decode(bytes).envelopes, jobsMax) }),
    write: ({ envelopes }) => finish(wire.Jobs, { envelopes: [...envelopes] }),
  },
  jobProgress: {
    field: 36,
    ...control,
    read(bytes) {
      const message = wire.JobProgress.decode(bytes)
      return {
        kind: 'jobProgress',
        job: bytesOf('job', message.job, jobIdBytes),
        entries: integer('count', message.entries),
        bytes: integer('size', message.bytes),
        heardAtMs: integer('time', message.heardAtMs),
      }
    },
    write: ({ kind: _, ...message }) => finish(wire.JobProgress, message),
  },
  askProgress: {
    field: 37,
    ...control,
    read(bytes) {
      const message = wire.AskProgress.decode(bytes)
      return {
        kind: 'askProgress',
        device: deviceId(bytesOf('device', message.device, deviceIdBytes)),
        job: bytesOf('job', message.job, jobIdBytes),
      }
    },
    write: ({ device, job }) => finish(wire.AskProgress, { device: idToBytes(device), job }),
  },
}
