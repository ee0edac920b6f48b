/** The recovery kit as one page to print: no script, nothing loaded from anywhere. It holds the keys to everything. */
import {
  fingerprintOf,
  type Kit,
  type KitLine,
  kitCheckWords,
  kitGroups,
  kitLines,
  type OwnerPaper,
} from '@backstay/proto/content/kit'
import type { Primitives } from '@backstay/proto/primitives'
import { qrSvg } from './qr.ts'

export interface KitPage {
  /** Without its third line: an owner's paper. */
  readonly kit: Kit | OwnerPaper
  readonly fleetName: string
  readonly adminName: string
  readonly urls: readonly string[]
  /** It takes the place of another kit of this fleet. */
  readonly replaces?: boolean
  readonly madeAtMs: number
}

const meaning: Readonly<Record<KitLine['number'], string>> = {
  1: 'says which fleet this kit belongs to; not a secret',
  2: 'signs who may command and who may read',
  3: 'opens the keys of every device, and so every backup',
}

export async function kitPage(p: Primitives, page: KitPage): Promise<string> {
  const words = await kitCheckWords(p, page.kit)
  const rows = await Promise.all(kitLines(page.kit).map(row))
  const day = new Date(page.madeAtMs).toISOString().slice(0, 10)
  const reads = 'identity' in page.kit
  const title = `${reads ? 'Recovery kit' : 'Owner key'} of ${escaped(page.fleetName)}`
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${style}</style>
<h1>${title}</h1>
<p>Made on ${day} by ${escaped(page.adminName)}. Fleet <b>${fingerprintOf(page.kit.fleet)}</b></p>
${reads ? kitWarning : ownerWarning}
${page.replaces === true ? replacesText : ''}${rows.join('\n')}
<p>Check words: <b>${words.join(' ')}</b></p>
${reads ? recoverText : ''}<p>Collectors when this page was made: ${page.urls.map(url => `<code>${escaped(url)}</code>`).join(', ')}</p>
</html>
`
}

const kitWarning = `<p class="warning">Whoever holds this page can read every backup of this fleet and command its devices. Print it twice,
  keep each in a safe of its own, then delete the file. Nobody can make it again: without it and without any admin
  key, the backups cannot be read, by anyone.</p>`

const ownerWarning = `<p class="warning">Whoever holds this page can sign as an owner of this fleet, with as many others as must. It reads no backup. Print
  it, keep it in a safe of your own, then delete the file.</p>`

const recoverText = `<h2>To recover</h2>
<ol>
  <li>Install Backstay on a machine that you trust.</li>
  <li>Get hold of the collector's <code>packs</code> folder, or of any copy of it; the rest of the collector is not needed.</li>
  <li>Type the three lines above into a text file; capitals, spaces and line breaks do not matter.</li>
  <li>Run <code>backstay recover --packs FOLDER --kit FILE --to FOLDER</code></li>
</ol>
<p>The third line is an identity for <code>age</code> (age-encryption.org), version 1.3 or newer: even without Backstay
  it opens the escrow of each device.</p>
`

const replacesText = `<p>It takes the place of the kit that was made before. Keep that one, too, until <code>backstay kit</code> names no device
  that is still under it; then destroy it.</p>
`

async function row(line: KitLine): Promise<string> {
  const { prefix, groups } = kitGroups(line)
  return `<section>
  <div class="code">${await qrSvg(line.text)}</div>
  <div><h3>Line ${line.number}: ${line.name}</h3><p>${meaning[line.number]}</p>
  <p class="key">${prefix} ${groups.map(group => `<span>${group}</span>`).join(' ')}</p></div>
</section>`
}

const style = `
body { font: 11pt/1.4 Georgia, serif; max-width: 44em; margin: 2em auto; padding: 0 1em; color: #000; background: #fff }
h1 { font-size: 1.5em } h2 { font-size: 1.2em } h3 { margin: 0; font-size: 1em }
section { display: flex; gap: 1em; align-items: center; margin: 1em 0; break-inside: avoid }
section p { margin: .2em 0 }
.code svg { width: 34mm; height: 34mm }
.key, code { font: 10.5pt/1.6 "DejaVu Sans Mono", Consolas, Menlo, monospace }
.key span { margin-right: .5em }
.warning { border: 2px solid #000; padding: .6em }
`

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
}
