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

/** What a member says first that knows the first Trust and nothing else. */
export async function helloOf(speaker: Hello['speaker'], key: typeof laptop.key): Promise<Hello> {
  return {
    ...{ kind: 'hello', version: 1, speaker, fleet: sampleFleet.trust.fleet },
    ...{ keyId: await p.sha256(key.publicKey), nonce: p.random(32), head: undefined, trustVersion: 1 },
    ...{ software: 'test', ratchet: undefined, witness: undefined },
  }
}

/** Speaks frame by frame, as an attacker might. Returns the answers: a challenge, if any, and what came behind the proof. */
export async function handshake(
  world: SampleGateway,
  hello: Hello,
  key: typeof laptop.key,
): Promise<Frame[]> {
  const { client, answers } = await shakeHands(world, hello, key)
  client.close()
  return answers
}

/** The client's end of an admitted connection. */
export async function rawSession(
  world: SampleGateway,
  speaker: Hello['speaker'] = 'admin',
  key = sampleFleet.admin,
) {
  const { client, answers } = await shakeHands(world, await helloOf(speaker, key), key)
  assert.equal(answers[1]?.body.kind, 'welcome')
  return { client }
}

async function shakeHands(world: SampleGateway, hello: Hello, key: typeof laptop.key) {
  const { client } = world.cable()
  client.allow(frameBytesMax)
  const said = encodeFrame({ request: 0, body: hello })
  await client.send(said)
  const first = decodeFrame(await nextFrame(client))
  if (first.body.kind !== 'challenge') return { client, answers: [first] }
  const { channelBinding } = client
  const transcript = { hello: joined(said), challenge: first.body, opening: undefined, channelBinding }
  const signature = await prove(p, key, transcript)
  await client.send(encodeFrame({ request: 0, body: { kind: 'proof', signature } }))
  return { client, answers: [first, decodeFrame(await nextFrame(client))] }
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
