/** The drill, here: what every device escrowed is opened in this browser, by the desk or by the kit, and a signed proof of it kept. */
import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { DrillResult } from '../../../proving.ts'
import { refresh } from '../../api/queries.ts'
import { useKeys } from '../../keys/keys.ts'
import { Button } from '../../parts/controls.tsx'
import { Asking } from '../../parts/dialog.tsx'
import { Note, Trouble } from '../../parts/saying.tsx'
import { counted } from '../../words/bytes.ts'
import { KitLines, KitPage } from './kit-lines.tsx'

/** Nothing without an open key. */
export function Prove({ way }: { readonly way: 'desk' | 'kit' }) {
  const { state, vault } = useKeys()
  const client = useQueryClient()
  const [isOpen, setOpen] = useState(false)
  const [kit, setKit] = useState('')
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const [results, setResults] = useState<readonly DrillResult[]>()
  if (state !== 'open' || vault === undefined) return null
  const prove = async () => {
    setBusy(true)
    setError(undefined)
    setResults(undefined)
    try {
      setResults(await vault.prove(way === 'kit' ? kit : undefined))
      setKit('')
      await refresh(client, ['/records', '/overview', '/devices'])
    } catch (thrown) {
      setError(thrown)
    } finally {
      setBusy(false)
    }
  }
  const begin = () => {
    setOpen(true)
    setResults(undefined)
    setError(undefined)
    if (way === 'desk') void prove()
  }
  const close = () => {
    setOpen(false)
    setKit('')
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void prove()
  }
  return (
    <>
      <Button onPress={begin}>{way === 'kit' ? 'Check the kit…' : 'Prove now'}</Button>
      <Asking title={way === 'kit' ? 'Check the recovery kit' : 'Prove'} isOpen={isOpen} onClose={close} wide>
        <form className="stack wide" onSubmit={submit}>
          {error !== undefined && <Trouble error={error} safe="No backup is touched by this." />}
          {isBusy && <p role="status">Opening what every device escrowed…</p>}
          {results !== undefined && <Results results={results} />}
          {way === 'kit' && results === undefined && <KitLines kit={kit} onKit={setKit} />}
          <div className="dialog-end">
            {way === 'kit' && results === undefined && <KitPage onKit={setKit} />}
            <Button onPress={close}>Close</Button>
            {way === 'kit' && results === undefined && (
              <Button type="submit" look="main" isDisabled={isBusy || kit === ''}>
                Check it
              </Button>
            )}
          </div>
        </form>
      </Asking>
    </>
  )
}

function Results({ results }: { readonly results: readonly DrillResult[] }) {
  const lost = results.filter(one => !one.recoverable)
  const told = results.filter(one => one.problems.length + one.notes.length > 0)
  return (
    <>
      <Note tone={lost.length === 0 ? 'good' : 'bad'}>
        {results.length === 0
          ? 'There is no device yet.'
          : lost.length === 0
            ? `The keys of ${counted(results.length, 'device')} open: ${waysText(results)}.`
            : `${counted(lost.length, 'device')} of ${results.length} could not be recovered. While they still live, enrol them anew.`}
      </Note>
      {told.length > 0 && (
        <ul className="trust-lines">
          {told.map(({ device, name, problems, notes }) => (
            <li key={device ?? name}>
              <b>{name}</b>: {[...problems, ...notes].join('; ')}
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

function waysText(results: readonly DrillResult[]): string {
  const ways = [...new Set(results.flatMap(one => one.ways))]
  const words = {
    desk: 'by the desk',
    kit: 'by the kit',
    'kit of before': 'by a kit that was replaced',
  } as const
  return ways.map(way => words[way]).join(' and ')
}
