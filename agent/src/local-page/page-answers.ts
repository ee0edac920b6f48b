/**
 * What an employee's page is told, question by question. The policy decides what is offered, and again what is done: who asks without
 * the page is refused all the same, by the running agent (pauses) or before anything is fetched (restores).
 */
import { homedir } from 'node:os'
import { goneFrom, listFolder } from '@backstay/proto/content/archive/folder'
import { type OpenedArchive, snapshotNumbered } from '@backstay/proto/content/archive/opened'
import { nameText, shownText } from '@backstay/proto/content/archive/shown-text'
import type { Snapshot } from '@backstay/proto/content/archive/snapshots'
import { versionsOf } from '@backstay/proto/content/archive/versions'
import { componentsOf } from '@backstay/proto/content/map/absolute-path'
import { Failure } from '@backstay/proto/failure'
import { visible } from '@backstay/proto/policy/places'
import { decodeCertificate } from '@backstay/proto/trust/certificate'
import { decodeEnvelope } from '@backstay/proto/trust/envelope'
import type { Agent } from '../agent.ts'
import { askOwner } from '../local/ask-owner.ts'
import { obeyedNow } from '../policy/obeyed-now.ts'
import { isRun, toldStatus } from '../service/told-status.ts'
import { suggestedFolder, typedFolder } from './new-folder.ts'
import type { OwnBackups } from './own-backups.ts'
import { type Asked, minutesAsked, momentAsked, pathAsked, textAsked } from './page-questions.ts'
import type { PageRestore } from './page-restore.ts'
import {
  childrenShape,
  folderShape,
  foundShape,
  momentsShape,
  rootShape,
  versionsShape,
} from './page-shapes.ts'

export interface PageAnswers {
  /** Undefined: nobody asks that. */
  of(question: string): ((asked: Asked) => Promise<unknown>) | undefined
}

export interface AnswerTools {
  readonly agent: Agent
  readonly backups: OwnBackups
  readonly restore: PageRestore
  readonly home?: string
}

/** What people pause for; a policy may allow less. */
const pauseMinutesUsual = 60
const foundMax = 200

export function pageAnswers({ agent, backups, restore, home = homedir() }: AnswerTools): PageAnswers {
  const { clock, state, identity } = agent

  async function stateNow() {
    const { sentence, standing, working } = await toldStatus(agent)
    // As the help desk knows it; the machine may be called otherwise.
    const { name } = decodeCertificate(decodeEnvelope(identity.certificate).payload)
    const { values } = (await obeyedNow(agent)).policy
    const run = isRun(working) ? working : undefined
    const sets = values.backupSets.flatMap(({ presets, roots }) => [
      ...presets.map(name => `preset ${name}`),
      ...roots.map(visible),
    ])
    return {
      ...{ sentence, standing, device: shownText(name), nowMs: clock.now() },
      waiting: run?.waiting,
      unprotectedSinceMs: run?.unprotectedSinceMs,
      pausedUntilMs: run?.waiting === 'paused' ? run.pausedUntilMs : undefined,
      // What the agent watches is the policy with homes filled in.
      roots: run === undefined || run.watch.length === 0 ? sets : run.watch.map(one => shownText(one.path)),
      troubles: [...(run?.flags ?? []).map(({ path, why }) => ({ path: shownText(path), why }))],
      unread: run?.unread ?? 0,
      alarms: (run?.alarms ?? []).map(shownText),
      mayRestore: values.mayRestore,
      pauseMinutes: run === undefined ? 0 : Math.min(pauseMinutesUsual, values.pauseMinutesMax),
    }
  }

  const answers: Readonly<Record<string, (asked: Asked) => Promise<unknown>>> = {
    state: stateNow,
    async pause(asked) {
      await toldRunning({ ask: 'pause', forMs: minutesAsked(asked) * 60_000 })
      return stateNow()
    },
    async resume() {
      await toldRunning({ ask: 'resume' })
      return stateNow()
    },
    moments: () =>
      backups.with(async ({ snapshots }) => {
        const [newest] = snapshots
        const roots = (newest?.body.roots ?? []).map(root => rootShape(componentsOf(root), root))
        return { ...momentsShape(snapshots), roots }
      }),
    folder: asked =>
      backups.with(async archive => {
        const [snapshot, path] = [chosen(archive, asked), pathAsked(asked)]
        return folderShape(snapshot, path, await listFolder(archive, snapshot, path))
      }),
    gone: asked =>
      backups.with(async archive => {
        const path = pathAsked(asked)
        const gone = await goneFrom(archive, chosen(archive, asked), path)
        return childrenShape(path, gone, false, archive.snapshots)
      }),
    async find(asked) {
      const words = textAsked(asked, 'words')
      const search = await backups.search()
      const { found, isCut } = search.find(words, foundMax)
      return backups.with(async ({ snapshots }) => ({
        found: found.map(one => foundShape(one, snapshots)),
        ...{ isCut, names: search.names, lost: search.lost },
      }))
    },
    versions: asked =>
      backups.with(async archive => {
        const path = pathAsked(asked)
        return versionsShape(path, await versionsOf(archive, path))
      }),
    async suggest(asked) {
      const name = nameText(pathAsked(asked).at(-1) ?? new Uint8Array())
      return { to: suggestedFolder(home, name, clock.now()) }
    },
    async restore(asked) {
      const sequence = momentAsked(asked)
      if (sequence === undefined) throw new Failure('bad_question', 'a restore is of one moment')
      const to = typedFolder(home, textAsked(asked, 'to'))
      await restore.begin({ path: pathAsked(asked), sequence, to })
      return restore.now
    },
    restoring: async () => restore.now,
    async stop() {
      restore.stop()
      return restore.now
    },
  }

  async function toldRunning(question: Parameters<typeof askOwner>[1]): Promise<void> {
    if ((await askOwner(state, question)) !== undefined) return
    throw new Failure('not_running', 'no agent runs on this machine: there is nothing to pause', {
      hint: 'start it: backstay-agent run',
    })
  }

  return { of: question => (Object.hasOwn(answers, question) ? answers[question] : undefined) }
}

function chosen(archive: OpenedArchive, asked: Asked): Snapshot {
  const sequence = momentAsked(asked)
  if (sequence !== undefined) return snapshotNumbered(archive, sequence)
  const newest = archive.snapshots.find(one => one.commit.complete) ?? archive.snapshots[0]
  if (newest !== undefined) return newest
  throw new Failure('no_snapshot', 'nothing was backed up yet', {
    hint: 'the first backup begins by itself when the agent runs',
  })
}
