// The executable for Windows as its user meets it: it enrols, backs up a folder with awkward names to a collector on Linux,
// gives it back, is found by other commands while it runs, and backs up what changes.
import assert from 'node:assert/strict'
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { makeFleet, need } from '../../drills/fleet.ts'
import { jsonOf } from '../../drills/processes.ts'
import { bundle } from '../../release/bundle.ts'
import { makeExecutable } from '../../release/executable.ts'
import { programNamed, targetNamed } from '../../release/programs.ts'
import { builtAgent } from '../built-agent.ts'
import { copyForWine, windowsNode } from '../windows-node.ts'
import { makeWine, onZ, type WineRan } from '../wine.ts'

const wine = await makeWine()
after(() => wine[Symbol.asyncDispose]())
const fleet = await makeFleet()
after(() => fleet[Symbol.asyncDispose]())

const programs = join(wine.drive, 'Program Files/Backstay')
cpSync(builtAgent(), programs, { recursive: true })
const program = join(programs, 'backstay-agent.exe')

/** As the disk names it; people write it in other ways. */
const data = 'C:\\users\\Ada\\data'
const written = 'c:\\Users\\ada\\DATA'
/** A name in that folder, as Linux names it. */
const on = (name: string) => join(wine.drive, 'users/Ada/data', name)
const node = windowsNode()
const trees = onZ(join(import.meta.dirname, '../inside/trees.ts'))
const tree = (deed: 'make' | 'show', folder: string) =>
  wine.run(node.program, [...node.words, trees, deed, folder])
const agent = (...words: readonly string[]) => wine.run(program, words)

async function shown(folder: string): Promise<string[]> {
  const lines = done(await tree('show', folder))
    .out.trim()
    .split('\n')
  assert.ok(lines.length > 30, `${lines.length} entries`)
  return lines
}

function done(ran: WineRan): WineRan {
  assert.equal(ran.code, 0, `${ran.out}${ran.err}`)
  return ran
}

test('it says what it is, and so does Windows', async () => {
  assert.equal(done(await agent('--version')).out, '0.1.0\n')
  const names = ['CompanyName', 'FileDescription', 'OriginalFilename', 'ProductName', 'ProductVersion']
  const script = onZ(join(import.meta.dirname, '../inside/program-version.ts'))
  const asked = await wine.run(node.program, [...node.words, script, onZ(program), ...names])
  assert.deepEqual(jsonOf(done(asked)), {
    CompanyName: 'Backstay',
    FileDescription: 'Backstay agent',
    OriginalFilename: 'backstay-agent.exe',
    ProductName: 'Backstay',
    ProductVersion: '0.1.0',
  })
})

test('made again it is the same', async () => {
  const again = mkdtempSync(join(tmpdir(), 'backstay-again-'))
  try {
    const [made, target] = [programNamed('backstay-agent'), targetNamed('win-x64')]
    const file = makeExecutable(made, target, await bundle(made, '0.1.0'), again)
    copyForWine(file, file)
    assert.ok(readFileSync(file).equals(readFileSync(program)))
  } finally {
    rmSync(again, { recursive: true })
  }
})

test('enrols, backs up an awkward folder, and gives every bit of it back', async () => {
  done(await tree('make', data))
  const token = await fleet.token('--root', written)
  done(await agent('enroll', token, '--name', 'windows-laptop'))
  const first = jsonOf<{ entries: number; unread: object; roots: string[] }>(
    done(await agent('backup', '--json')),
  )
  assert.deepEqual([first.roots, first.unread], [[data], {}])
  const before = await shown(data)
  assert.equal(first.entries, before.length + 4, 'and C:, users, Ada, data')

  const second = jsonOf<{ changed: number }>(done(await agent('backup', '--json')))
  assert.equal(second.changed, 0)

  done(await agent('restore', written, '--to', 'C:\\back'))
  assert.deepEqual(await shown('C:\\back'), before)
})

test('the whole snapshot comes back with a folder for each volume', async () => {
  done(await agent('restore', '--to', 'C:\\whole'))
  assert.deepEqual(await shown('C:\\whole\\C\\users\\Ada\\data'), await shown(data))
})

test('what is there is not replaced, whatever the case of its letters', async () => {
  mkdirSync(join(wine.drive, 'taken'))
  appendFileSync(join(wine.drive, 'taken/PLAIN.TXT'), 'mine')
  const again = jsonOf<{ counts: Record<string, number> }>(
    await agent('restore', `${written}\\plain.txt`, '--to', 'C:\\taken', '--json'),
  )
  assert.equal(again.counts.renamed, 1)
  const listed = done(await tree('show', 'C:\\taken')).out
  assert.match(listed, /"PLAIN\.TXT","file",4,/)
  assert.match(listed, /"plain\.txt \(restored\)","file",5,/)
})

