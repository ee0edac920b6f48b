// The employee's page. Everything that comes from names is put in as text, never as markup.

const byId = id => document.getElementById(id)
const stateEveryMs = 10_000
const restoringEveryMs = 400

/** What is shown: a folder at a moment (`at` undefined: the newest), or what was found. Kept in the history, not in the address. */
let view = { kind: 'folder', path: undefined, at: undefined }
let mayRestore = false
/** Answers of a view that was left meanwhile are dropped. */
let turn = 0

// Asking

async function ask(question, asked = {}) {
  let response
  try {
    response = await fetch(`/local/v1/${question}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(asked),
    })
  } catch {
    ended('This page has ended', 'Open it again with: backstay-agent open')
    throw new Error('This page has ended. Open it again with: backstay-agent open')
  }
  const told = await response.json()
  if (response.ok) return told
  if (response.status === 401) ended('This page is not open here', capital(told.detail))
  throw new Error(
    told.hint === undefined ? capital(told.detail) : `${capital(told.detail)}. ${capital(told.hint)}`,
  )
}

/** The word behind # opens the page once; then a cookie does. */
async function enter() {
  const word = new URLSearchParams(location.hash.slice(1)).get('enter')
  if (word === null) return
  history.replaceState(null, '', '/')
  await fetch('/local/v1/enter', { method: 'POST', body: word }).catch(() => undefined)
}

// Words

const capital = text => text.charAt(0).toUpperCase() + text.slice(1)
const time = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' })
const day = new Intl.DateTimeFormat(undefined, {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
})
const count = (number, one, many = `${one}s`) => `${number.toLocaleString()} ${number === 1 ? one : many}`

function size(bytes) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let [value, unit] = [bytes, 0]
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024
  return unit === 0 ? `${bytes} B` : `${value.toFixed(1)} ${units[unit]}`
}

/** `at risk: /home is empty; …` → `at risk`, `/home is empty; …` */
function halves(sentence) {
  const at = /[:;] /.exec(sentence)?.index
  return at === undefined ? [sentence, undefined] : [sentence.slice(0, at), sentence.slice(at + 2)]
}

/** What happens next, by why it waits. */
const goesOn = {
  battery: 'It goes on by itself once this machine is plugged in or charged.',
  metered: 'It goes on by itself once this machine is in another network.',
  offline: 'It goes on by itself once the collector answers. What changes until then is kept in mind.',
  failed: 'It tries again by itself. If it stays so, tell your admin what stands here.',
}

// Drawing

function make(tag, properties = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(properties)) {
    if (name in made) made[name] = value
    else made.setAttribute(name, value)
  }
  made.append(...children.filter(child => child !== undefined))
  return made
}

function show(element, text) {
  element.hidden = text === undefined || text === ''
  if (element.textContent !== (text ?? '')) element.textContent = text ?? ''
}

const drawings = {
  folder:
    'M2 4.5 A1.5 1.5 0 0 1 3.5 3 H7 L9 5 H14.5 A1.5 1.5 0 0 1 16 6.5 V13.5 A1.5 1.5 0 0 1 14.5 15 H3.5 A1.5 1.5 0 0 1 2 13.5 Z',
  file: 'M4 2 H10.5 L14 5.5 V16 H4 Z M10.5 2 V5.5 H14',
}

function icon(kind) {
  const name = kind === 'folder' ? 'folder' : 'file'
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
  path.setAttribute('d', drawings[name])
  for (const [key, value] of [
    ['viewBox', '0 0 18 18'],
    ['class', name],
    ['aria-hidden', 'true'],
  ])
    svg.setAttribute(key, value)
  svg.append(path)
  return svg
}

// How this machine is protected

async function lookAtState() {
  if (document.visibilityState !== 'visible') return
  try {
    drawState(await ask('state'))
  } catch (error) {
    if (byId('hero').dataset.standing !== 'ended') show(byId('since'), error.message)
  }
}

function drawState(state) {
  const { sentence, standing, device, waiting, pausedUntilMs } = state
  byId('hero').dataset.standing = standing
  // The same sentence as of `backstay-agent status`, in two lines when it says more than how well.
  const [first, rest] = halves(sentence)
  show(byId('sentence'), capital(first))
  show(byId('since'), rest && capital(rest))
  show(byId('why'), goesOn[waiting])
  document.title = `${capital(first)} – Backstay`
  byId('device').textContent = device
  drawPause(pausedUntilMs, state.pauseMinutes)
  drawCovered(state)
  const changed = mayRestore !== state.mayRestore
  mayRestore = state.mayRestore
  byId('leaves').hidden = mayRestore
  if (changed) void drawView()
  // Once there is a way to the collector again, or a first backup.
  if (byId('back').hidden || isOpened || waiting === 'offline') return
  void openBack()
}

function drawPause(pausedUntilMs, minutes) {
  const button = byId('pause')
  const isPaused = pausedUntilMs !== undefined
  button.hidden = !isPaused && minutes === 0
  button.textContent = isPaused
    ? 'Resume now'
    : minutes === 60
      ? 'Pause for an hour'
      : `Pause for ${count(minutes, 'minute')}`
  button.onclick = async () => {
    button.disabled = true
    show(byId('pause-trouble'))
    try {
      drawState(await ask(isPaused ? 'resume' : 'pause', { minutes }))
    } catch (error) {
      show(byId('pause-trouble'), error.message)
    }
    button.disabled = false
  }
}

const flags = {
  missing: 'is not there',
  unmounted: 'looks like a disk that is not mounted',
  emptied: 'is empty',
  shrunk: 'has lost most of what was in it',
}

function drawCovered({ roots, troubles, unread, alarms }) {
  byId('covered').hidden = false
  const of = new Map(troubles.map(one => [one.path, flags[one.why]]))
  byId('roots').replaceChildren(
    ...roots.map(root =>
      make('li', of.has(root) ? { className: 'mind' } : {}, of.has(root) ? `${root} ${of.get(root)}` : root),
    ),
  )
  if (roots.length === 0)
    byId('roots').append(make('li', {}, 'nothing: no policy names a folder of this machine'))
  show(
    byId('unread'),
    unread === 0
      ? undefined
      : `${count(unread, 'file')} could not be read in the last backup; your admin sees which.`,
  )
  byId('alarms').hidden = alarms.length === 0
  byId('alarms').replaceChildren(...alarms.map(alarm => make('li', {}, capital(alarm))))
}

function ended(title, text) {
  byId('hero').dataset.standing = 'ended'
  show(byId('sentence'), title)
  show(byId('since'), text)
  for (const id of ['why', 'pause', 'covered', 'back', 'privacy']) byId(id).hidden = true
  if (byId('file').open) byId('file').close()
}

// Folders, and what was found

let moments = []
let isOpened = false

async function openBack() {
  byId('back').hidden = false
  byId('privacy').hidden = false
  show(byId('told'), 'Opening your backups …')
  try {
    const told = await ask('moments')
    moments = told.moments
    isOpened = moments.length > 0
    byId('ways').hidden = !isOpened
    show(byId('trouble'))
    drawMoments()
    if (!isOpened)
      return show(byId('told'), 'Nothing was backed up yet. As soon as something is, it can be found here.')
    // One root is where people look; of several, the volume leads to each.
    const start = told.roots.length === 1 ? told.roots[0].key : undefined
    view = history.state ?? { kind: 'folder', path: start ?? volumeKey, at: undefined }
    history.replaceState(view, '')
    await drawView()
  } catch (error) {
    failed(error)
  }
}

/** The key of `/`. */
const volumeKey = 'AC8'

function go(next) {
  view = next
  history.pushState(view, '')
  void drawView()
}

function drawMoments() {
  const select = byId('moment')
  const groups = new Map()
  for (const { sequence, atMs } of moments) {
    const name = day.format(atMs)
    if (!groups.has(name)) groups.set(name, make('optgroup', { label: name }))
    groups.get(name).append(make('option', { value: String(sequence) }, `${time.format(atMs)}`))
  }
  select.replaceChildren(make('option', { value: '' }, 'now'), ...groups.values())
  select.onchange = () =>
    go({
      kind: 'folder',
      path: view.path ?? volumeKey,
      at: select.value === '' ? undefined : Number(select.value),
    })
}

async function drawView() {
  const mine = ++turn
  if (view.path === undefined && view.kind === 'folder') return
  show(byId('trouble'))
  try {
    if (view.kind === 'found') await drawFound(mine)
    else await drawFolder(mine)
  } catch (error) {
    if (mine === turn) failed(error)
  }
}

function failed(error) {
  show(byId('told'))
  byId('list').hidden = true
  show(byId('trouble'), error.message)
}

async function drawFolder(mine) {
  const { path, at } = view
  byId('words').value = ''
  byId('back').classList.remove('finding')
  show(byId('told'), 'Opening the folder …')
  const folder = await ask('folder', { path, at })
  if (mine !== turn) return
  choose(at, folder.at)
  drawCrumbs(folder)
  drawRows(folder.children, folder.at)
  byId('list').hidden = false
  const hints = [
    folder.isCut ? 'More lies here than is shown: find it by its name.' : undefined,
    folder.lost > 0
      ? 'Some of this folder is damaged in the store; other moments may have it whole.'
      : undefined,
  ].filter(Boolean)
  show(byId('told'), hints.join(' '))
  const { children } = await ask('gone', { path, at: folder.at.sequence })
  if (mine !== turn) return
  drawRows([...folder.children, ...children], folder.at)
  if (folder.children.length + children.length === 0)
    show(byId('told'), ['This folder was empty.', ...hints].join(' '))
}

/** A moment that is not among those listed is listed for as long as it is looked at. */
function choose(at, { sequence, atMs }) {
  const select = byId('moment')
  select.querySelector('[data-extra]')?.remove()
  const value = at === undefined ? '' : String(sequence)
  if (value !== '' && ![...select.options].some(option => option.value === value))
    select.options[0].after(make('option', { value, 'data-extra': '' }, time.format(atMs)))
  select.value = value
}

function drawCrumbs({ crumbs }) {
  const parts = crumbs.flatMap(({ name, key }, index) => {
    const isHere = index === crumbs.length - 1
    const shown = index === 0 ? 'This machine' : name
    const part = isHere
      ? make('span', { className: 'here', 'aria-current': 'page' }, shown)
      : make(
          'button',
          { type: 'button', className: 'plain', onclick: () => go({ ...view, kind: 'folder', path: key }) },
          shown,
        )
    return index === 0 ? [part] : [make('span', { className: 'slash', 'aria-hidden': 'true' }, '/'), part]
  })
  byId('crumbs').replaceChildren(...parts)
}

function drawRows(children, at) {
  byId('rows').replaceChildren(...children.map(child => rowOf(child, at)))
}

function rowOf(child, at) {
  const { name, key, kind, lastIn, lastAtMs, changedMs } = child
  const moment = lastIn === undefined ? at : { sequence: lastIn, atMs: lastAtMs }
  const isFolder = kind === 'folder'
  const open = () =>
    isFolder ? go({ kind: 'folder', path: key, at: lastIn ?? view.at }) : void openFile(key, name)
  const below =
    lastIn === undefined
      ? undefined
      : `deleted; last there ${lastAtMs === undefined ? '' : time.format(lastAtMs)}`
  return make(
    'tr',
    { className: lastIn === undefined ? '' : 'gone' },
    make('td', {}, nameCell({ name, kind, below, open })),
    make('td', { className: 'number' }, isFolder ? '' : size(child.size)),
    make('td', { className: 'time' }, isFolder ? '' : time.format(changedMs)),
    make('td', {}, mayRestore ? restoreButton(child, moment) : undefined),
  )
}

function nameCell({ name, kind, below, open }) {
  const button = make('button', { type: 'button', className: 'plain', onclick: open }, name)
  return make(
    'div',
    { className: 'name' },
    icon(kind),
    make('div', {}, button, below && make('span', { className: 'below' }, below)),
  )
}

function restoreButton({ name, key }, moment) {
  const onclick = () => void openRestore({ name, key, moment })
  return make(
    'button',
    { type: 'button', className: 'small', onclick, 'aria-label': `Restore ${name}` },
    'Restore …',
  )
}

async function drawFound(mine) {
  const { words } = view
  byId('words').value = words
  byId('back').classList.add('finding')
  show(byId('told'), 'Looking through the names of every backup …')
  byId('list').hidden = true
  const { found, isCut, lost } = await ask('find', { words })
  if (mine !== turn) return
  const back = make(
    'button',
    {
      type: 'button',
      className: 'plain',
      onclick: () => go({ kind: 'folder', path: volumeKey, at: undefined }),
    },
    'This machine',
  )
  byId('crumbs').replaceChildren(
    back,
    make('span', { className: 'slash', 'aria-hidden': 'true' }, '/'),
    make('span', { className: 'here' }, 'Found'),
  )
  byId('rows').replaceChildren(...found.map(foundRow))
  byId('list').hidden = found.length === 0
  const many =
    found.length === 0
      ? 'Nothing of this name was ever backed up.'
      : isCut
        ? `More than ${count(found.length, 'name')} fit; these are the first. Add a word.`
        : `${count(found.length, 'name')} found.`
  show(
    byId('told'),
    lost > 0 ? `${many} ${count(lost, 'list')} of names could not be read: there may be more.` : many,
  )
}

function foundRow({ name, folder, key, isGone, goneAtMs }) {
  const gone = goneAtMs === undefined ? 'deleted' : `deleted before ${time.format(goneAtMs)}`
  const below = isGone ? `${folder} – ${gone}` : folder
  const open = () => void openFile(key, name)
  const versions = make(
    'button',
    { type: 'button', className: 'small', onclick: open, 'aria-label': `Versions of ${name}` },
    'Versions …',
  )
  return make(
    'tr',
    { className: isGone ? 'gone' : '' },
    make('td', { colSpan: 3 }, nameCell({ name, kind: 'file', below, open })),
    make('td', {}, versions),
  )
}

// One file: its versions, and the way back

/** Whoever draws in the dialog draws no more when it was closed or opened for something else. */
let dialogTurn = 0

function openDialog(name, folder) {
  byId('file-name').textContent = name
  show(byId('file-folder'), folder)
  if (!byId('file').open) byId('file').showModal()
  return ++dialogTurn
}

async function openFile(key, name) {
  const body = byId('file-body')
  const mine = openDialog(name, '')
  body.replaceChildren(
    make('p', { className: 'soft', role: 'status' }, 'Looking through every backup for its versions …'),
  )
  try {
    const told = await ask('versions', { path: key })
    if (mine !== dialogTurn) return
    show(byId('file-folder'), told.folder)
    const head = [
      make('th', { scope: 'col' }, 'Backed up'),
      make('th', { scope: 'col' }, 'Changed'),
      make('th', { scope: 'col', className: 'number' }, 'Size'),
      make('th', { scope: 'col' }, make('span', { className: 'unseen' }, 'Actions')),
    ]
    const rows = told.versions.map(version => versionRow(told, version))
    body.replaceChildren(
      make(
        'p',
        { role: 'status' },
        rows.length === 0
          ? 'No backup that is kept has it any more.'
          : `${count(rows.length, 'version')}, newest first.`,
      ),
      rows.length === 0
        ? ''
        : make('table', {}, make('thead', {}, make('tr', {}, ...head)), make('tbody', {}, ...rows)),
    )
  } catch (error) {
    if (mine !== dialogTurn) return
    body.replaceChildren(make('p', { className: 'trouble', role: 'alert' }, error.message))
  }
}

function versionRow({ name, key }, { lastIn, firstAtMs, lastAtMs, size: bytes, changedMs, kind }) {
  const moment = { sequence: lastIn, atMs: lastAtMs }
  const span = spanText(firstAtMs, lastAtMs)
  const openFolder = () => {
    byId('file').close()
    go({ kind: 'folder', path: key, at: lastIn })
  }
  return make(
    'tr',
    {},
    make('td', { className: 'time' }, span),
    make('td', { className: 'time' }, time.format(changedMs)),
    make('td', { className: 'number' }, kind === 'folder' ? '' : size(bytes)),
    make(
      'td',
      {},
      kind === 'folder'
        ? make('button', { type: 'button', className: 'small', onclick: openFolder }, 'Open')
        : undefined,
      mayRestore ? restoreButton({ name, key }, moment) : undefined,
    ),
  )
}

/** From the first to the last backup that has it. */
function spanText(firstMs, lastMs) {
  const [first, last] = [time.format(firstMs), time.format(lastMs)]
  if (first === last) return last
  return day.format(firstMs) === day.format(lastMs)
    ? `${first} – ${clock.format(lastMs)}`
    : `${first} – ${last}`
}

async function openRestore({ name, key, moment }) {
  const body = byId('file-body')
  const mine = openDialog(name, `as it was ${moment.atMs === undefined ? '' : time.format(moment.atMs)}`)
  const to = make('input', {
    id: 'to',
    type: 'text',
    autocomplete: 'off',
    spellcheck: false,
    required: true,
    'aria-describedby': 'to-hint',
  })
  const begin = make('button', { type: 'submit', className: 'strong' }, 'Restore')
  const trouble = make('p', { className: 'trouble', role: 'alert', hidden: true })
  const form = make(
    'form',
    { className: 'field' },
    make('label', { htmlFor: 'to' }, 'Into a new folder'),
    to,
    make(
      'p',
      { id: 'to-hint', className: 'soft' },
      'The folder is made for it. Nothing that is there is changed or overwritten.',
    ),
    trouble,
    make('div', { className: 'row' }, begin),
  )
  form.addEventListener('submit', async event => {
    event.preventDefault()
    begin.disabled = true
    show(trouble)
    try {
      await ask('restore', { path: key, at: moment.sequence, to: to.value })
      await watchRestore(mine)
    } catch (error) {
      show(trouble, error.message)
    }
    begin.disabled = false
  })
  body.replaceChildren(form)
  try {
    const suggested = (await ask('suggest', { path: key })).to
    // Whoever typed meanwhile keeps what was typed.
    if (to.value === '') to.value = suggested
  } catch (error) {
    show(trouble, error.message)
  }
  to.focus()
}

/** Shows the restore that is under way until it is done: in the dialog while that is open for it, and then on the page. */
async function watchRestore(mine) {
  const told = make('p', { role: 'status' }, 'Restoring …')
  const stop = make('button', { type: 'button', onclick: () => void ask('stop') }, 'Stop')
  const isHere = () => mine === dialogTurn
  if (isHere()) {
    const bar = make('progress', { 'aria-label': 'Restoring' })
    byId('file-body').replaceChildren(told, bar, make('div', { className: 'row' }, stop))
  }
  for (;;) {
    const now = await ask('restoring')
    if (now.state !== 'running') {
      show(byId('under-way'), restoredText(now))
      if (isHere()) drawRestored(now)
      return
    }
    const text = `Restoring: ${count(now.entries, 'entry', 'entries')}, ${size(now.bytes)} so far`
    told.textContent = text
    show(byId('under-way'), isHere() ? undefined : `${text}, into ${now.to}`)
    await new Promise(done => setTimeout(done, restoringEveryMs))
  }
}

/** Of a restore that is over, for the page behind the dialog. */
function restoredText({ state, to, isComplete, message, hint }) {
  if (state !== 'done') return `Not restored: ${message ?? 'nothing was begun'}. ${capital(hint ?? '')}`
  return isComplete ? `Restored. It lies in ${to}` : `Restored, but not all of it. It lies in ${to}`
}

function drawRestored(now) {
  const close = make(
    'button',
    { type: 'button', className: 'strong', onclick: () => byId('file').close() },
    'Done',
  )
  const told =
    now.state === 'done'
      ? [
          make(
            'p',
            { className: now.isComplete ? 'done' : 'trouble', role: 'status' },
            `${now.isComplete ? 'Restored' : 'Restored, but not all of it'}: ${count(now.written, 'entry', 'entries')}, ${size(now.bytes)}`,
          ),
          make('p', {}, 'It lies in ', make('strong', {}, now.to)),
          now.notes.length === 0
            ? ''
            : make('ul', { className: 'notes' }, ...now.notes.map(note => make('li', {}, note))),
        ]
      : [make('p', { className: 'trouble', role: 'alert' }, restoredText(now))]
  byId('file-body').replaceChildren(...told, make('div', { className: 'row' }, close))
  close.focus()
}

// Begin

byId('find').addEventListener('submit', event => {
  event.preventDefault()
  const words = byId('words').value.trim()
  if (words !== '') go({ kind: 'found', words, path: undefined, at: undefined })
})
byId('file-close').addEventListener('click', () => byId('file').close())
byId('file').addEventListener('close', () => {
  dialogTurn++
})
addEventListener('popstate', event => {
  if (event.state === null) return
  view = event.state
  void drawView()
})
addEventListener('keydown', event => {
  const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName ?? '')
  if (event.key !== '/' || isTyping || byId('file').open) return
  event.preventDefault()
  byId('words').focus()
})
document.addEventListener('visibilitychange', () => void lookAtState())

await enter()
await lookAtState()
if (byId('hero').dataset.standing !== 'ended') {
  setInterval(() => void lookAtState(), stateEveryMs)
  const { state } = await ask('restoring')
  // It goes on when the page is loaded again.
  if (state === 'running') void watchRestore(undefined)
  await openBack()
}
