// Every command with what people mistype, forget and mix up: one clear sentence that names the thing, a hint with the next
// step, an exit code that is not 0 (2 when the command line itself is wrong), no stack trace, and nothing lost.
import assert from 'node:assert/strict'
import { chmodSync, cpSync, lchownSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { makeFleet, need, startCollector } from './fleet.ts'
import { runHere } from './here.ts'
import { type Program, run, type StartOptions } from './processes.ts'

/** What is wrong; the program and its words; what stderr must name; the exit code, 1 when it is not given. */
type Row = readonly [
  what: string,
  program: Program,
  words: readonly string[],
  names: RegExp,
  code?: 1 | 2,
  options?: StartOptions,
]

/** nobody */
const unprivileged = 65_534
const isRoot = process.geteuid?.() === 0
const asNobody: StartOptions = isRoot ? { user: unprivileged } : {}

const fleet = await makeFleet()
const otherFleet = await makeFleet()
after(async () => {
  await fleet[Symbol.asyncDispose]()
  await otherFleet[Symbol.asyncDispose]()
})
const home = fleet.path('home')
mkdirSync(home)
writeFileSync(join(home, 'file'), 'content')
const laptop = await fleet.enroll('laptop')
await laptop.backup(home)
const spare = await fleet.token()
const foreign = await otherFleet.token()
const used = await fleet.token()
need(await run('agent', ['enroll', used, '--state', fleet.path('used-by')]))

const at = (name: string) => fleet.path(name)
/** A file where a folder is wanted, a folder that nobody may use, and copies of folders with damage. */
writeFileSync(at('a-file'), 'x')
writeFileSync(at('not-a-kit'), 'some other page')
writeFileSync(at('wrong-passphrase'), 'wrong\n')
writeFileSync(at('empty'), '')
mkdirSync(at('closed'))
symlinkSync('nowhere', at('dangling'))
if (isRoot) lchownSync(at('closed'), unprivileged, unprivileged)
chmodSync(at('closed'), 0o500)
mkdirSync(at('empty-folder'))
for (const [name, file] of [
  ['admin-no-key', 'admin.key.age'],
  ['admin-cut-key', 'admin.key.age'],
  ['admin-cut-fleet', 'fleet.json'],
] as const) {
  cpSync(at('admin'), at(name), { recursive: true })
  const bytes = readFileSync(join(at(name), file))
  writeFileSync(join(at(name), file), name === 'admin-no-key' ? '' : bytes.subarray(0, bytes.length - 20))
}
cpSync(laptop.state, at('laptop-moved'), { recursive: true })

const state = ['--state', laptop.state]
const admin = fleet.adminOptions
const passphrase = ['--passphrase-file', at('passphrase')]
const cut = spare.slice(0, spare.length - 30)
const mistyped = `${spare.slice(0, 60)}${spare[60] === 'A' ? 'B' : 'A'}${spare.slice(61)}`
const byKit = ['--kit', at('admin/recovery-kit.html')]
const newState = ['--state', at('never-made')]
const out = ['--to', at('out')]

const agentRows: readonly Row[] = [
  ['no command', 'agent', [], /Usage: backstay-agent/, 2],
  ['an unknown command', 'agent', ['bakcup'], /unknown command 'bakcup'/, 2],
  ['an unknown option', 'agent', ['backup', '--fast'], /unknown option '--fast'/, 2],
  ['an option without its value', 'agent', ['backup', '--state'], /'--state <dir>' argument missing/, 2],
  ['no token', 'agent', ['enroll', ...newState], /missing required argument 'token'/, 2],
  ['something that is no token', 'agent', ['enroll', 'hello', ...newState], /token/],
  ['a set-up string instead of a token', 'agent', ['enroll', 'backstay-setup:AAAA', ...newState], /token/],
  ['a token cut short', 'agent', ['enroll', cut, ...newState], /token/],
  ['a token with one letter wrong', 'agent', ['enroll', mistyped, ...newState], /token/],
  ['a token that was used up', 'agent', ['enroll', used, ...newState], /used as often as it may be/],
  ['a name of nothing', 'agent', ['enroll', spare, '--name', ' ', ...newState], /a device needs a name/],
  ['a name of two lines', 'agent', ['enroll', spare, '--name', 'a\nb', ...newState], /a device needs a name/],
  ['a second enrolment', 'agent', ['enroll', spare, ...state], /enrolled already/],
  ['a state folder that is a file', 'agent', ['enroll', spare, '--state', at('a-file')], /a-file/],
  ['a state folder below a file', 'agent', ['enroll', spare, '--state', join(at('a-file'), 'x')], /a-file/],
  [
    'a state folder that cannot be written',
    'agent',
    ['enroll', spare, '--state', at('closed')],
    /closed/,
    1,
    asNobody,
  ],
  ...['backup', 'snapshots', 'ls', 'verify', 'status'].map(
    (command): Row => [`${command} before enrolment`, 'agent', [command, ...newState], /not enrolled/],
  ),
  ['restore before enrolment', 'agent', ['restore', ...out, ...newState], /not enrolled/],
  ['a backup of nothing', 'agent', ['backup', '--state', at('used-by'), at('nowhere')], /nowhere/],
  [
    'a variable that is not set',
    'agent',
    ['restore', home, '--to', '', ...state],
    /--to is empty\nhint: .*variable/,
  ],
  [
    'a path that is none',
    'agent',
    ['restore', '', '--to', at('out'), ...state],
    /a path is empty\nhint: .*current folder/,
  ],
  ['a pattern that is none', 'agent', ['backup', home, '--exclude', '', ...state], /exclude|pattern/],
  [
    'a number that is none',
    'agent',
    ['backup', home, '--checkpoint-minutes', 'soon', ...state],
    /checkpoint-minutes.*soon|soon/,
  ],
  [
    'a time that is none',
    'agent',
    ['ls', home, '--at', 'yesterday-ish', ...state],
    /"yesterday-ish" is neither a time/,
  ],
  [
    'a time before the first snapshot',
    'agent',
    ['ls', home, '--at', '2001-01-01', ...state],
    /no snapshot from 2001/,
  ],
  ['a number of no snapshot', 'agent', ['verify', '--at', '#99', ...state], /no snapshot #99/],
  [
    'a path that is not in the snapshot',
    'agent',
    ['ls', at('nowhere'), ...state],
    /nowhere" is not in snapshot #1/,
  ],
  [
    'a relative path that is not in it',
    'agent',
    ['restore', 'no/such', ...out, ...state],
    /no\/such" is not in snapshot/,
  ],
  [
    'a file with Trust that is not there',
    'agent',
    ['trust', at('nowhere'), ...state],
    /there is no file ".*nowhere"/,
  ],
  ['no target', 'agent', ['restore', home, ...state], /required option '--to <dir>'/, 2],
  ['a target that is a file', 'agent', ['restore', home, '--to', at('a-file'), ...state], /a-file/],
  ['a target below a file', 'agent', ['restore', home, '--to', join(at('a-file'), 'x'), ...state], /a-file/],
  [
    'a target that is a dangling link',
    'agent',
    ['restore', home, '--to', at('dangling'), ...state],
    /dangling/,
  ],
]

const adminRows: readonly Row[] = [
  ['no command', 'admin', [], /Usage: backstay/, 2],
  ['an unknown command', 'admin', ['resotre'], /unknown command 'resotre'/, 2],
  ['an unknown option', 'admin', ['devices', '--all'], /unknown option '--all'/, 2],
  ['init without a set-up string', 'admin', ['init', ...passphrase], /required option '--setup <string>'/, 2],
  ...(process.platform === 'linux'
    ? [
        [
          'a folder of an admin that the system denies',
          'admin',
          [
            ...['init', '--setup', setupOf(fleet), '--admin', '/proc/backstay'],
            ...['--unattended', ...passphrase],
          ],
          /\/proc\/backstay/,
        ] as const,
      ]
    : []),
  [
    'a set-up string that is none',
    'admin',
    ['init', '--setup', 'hello', '--admin', at('new'), '--unattended', ...passphrase],
    /set-up/,
  ],
  [
    'a token as set-up string',
    'admin',
    ['init', '--setup', spare, '--admin', at('new'), '--unattended', ...passphrase],
    /set-up/,
  ],
  [
    'a folder of a fleet that is there',
    'admin',
    ['init', '--setup', setupOf(fleet), '--unattended', ...admin],
    /belongs to a fleet already/,
  ],
  [
    'a collector that serves a fleet already',
    'admin',
    ['init', '--setup', setupOf(fleet), '--admin', at('new'), '--unattended', ...passphrase],
    /belongs to a fleet already|set-up code/,
  ],
  [
    'a name that cannot be',
    'admin',
    [
      'init',
      '--setup',
      setupOf(fleet),
      '--fleet',
      ' ',
      '--admin',
      at('new-2'),
      '--unattended',
      ...passphrase,
    ],
    /name of the fleet/,
  ],
  ['no admin folder', 'admin', ['devices', '--admin', at('nowhere'), ...passphrase], /nowhere/],
  ['an admin folder that is a file', 'admin', ['devices', '--admin', at('a-file'), ...passphrase], /a-file/],
  [
    'an admin folder without its key',
    'admin',
    ['devices', '--admin', at('admin-no-key'), ...passphrase],
    /admin\.key\.age/,
  ],
  [
    'an admin key cut short',
    'admin',
    ['devices', '--admin', at('admin-cut-key'), ...passphrase],
    /admin\.key\.age/,
  ],
  [
    'a damaged fleet file',
    'admin',
    ['devices', '--admin', at('admin-cut-fleet'), ...passphrase],
    /fleet\.json/,
  ],
  [
    'a wrong passphrase',
    'admin',
    ['devices', '--admin', at('admin'), '--passphrase-file', at('wrong-passphrase')],
    /passphrase/,
  ],
  [
    'no passphrase and nobody to ask',
    'admin',
    ['devices', '--admin', at('admin')],
    /nobody is here to type it/,
  ],
  [
    'a passphrase file that is not there',
    'admin',
    ['devices', '--admin', at('admin'), '--passphrase-file', at('nowhere')],
    /nowhere/,
  ],
  [
    'an empty passphrase file',
    'admin',
    ['devices', '--admin', at('admin'), '--passphrase-file', at('empty')],
    /empty/,
  ],
  ['a number of uses that is none', 'admin', ['token', '--uses', 'many', ...admin], /--uses.*"many"/],
  ['more days than may be', 'admin', ['token', '--days', '99999', ...admin], /--days.*"99999"/],
  ['a relative root', 'admin', ['token', '--root', 'documents', ...admin], /documents/],
  [
    'an address that is none',
    'admin',
    ['token', '--url', 'http://example.test', ...admin],
    /http:\/\/example\.test/,
  ],
  [
    'a device that is not there',
    'admin',
    ['restore', 'nobodys-laptop', home, ...out, ...admin],
    /no device "nobodys-laptop"/,
  ],
  ['no device at all', 'admin', ['snapshots', ...admin], /missing required argument 'device'/, 2],
  ['a relative path of a device', 'admin', ['ls', 'laptop', 'home', ...admin], /home/],
  [
    'a path that is not in the snapshot',
    'admin',
    ['restore', 'laptop', at('nowhere'), ...out, ...admin],
    /nowhere" is not in snapshot/,
  ],
  [
    'a time that is none',
    'admin',
    ['restore', 'laptop', home, '--at', '#x', ...out, ...admin],
    /"#x" is neither/,
  ],
  [
    'a target that cannot be written',
    'admin',
    ['restore', 'laptop', home, '--to', '/proc/backstay-out', ...admin],
    /backstay-out/,
  ],
  ['an account of nothing', 'admin', ['people', 'add', '', '--role', 'viewer', ...admin], /"" is no account/],
  [
    'a group that is not there',
    'admin',
    ['people', 'add', 'ada', '--role', 'viewer', '--group', 'nobodys', ...byKit, ...admin],
    /there is no group "nobodys"/,
  ],
  [
    'a token of the API that is not there',
    'admin',
    ['api-token', 'remove', 'nobodys', ...byKit, ...admin],
    /there is no token "nobodys"/,
  ],
  [
    'a snapshot to pin that is not there',
    'admin',
    ['pin', 'laptop', '99', ...admin],
    /no snapshot 99 of this device\nhint: list them/,
  ],
  ['a kit that is none', 'admin', ['prove', '--kit', at('not-a-kit'), ...admin], /no recovery kit/],
  [
    "another fleet's kit",
    'admin',
    ['prove', '--kit', otherFleet.path('admin/recovery-kit.html'), ...admin],
    /kit is of fleet/,
  ],
  ...[
    ['admins', 'join'],
    ['admins', 'add', '--role', 'audit', ...byKit],
    ['owners', 'add', ...byKit],
    ['collector-key', 'replace', ...byKit],
    ['alerts', 'verify'],
    ['alerts', 'add-channel', 'hook', '--kind', 'webhook', '--url-file'],
  ].map(
    (words): Row => [
      `${words[0]} ${words[1]} with a file that is not there`,
      'admin',
      [...words, at('nowhere'), ...admin],
      /there is no file ".*nowhere"/,
    ],
  ),
  [
    'packs that are not there',
    'admin',
    ['recover', '--packs', at('nowhere'), '--kit', at('admin/recovery-kit.html'), ...out],
    /nowhere/,
  ],
  [
    'a folder without packs',
    'admin',
    ['recover', '--packs', at('empty-folder'), '--kit', at('admin/recovery-kit.html'), ...out],
    /no packs in ".*empty-folder"/,
  ],
  [
    'a kit that is not there',
    'admin',
    ['recover', '--packs', join(fleet.data, 'packs'), '--kit', at('nowhere'), ...out],
    /nowhere/,
  ],
  [
    'recover to below a file',
    'admin',
    [
      'recover',
      ...['--packs', join(fleet.data, 'packs'), '--kit', at('admin/recovery-kit.html')],
      ...['--to', join(at('a-file'), 'x')],
    ],
    /cannot restore to ".*a-file/,
  ],
  [
    'recover without where to',
    'admin',
    ['recover', '--packs', at('closed'), '--kit', at('not-a-kit')],
    /required option '--to <dir>'/,
    2,
  ],
]

const collectorRows: readonly Row[] = [
  ['no command', 'collector', [], /Usage: backstay-collector/, 2],
  ['an unknown command', 'collector', ['server'], /unknown command 'server'/, 2],
  ['a release that is not named', 'collector', ['release', 'stop'], /missing required argument 'version'/, 2],
  ['no data folder', 'collector', ['serve'], /no data folder is given/, 2],
  [
    'an address that is none',
    'collector',
    ['serve', '--data', at('c2'), '--listen', 'here'],
    /--listen must be HOST:PORT, not "here"/,
    2,
  ],
  [
    'a level that is none',
    'collector',
    ['serve', '--data', at('c2'), '--log-level', 'loud'],
    /--log-level.*"loud"/,
    2,
  ],
  ['a data folder that is a file', 'collector', ['serve', '--data', at('a-file')], /a-file/],
  [
    'a data folder that cannot be written',
    'collector',
    ['serve', '--data', at('closed')],
    /closed/,
    1,
    asNobody,
  ],
  [
    'a data folder of a running collector',
    'collector',
    ['serve', '--data', fleet.data, '--listen', '127.0.0.1:0'],
    /another process works in the data folder/,
  ],
  ...['scrub', 'rebuild'].flatMap((command): Row[] => [
    [
      `${command} of a running collector`,
      'collector',
      [command, '--data', fleet.data],
      /another process works in the data folder/,
    ],
    [`${command} of a folder that is not there`, 'collector', [command, '--data', at('nowhere')], /nowhere/],
    [
      `${command} of a folder that is no collector's`,
      'collector',
      [command, '--data', at('empty-folder')],
      /empty-folder/,
    ],
    [`${command} of nothing`, 'collector', [command], /no data folder is given/, 2],
  ]),
  ...(process.platform === 'linux'
    ? [
        [
          'a data folder that the system denies',
          'collector',
          ['serve', '--data', '/proc/backstay'],
          /\/proc\/backstay/,
        ] as const,
      ]
    : []),
  ['a store that is not there', 'collector', ['check-store', '--data', at('nowhere')], /nowhere/],
]

/** Of each program so many are started as people start them; the rest of the tables runs in this process. */
const asProcesses = 2

const tables = { agent: agentRows, admin: adminRows, collector: collectorRows }
for (const [program, rows] of Object.entries(tables)) {
  // Agents share a state folder, which one at a time owns.
  describe(`bad input for the ${program}`, { concurrency: program === 'agent' ? 1 : 2 }, () => {
    for (const [index, row] of rows.entries()) test(row[0], () => requireRefusal(row, index < asProcesses))
  })
}

describe('bad input that needs a stage', () => {
  test("a token of another fleet's collector enrols there and not here", async () => {
    await otherFleet.collector.end('SIGTERM')
    await requireRefusal(['', 'agent', ['enroll', foreign, ...newState], /cannot reach the collector/])
    // Another collector listens where the token says: its pin is another.
    const impostor = await startCollector({
      data: at('impostor'),
      listen: otherFleet.collector.address,
      logLevel: 'info',
    })
    await requireRefusal(['', 'agent', ['enroll', foreign, ...newState], /pin|key|another/])
    await impostor.end('SIGKILL')
  })

  test('another collector, or none, where the device and the admin expect theirs', async () => {
    const { address } = fleet.collector
    await fleet.collector.end('SIGTERM')
    const rows: readonly Row[] = [
      ['', 'agent', ['backup', home, ...state], /cannot reach the collector at wss:.*/],
      ['', 'admin', ['devices', ...admin], /cannot reach the collector at wss:.*/],
      ['', 'admin', ['overview', ...admin], /no collector of this fleet answers at wss:.*\nhint: check/],
    ]
    for (const row of rows) await requireRefusal(row)
    const impostor = await startCollector({ data: at('impostor-2'), listen: address, logLevel: 'info' })
    for (const [what, program, words] of rows) await requireRefusal([what, program, words, /pin|key|another/])
    await impostor.end('SIGKILL')
    await fleet.startCollector()
  })

  test('a port that is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise(done => server.once('listening', done))
    const { port } = server.address() as { port: number }
    const words = ['serve', '--data', at('c3'), '--listen', `127.0.0.1:${port}`]
    await requireRefusal(['', 'collector', words, new RegExp(`${port}`)])
    server.close()
  })

  test('a catalog that is no database', async () => {
    cpSync(join(fleet.data, 'packs'), join(at('c4'), 'packs'), { recursive: true })
    writeFileSync(join(at('c4'), 'catalog.sqlite'), new Uint8Array(8192).fill(9))
    await requireRefusal([
      '',
      'collector',
      ['serve', '--data', at('c4'), '--listen', '127.0.0.1:0'],
      /catalog/,
    ])
  })

  test('after all of this, the token that was not used still works and nothing is lost', async () => {
    need(await run('agent', ['enroll', spare, '--state', at('spare')]))
    need(await laptop.run('restore', home, '--to', at('intact')))
    assert.equal(readFileSync(at('intact/file'), 'utf8'), 'content')
    assert.throws(() => readFileSync(at('out/file')), 'no mistake wrote a file')
  })
})

async function requireRefusal(row: Row, asProcess = false): Promise<void> {
  const [, program, words, names, code = 1, options] = row
  const isHere = !asProcess && options === undefined
  const ran = await (isHere ? runHere(program, words) : run(program, words, options))
  const said = `exit code ${ran.code}: ${ran.err}`
  assert.equal(ran.code, code, said)
  assert.match(ran.err, names, said)
  assert.doesNotMatch(ran.err, /^\s+at |node:internal|unexpected:/m, said)
  if (words.length === 0) return
  assert.match(ran.err, /^error: [^\n]+$/m, said)
  assert.match(ran.err, /^hint: [^\n]+$/m, said)
  assert.equal(ran.out, '', said)
  for (const secret of [fleet.passphrase, cut]) assert(!ran.err.includes(secret), 'no secret in a message')
}

/** As the collector printed it before the fleet was founded. */
function setupOf({ collector }: typeof fleet): string {
  return collector.setup ?? ''
}