test('an admin on Linux sees the same names, and gets the content', async () => {
  const [device] = jsonOf<{ device: string }[]>(need(await fleet.admin('devices', '--json')))
  const to = fleet.path('on-linux')
  const restored = await fleet.admin('restore', device?.device ?? '', data, '--to', to, '--json')
  const { written, counts } = jsonOf<{ written: number; counts: Record<string, number> }>(restored)
  assert.ok(written > 30, `${written} written: ${restored.err}`)
  assert.deepEqual(counts, { attribute: 1 }, 'permissions of Windows, said once')
  assert.equal(readFileSync(join(to, 'CON'), 'utf8'), 'not a console')
  assert.equal(readFileSync(join(to, 'Übergröße 資料 😀.txt'), 'utf8'), 'unicode')
})

test('a job gives back in its place what is gone, beside what is there, and touches nothing that is in use', async () => {
  const running = wine.start(program, ['run'])
  try {
    await running.says('snapshot stored')
    for (const gone of ['hidden.ini', 'middle.bin', 'AUX']) rmSync(on(gone), { recursive: true })
    writeFileSync(on('CON'), 'mine now')
    writeFileSync(on('desktop.sys'), 'in use')
    const hold = onZ(join(import.meta.dirname, '../inside/hold.ts'))
    await wine.start(node.program, [...node.words, hold, `${data}\\desktop.sys`]).says('held')
    const words = ['windows-laptop', 'restore', data, '--at', '#1', '--in-place', '--yes']
    const job = await fleet.admin('job', 'run', ...words)
    assert.equal(job.code, 0, `${job.out}${job.err}`)
    assert.match(job.out, /restored 6 entries, /)
    for (const name of ['CON', 'desktop.sys'])
      assert.ok(job.out.includes(`beside what is there: ${name} as "${name} (restored)"`), job.out)
    assert.equal(readFileSync(on('CON'), 'utf8'), 'mine now')
    assert.equal(readFileSync(on('desktop.sys'), 'utf8'), 'in use')
    assert.equal(readFileSync(on('desktop.sys (restored)'), 'utf8'), '[y]')
    assert.equal(statSync(on('middle.bin')).size, 300_000)
    assert.deepEqual(readdirSync(on('AUX')), [])
    assert.equal(readFileSync(on('hidden.ini'), 'utf8'), '[x]')
    assert.deepEqual(
      readdirSync(join(wine.drive, 'users/Ada')).filter(name => name.startsWith('.backstay')),
      [],
    )
    const nobodys = await fleet.admin(
      'job',
      'run',
      'windows-laptop',
      'restore',
      'C:\\',
      '--in-place',
      '--yes',
    )
    assert.match(nobodys.err, /not_in_place|lies outside/)
  } finally {
    await wine.endAll()
  }
})

test('a hook that others could change is not run, and the backup goes on', async () => {
  need(await fleet.admin('policy', 'edit', '--set', 'hooks={before: dump}', '--yes'))
  const missing = done(await agent('backup'))
  assert.match(
    `${missing.out}${missing.err}`,
    /"dump" before the backup was not run: there is no "C:\\ProgramData\\Backstay\\etc\\hooks\.d\\dump\.exe" and no/,
  )
  const folder = join(wine.drive, 'ProgramData/Backstay/etc/hooks.d')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'dump.cmd'), '@echo ran> C:\\ran\r\n')
  // wine keeps no permissions: to it this file is whose Linux says.
  const open = done(await agent('backup'))
  assert.match(
    `${open.out}${open.err}`,
    /others than the system and its administrators may change "C:.*dump\.cmd"/,
  )
  assert.ok(!existsSync(join(wine.drive, 'ran')))
  need(await fleet.admin('policy', 'edit', '--unset', 'hooks', '--yes'))
})

test('runs, is asked how it is through its pipe, does a job of an admin, and backs up what changes', async () => {
  const running = wine.start(program, ['run'])
  try {
    await running.says('snapshot stored')
    const status = done(await agent('status'))
    assert.match(status.out, /^protected/m)
    const job = await fleet.admin('job', 'run', 'windows-laptop', 'restore', data, '--yes')
    assert.equal(job.code, 0, `${job.out}${job.err}`)
    const [restored] = readdirSync(join(wine.drive, 'users/Ada/Restored'))
    const back = `C:\\users\\Ada\\Restored\\${restored}`
    assert.ok((await shown(back)).some(line => line.includes('bottom.txt')))
    appendFileSync(join(wine.drive, 'users/Ada/data/plain.txt'), ' again')
    const until = Date.now() + 60_000
    for (;;) {
      const { changed } = jsonOf<{ changed: number }>(await agent('backup', '--json'))
      if (changed === 0 || Date.now() > until) break
    }
    rmSync(join(wine.drive, 'back'), { recursive: true, force: true })
    done(await agent('restore', `${data}\\plain.txt`, '--to', 'C:\\changed'))
    assert.match(done(await tree('show', 'C:\\changed')).out, /"plain\.txt","file",11,/)
  } finally {
    await wine.endAll()
  }
})
