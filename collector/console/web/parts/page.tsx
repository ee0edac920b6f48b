/** The frame of every page: its name, what it answers, what can be done, and the rest. */
import { type ReactNode, useEffect } from 'react'
import './page.css'

export interface PageProps {
  readonly title: string
  readonly about?: ReactNode
  readonly actions?: ReactNode
  readonly children: ReactNode
  /** The content brings its own scrolling, such as a table of thousands. */
  readonly fixed?: boolean
}

export function Page({ title, about, actions, children, fixed = false }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Backstay`
    sayPage(title)
  }, [title])
  return (
    <div className={fixed ? 'page fixed' : 'page'}>
      <header className="page-head">
        <div className="page-words">
          <h1>{title}</h1>
          {about !== undefined && <p className="soft">{about}</p>}
        </div>
        {actions !== undefined && <div className="row">{actions}</div>}
      </header>
      {children}
    </div>
  )
}

const saidId = 'page-said'

/** Who hears pages is told where a link or a key led: nothing else says so where no document is loaded. */
export function PageSaid() {
  return <p id={saidId} className="unseen" aria-live="polite" />
}

function sayPage(title: string): void {
  const said = document.getElementById(saidId)
  if (said !== null) said.textContent = title
}

export interface PanelProps {
  readonly title?: ReactNode
  readonly actions?: ReactNode
  readonly children: ReactNode
  /** No padding: a table or a list comes to the edge. */
  readonly bare?: boolean
  readonly className?: string
}

export function Panel({ title, actions, children, bare = false, className = '' }: PanelProps) {
  return (
    <section className={`panel ${className}`}>
      {title !== undefined && (
        <header className="panel-head">
          <h2>{title}</h2>
          {actions !== undefined && <div className="row push">{actions}</div>}
        </header>
      )}
      <div className={bare ? 'panel-body bare' : 'panel-body'}>{children}</div>
    </section>
  )
}
