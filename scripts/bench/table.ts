/** Results for people. */
import { mebibytes, seconds } from './progress.ts'
import type { Row } from './rows.ts'
import { type Judged, judge, type Target } from './targets.ts'

const marks = { goal: '++', floor: '+ ', missed: '--' } as const

export function tableOf(rows: readonly Row[]): string {
  const head = ['corpus', 'work', 'tool', 'wall', '× restic', 'cpu', 'peak RSS', 'stored', 'grew', 'equal']
  const lines = rows.map(row => [
    ...[row.corpus, row.work, row.tool, shownIf(row.wall_s, seconds), againstRestic(rows, row)],
    ...[shownIf(row.cpu_s, seconds), rssOf(row), shownIf(row.stored_bytes, mebibytes)],
    ...[shownIf(row.growth_bytes, mebibytes), equalOf(row)],
  ])
  return aligned([head, ...lines])
}

export function verdictsOf(rows: readonly Row[]): string {
  const judged = judge(rows)
  if (judged.length === 0) return 'no target was judged: that needs the full corpora, and restic beside us'
  const head = ['', 'target', 'measured', 'floor', 'goal']
  const lines = judged.map(({ target, value, verdict }) => [
    ...[marks[verdict], `${target.corpus} ${target.work}: ${target.measure}`],
    ...[shown(target, value), shown(target, target.floor), shown(target, target.goal)],
  ])
  return `${aligned([head, ...lines])}\n${summary(judged)}`
}

function summary(judged: readonly Judged[]): string {
  const count = (verdict: string) => judged.filter(one => one.verdict === verdict).length
  return `++ goal reached: ${count('goal')}, + floor reached: ${count('floor')}, -- missed: ${count('missed')}`
}

function shown({ measure }: Target, value: number): string {
  return measure === 'rss' ? `${value.toFixed(0)} MiB` : `${value.toFixed(2)} ×`
}

function againstRestic(rows: readonly Row[], { corpus, work, wall_s }: Row): string {
  const theirs = rows.find(row => row.corpus === corpus && row.work === work && row.tool === 'restic')
  return wall_s === undefined || !theirs?.wall_s ? '' : (wall_s / theirs.wall_s).toFixed(2)
}

function shownIf(value: number | undefined, show: (value: number) => string): string {
  return value === undefined ? '' : show(value)
}

function rssOf({ rss_bytes, collector_rss_bytes: collector }: Row): string {
  const own = shownIf(rss_bytes, mebibytes)
  return collector === undefined ? own : `${own}, collector ${mebibytes(collector)}`
}

function equalOf({ differences }: Row): string {
  if (differences === undefined) return ''
  return differences === 0 ? 'yes' : `${differences} differ`
}

function aligned(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map(line => (line[column] ?? '').length)),
  )
  return lines
    .map(line =>
      line
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
