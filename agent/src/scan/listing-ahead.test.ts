// What threads are asked for, and in which order, while a walk comes to know more.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { fromUtf8, utf8 } from '@backstay/proto/bytes'
import type { FolderLister, PackedListing } from './listing.ts'
import { listingAhead, type OnTheWay } from './listing-ahead.ts'

interface Question {
  readonly names: readonly string[]
  answer(): Promise<void>
}

/** Folders of a walk that stands still until a test moves it. */
function standing() {
  const stack: OnTheWay[] = []
  const questions: Question[] = []
  const lister: FolderLister = {
    list(_folder, names) {
      const answer = Promise.withResolvers<readonly (PackedListing | undefined)[]>()
      questions.push({
        names: names.map(fromUtf8),
        async answer() {
          answer.resolve(names.map(() => undefined))
          await turn()
        },
      })
      return answer.promise
    },
  }
  const ahead = listingAhead(lister, stack)
  return {
    ahead,
    asked: () => questions.map(({ names }) => names.join('+')),
    answer: (index: number) => questions[index]?.answer(),
    enter(...names: readonly string[]) {
      const subfolders = names.map(name => ({ name: utf8(name) }))
      stack.push({ handle: stack.length, subfolders, next: 0, along: { excludes: undefined, path: '' } })
      for (let folder = 0; folder < 32; folder++) ahead.entered()
    },
  }
}

const letters = [...'abcdefghijklmnopqrst']

test('a few questions are out at a time, and the next one follows an answer', async () => {
  const walk = standing()
  walk.enter(...letters)
  assert.deepEqual(walk.asked(), ['a+b', 'c+d', 'e+f', 'g+h', 'i+j', 'k+l'])
  await walk.answer(2)
  assert.deepEqual(walk.asked().slice(6), ['m+n'])
})

test('what the walk comes to sooner is asked for before what it has known for longer', async () => {
  const walk = standing()
  walk.enter(...letters)
  walk.enter('near', 'nearer')
  await walk.answer(0)
  await walk.answer(1)
  assert.deepEqual(walk.asked().slice(6), ['near+nearer', 'm+n'])
})

test('after its end nothing is asked, whatever is answered', async () => {
  const walk = standing()
  walk.enter(...letters)
  walk.ahead.end()
  await walk.answer(0)
  assert.equal(walk.asked().length, 6)
})
