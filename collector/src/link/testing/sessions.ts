/** What tests of the link do with a sample gateway: whole stories, and single frames as an attacker might send them. */
import assert from 'node:assert/strict'
import type { Session } from '@backstay/agent/link/session'
import { nodePrimitives as p } from '@backstay/proto/node'
import type { Frame, Hello } from '@backstay/proto/wire/frame'
import { prove } from '@backstay/proto/wire/handshake'
import { nextFrame } from '@backstay/proto/wire/transport'
import { decodeFrame, encodeFrame, frameBytesMax, joined } from '@backstay/proto/wire/wire'
import { seededRandom } from '../../packs/seeded-random.ts'
import { sampleCommit, sampleEscrow, sampleTree } from '../../testing/sample-objects.ts'
import { laptop, sampleFleet } from '../../testing/sample-vault.ts'
import type { SampleGateway } from './sample-gateway.ts'

const random = seededRandom(7)

/** Enrols, escrows, backs up one tree; returns its objects and the commit. */
export async function backUp(world: SampleGateway, device = laptop) {
  await using session = await world.enroll(device)
  await session.putRecord(await sampleEscrow(sampleFleet, device))
  const tree = await sampleTree(random)
  const ids = tree.objects.map(object => object.id)
  assert.equal((await session.missing(ids)).size, ids.length)
  for (const { id, stored } of tree.objects) await session.put(id, stored)
  const commit = await sampleCommit(sampleFleet, device, tree.root)
  const published = await session.publish(commit.stored)
  assert.equal(published.id, commit.id)
  return { ...tree, commit }
}

/** Speaks frame by frame, as an attacker might. */
export async function handshake(
  world: SampleGateway,
  hello: Hello,
  key: typeof laptop.key,
): Promise<Frame[]> {
  const { client } = world.cable()
  client.allow(frameBytesMax)
  const helloFrame = encodeFrame({ request: 0, body: hello })
  await client.send(helloFrame)
  const first = decodeFrame(await nextFrame(client))
  if (first.body.kind !== 'challenge') return [first]
  const transcript = {
    hello: joined(helloFrame),
    challenge: first.body,
    opening: undefined,
    channelBinding: client.channelBinding,
  }
  const signature = await prove(p, key, transcript)
  await client.send(encodeFrame({ request: 0, body: { kind: 'proof', signature } }))
  const second = decodeFrame(await nextFrame(client))
  client.close()
  return [first, second]
}

/** The client's end of an admitted connection. */
export async function rawSession(
  world: SampleGateway,
  speaker: Hello['speaker'] = 'admin',
  key = sampleFleet.admin,
) {
  const { client } = world.cable()
  client.allow(frameBytesMax)
  const hello = encodeFrame({
    request: 0,
    body: {
      kind: 'hello',
      version: 1,
      speaker,
      fleet: sampleFleet.trust.fleet,
      keyId: await p.sha256(key.publicKey),
      nonce: p.random(32),
      head: undefined,
      trustVersion: 1,
      software: 'test',
      ratchet: undefined,
      witness: undefined,
    },
  })
  await client.send(hello)
  const { body: challenge } = decodeFrame(await nextFrame(client))
  assert.ok(challenge.kind === 'challenge')
  const signature = await prove(p, key, {
    hello: joined(hello),
    challenge,
    opening: undefined,
    channelBinding: client.channelBinding,
  })
  await client.send(encodeFrame({ request: 0, body: { kind: 'proof', signature } }))
  const welcome = decodeFrame(await nextFrame(client)).body
  assert.equal(welcome.kind, 'welcome')
  return { client }
}

/** Why a session ended. */
export async function endOf({ ended }: Session): Promise<unknown> {
  if (!ended.aborted) await new Promise(resolve => ended.addEventListener('abort', resolve, { once: true }))
  return ended.reason
}

/** A second version of Trust, brought by the admin of the first. */
export async function withAdmins(
  world: SampleGateway,
  admins: readonly {
    readonly role: 'policy' | 'restore' | 'enroll' | 'audit'
    readonly key: typeof laptop.key
  }[],
) {
  const { signTrust, verifyTrustChain } = await import('@backstay/proto/trust/trust')
  const { document, payloadHash } = sampleFleet.trust
  const [template] = document.admins
  assert.ok(template)
  const next = {
    ...document,
    version: 2,
    previous: payloadHash,
    admins: [
      ...document.admins,
      ...admins.map(({ role, key }) => ({ ...template, name: role, key: key.publicKey, roles: [role] })),
    ],
  }
  const envelope = await signTrust(p, next, [sampleFleet.owner])
  await using session = await world.admin()
  await session.putRecord(envelope)
  await assert.rejects(session.putRecord(envelope), { code: 'trust_rollback' })
  // Whoever comes with the first version is given the second.
  await using again = await world.admin()
  assert.deepEqual(again.welcome.trust, [envelope])
  return verifyTrustChain(p, [envelope], sampleFleet.trust)
}
