/** A property list in XML as plain values, for tests: objects, lists, texts, numbers, booleans. Throws for anything else. */

const token = /<(\/?)(plist|dict|array|key|string|integer|true|false)\b[^>]*?(\/?)>|([^<]+)/g

export function readPlist(xml: string): unknown {
  const body = xml.replaceAll(/<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>]*>/gs, '')
  const tokens = [...body.matchAll(token)]
  if (tokens.reduce((sum, [text]) => sum + text.length, 0) !== body.length) throw new Error('not a plist')
  const rest = tokens
    .map(([, end = '', name = '', empty = '', text = '']) => ({
      end: end !== '',
      name,
      empty: empty !== '',
      text,
    }))
    .filter(one => one.name !== '' || one.text.trim() !== '')
  let at = 0

  function open(name: string): void {
    const one = rest[at++]
    if (one?.name !== name || one.end) throw new Error(`wanted <${name}> at ${at}`)
  }
  function close(name: string): void {
    const one = rest[at++]
    if (one?.name !== name || !one.end) throw new Error(`wanted </${name}> at ${at}`)
  }
  function text(name: string): string {
    open(name)
    const said = rest[at]?.name === '' ? (rest[at++]?.text ?? '') : ''
    close(name)
    return said
      .replaceAll('&quot;', '"')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&')
  }
  function value(): unknown {
    const { name, empty } = rest[at] ?? { name: '', empty: false }
    switch (name) {
      case 'dict': {
        open('dict')
        const made: Record<string, unknown> = {}
        while (!empty && !rest[at]?.end) {
          const key = text('key')
          if (key in made) throw new Error(`"${key}" stands twice`)
          made[key] = value()
        }
        if (!empty) close('dict')
        return made
      }
      case 'array': {
        open('array')
        const made: unknown[] = []
        while (!empty && !rest[at]?.end) made.push(value())
        if (!empty) close('array')
        return made
      }
      case 'true':
      case 'false':
        open(name)
        return name === 'true'
      case 'integer':
        return Number(text('integer'))
      default:
        return text('string')
    }
  }

  open('plist')
  const made = value()
  close('plist')
  if (at !== rest.length) throw new Error('there is more behind its end')
  return made
}
