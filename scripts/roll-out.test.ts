// What docs/roll-out.md gives people to paste names the packages, paths and services that there are.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { preferencesDomain, tokenKey } from '@backstay/agent/enrolment/managed-preferences'
import { credentialName, tokenName } from '@backstay/agent/enrolment/token-sources'
import { settingsFolder } from '@backstay/agent/system/settings-folder'
import { tokenPrefix } from '@backstay/proto/trust/token'
import { parse } from 'yaml'
import { products } from './package/products.ts'
import { readPlist } from './testing/plist.ts'

const top = join(import.meta.dirname, '..')
const read = (...path: string[]) => readFileSync(join(top, ...path), 'utf8')
const page = read('docs/roll-out.md')
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, text = '']) => text)

const agent = products.find(({ name }) => name === 'backstay-agent')
const places = { environment: {}, isRoot: true, home: '/root' }
const tokenAt = (platform: NodeJS.Platform) => settingsFolder({ ...places, platform })

test('Ansible and cloud-init install the package, lay the token where root’s agent looks, and start its service', () => {
  const [playbook, userData, ...more] = blocks('yaml').map(text => parse(text))
  assert.deepEqual(more, [])
  const [play] = playbook
  const task = (name: string) => play.tasks.find((one: object) => name in one)?.[name]
  const copy = task('ansible.builtin.copy')
  assert.deepEqual([copy.dest, copy.mode, copy.owner], [`${tokenAt('linux')}/${tokenName}`, '0600', 'root'])
  assert.ok(play.tasks.every((one: { no_log?: boolean }) => !('ansible.builtin.copy' in one) || one.no_log))
  assert.equal(task('ansible.builtin.package').name, agent?.name)
  assert.equal(task('ansible.builtin.service').name, agent?.name)
  assert.equal(task('ansible.builtin.file').path, agent?.settings?.folder)

  const [file] = userData.write_files
  assert.deepEqual([file.path, file.permissions], [`${tokenAt('linux')}/${tokenName}`, '0600'])
  assert.ok(file.content.startsWith(tokenPrefix))
  assert.deepEqual(userData.packages, [agent?.name])
  assert.deepEqual(userData.runcmd, [['systemctl', 'enable', '--now', agent?.name]])
  assert.ok(existsSync(join(top, `installers/linux/${agent?.name}.service`)))
  assert.match(
    read('installers/linux/backstay-agent.service'),
    new RegExp(`^LoadCredential=${credentialName}$`, 'm'),
  )
})

test('macOS and Windows get the token where the machine’s agent looks', () => {
  assert.ok(page.includes(`folder='${tokenAt('darwin')}'`))
  assert.ok(page.includes('umask 077'))
  assert.ok(page.includes(`${tokenAt('win32')}\\${tokenName}`))
  const made = read('installers/msi/agent.wxs')
  assert.match(made, /Id="MsiHiddenProperties" Value="BACKSTAY_TOKEN[";]/)
  assert.match(made, /Name="BackstayAgent"/)
})

test('the profile for Macs gives Full Disk Access to the program as it is signed, and to nothing else', () => {
  const profile = readPlist(read('installers/macos/full-disk-access.mobileconfig')) as {
    PayloadType: string
    PayloadContent: { PayloadType: string; Services: Record<string, Record<string, unknown>[]> }[]
  }
  assert.equal(profile.PayloadType, 'Configuration')
  const [payload, ...more] = profile.PayloadContent
  assert.deepEqual(more, [])
  assert.equal(payload?.PayloadType, 'com.apple.TCC.configuration-profile-policy')
  assert.deepEqual(Object.keys(payload?.Services ?? {}), ['SystemPolicyAllFiles'])
  const [rule, ...others] = payload?.Services.SystemPolicyAllFiles ?? []
  assert.deepEqual(others, [])
  const identifier = String(rule?.Identifier)
  assert.equal(rule?.Authorization, 'Allow')
  assert.match(
    String(rule?.CodeRequirement),
    new RegExp(`^identifier "${identifier}" and anchor apple generic and .*TEAM_ID`),
  )
  assert.ok(read('installers/macos/build-pkg.sh').includes(`--identifier ${identifier} `), 'as it is signed')
})

test('the profile with a token for Macs sets what the agent looks for, and nothing else', () => {
  const profile = readPlist(read('installers/macos/enrolment-token.mobileconfig')) as {
    PayloadScope: string
    PayloadContent: Record<string, unknown>[]
  }
  assert.equal(profile.PayloadScope, 'System')
  const [payload = {}, ...more] = profile.PayloadContent
  assert.deepEqual(more, [])
  assert.equal(payload.PayloadType, preferencesDomain)
  assert.deepEqual(
    Object.keys(payload).filter(key => !key.startsWith('Payload')),
    [tokenKey],
  )
  assert.ok(page.includes('enrolment-token.mobileconfig'))
})
