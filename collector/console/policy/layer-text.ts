/**
 * A layer of policy as text that people write (YAML) and read:
 *
 *     sets:
 *       home: { presets: [user-folders], roots: [/srv], excludes: ['*.tmp'], share: true }
 *     retention: { within: 30d, daily: 90, weekly: 52, monthly: 36, yearly: 10 }     # or: forever
 *     schedule: every 4h                                                             # or: continuous; or windows
 *     lock: [retention, sets.home]
 *
 * All mistakes are told at once, each with its line and what is allowed.
 */
import { Failure } from '@backstay/proto/failure'
import { keyOf, type LayerSetting, type Setting } from '@backstay/proto/policy/settings'
import { isMap, isScalar, LineCounter, type Pair, parse, parseDocument, stringify, type YAMLMap } from 'yaml'
import { Mistake, readValue, settingNames, writeValue } from './setting-values.ts'

interface Found {
  readonly line: number
  readonly why: string
}

/** Throws `bad_policy_file` with all mistakes. `name`: of the file, for the message. */
export function parseLayer(text: string, name: string): LayerSetting[] {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  const found: Found[] = document.errors.map(error => ({
    line: lines.linePos(error.pos[0]).line,
    why: error.message,
  }))
  const settings: { readonly line: number; readonly setting: Setting }[] = []
  const locks: { readonly line: number; readonly key: string }[] = []
  const lineOf = (pair: Pair) => {
    const range = isScalar(pair.key) ? pair.key.range : undefined
    return range ? lines.linePos(range[0]).line : 1
  }
  const attempt = (line: number, deed: () => void) => {
    try {
      deed()
    } catch (error) {
      if (!(error instanceof Mistake)) throw error
      found.push({ line, why: error.message })
    }
  }
  const take = (pair: Pair, key: string) =>
    attempt(lineOf(pair), () => settings.push({ line: lineOf(pair), setting: readValue(key, plain(pair)) }))

  if (document.contents !== null && !isMap(document.contents)) {
    found.push({ line: 1, why: `a layer is a list of settings: ${settingNames.join(', ')}` })
  }
  for (const pair of found.length === 0 ? pairsOf(document.contents) : []) {
    const key = String(isScalar(pair.key) ? pair.key.value : '')
    if (key === 'lock') {
      const named = plain(pair)
      const keys = Array.isArray(named) ? named.map(String) : typeof named === 'string' ? [named] : []
      for (const one of keys) locks.push({ line: lineOf(pair), key: one })
      if (keys.length === 0)
        found.push({
          line: lineOf(pair),
          why: '"lock" is a list of settings, such as [retention, sets.home]',
        })
    } else if (key === 'sets') {
      if (!isMap(pair.value))
        found.push({ line: lineOf(pair), why: '"sets" names backup sets, such as home: { roots: [~] }' })
      for (const set of pairsOf(pair.value))
        take(set, `sets.${String(isScalar(set.key) ? set.key.value : '')}`)
    } else take(pair, key)
  }
  for (const { line, key } of locks) {
    if (settings.some(one => keyOf(one.setting) === key)) continue
    found.push({ line, why: `"${key}" cannot be locked: this layer does not set it` })
  }
  if (found.length > 0) throw badFile(name, found)
  const locked = new Set(locks.map(one => one.key))
  return settings.map(({ setting }) => ({ ...setting, locked: locked.has(keyOf(setting)) }))
}

/** One `KEY=VALUE` of a command line; the value is YAML too. Throws `bad_setting`. */
export function parseSetting(text: string): Setting {
  const at = text.indexOf('=')
  if (at <= 0) throw badSetting(`"${text}" is not of the form KEY=VALUE`)
  try {
    return readValue(text.slice(0, at), parse(text.slice(at + 1)) as unknown)
  } catch (error) {
    if (error instanceof Mistake || (error instanceof Error && error.name === 'YAMLParseError')) {
      throw badSetting(error.message)
    }
    throw error
  }
}

/** What `parseLayer` takes back. */
export function layerText(settings: readonly LayerSetting[], about: readonly string[] = []): string {
  const content: Record<string, unknown> = {}
  const sets: Record<string, unknown> = {}
  for (const setting of settings) {
    if (setting.kind === 'backupSet') sets[setting.value.name] = writeValue(setting)
    else content[setting.kind] = writeValue(setting)
  }
  const lock = settings.filter(one => one.locked).map(keyOf)
  const all = {
    ...(Object.keys(sets).length > 0 && { sets }),
    ...content,
    ...(lock.length > 0 && { lock }),
  }
  const comment = about.map(line => `# ${line}\n`).join('')
  return comment + (Object.keys(all).length === 0 ? '' : stringify(all, { lineWidth: 100 }))
}

function pairsOf(node: unknown): Pair[] {
  return isMap(node) ? [...(node as YAMLMap).items] : []
}

function plain(pair: Pair): unknown {
  const { value } = pair
  if (value === null || value === undefined) return null
  return typeof value === 'object' && 'toJSON' in value && typeof value.toJSON === 'function'
    ? (value.toJSON() as unknown)
    : value
}

function badFile(name: string, found: readonly Found[]): Failure {
  const lines = found
    .toSorted((a, b) => a.line - b.line)
    .map(({ line, why }) => `  line ${line}: ${why}`)
    .join('\n')
  const count = found.length === 1 ? 'a mistake' : `${found.length} mistakes`
  return new Failure('bad_policy_file', `"${name}" has ${count}; nothing was signed\n${lines}`, {
    hint: 'mend it and run the same command again; backstay policy show prints a layer in this form',
  })
}

function badSetting(why: string): Failure {
  return new Failure('bad_setting', why, { hint: `settings are ${settingNames.join(', ')}` })
}
