import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type StatePlace, stateFolder } from './state-folder.ts'

const place = (some: Partial<StatePlace>): StatePlace => ({
  ...{ platform: 'linux', environment: {}, home: '/home/ada', isRoot: false, isSystem: false },
  mayUse: () => false,
  ...some,
})

test("root has the machine's state, everybody else their own", () => {
  assert.equal(stateFolder(place({ isRoot: true })), '/var/lib/backstay-agent')
  assert.equal(stateFolder(place({})), '/home/ada/.local/state/backstay-agent')
  const mac = { platform: 'darwin', home: '/Users/ada' } as const
  assert.equal(stateFolder(place({ ...mac, isRoot: true })), '/Library/Application Support/Backstay/agent')
  assert.equal(stateFolder(place(mac)), '/Users/ada/Library/Application Support/Backstay/agent')
})

test("on Windows the service has the machine's, and so has whoever may use it", () => {
  const windows = {
    platform: 'win32',
    home: 'C:\\Users\\ada',
    environment: { ProgramData: 'D:\\Data', LOCALAPPDATA: 'C:\\Users\\ada\\AppData\\Local' },
  } as const
  assert.equal(stateFolder(place({ ...windows, isSystem: true })), 'D:\\Data\\Backstay\\agent')
  const asked: string[] = []
  const mayUse = (folder: string) => asked.push(folder) > 0
  assert.equal(stateFolder(place({ ...windows, mayUse })), 'D:\\Data\\Backstay\\agent')
  assert.deepEqual(asked, ['D:\\Data\\Backstay\\agent'])
  assert.equal(stateFolder(place(windows)), 'C:\\Users\\ada\\AppData\\Local\\Backstay\\agent')
})
