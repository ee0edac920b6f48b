/** A chart over days: lines, areas or bars; the value under the pointer is named in words beside it. */
import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import './chart.css'

export interface Series {
  readonly name: string
  /** One of tokens.css, such as `--accent`. */
  readonly colour: string
  readonly values: readonly (number | null)[]
  readonly look?: 'area' | 'bars' | 'dashes'
}

export interface ChartProps {
  /** For who cannot see it. */
  readonly label: string
  /** Milliseconds. */
  readonly times: readonly number[]
  readonly series: readonly Series[]
  readonly valueText: (value: number) => string
  readonly height?: number
  /** Round numbers are those of KiB and MiB. */
  readonly isBytes?: boolean
}

/** Redrawn when its data, its width or the colours change. */
export function Chart({ label, times, series, valueText, height = 152, isBytes = false }: ChartProps) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = place.current
    if (element === null) return
    let chart: uPlot | undefined
    const draw = () => {
      chart?.destroy()
      const options = optionsOf(element.clientWidth, height, series, valueText, isBytes)
      const data = [times.map(at => at / 1000), ...series.map(({ values }) => [...values])]
      chart = new uPlot(options, data as uPlot.AlignedData, element)
    }
    draw()
    const sizes = new ResizeObserver(() => chart?.setSize({ width: element.clientWidth, height }))
    sizes.observe(element)
    const themes = new MutationObserver(draw)
    themes.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    const system = matchMedia('(prefers-color-scheme: dark)')
    system.addEventListener('change', draw)
    return () => {
      sizes.disconnect()
      themes.disconnect()
      system.removeEventListener('change', draw)
      chart?.destroy()
    }
  }, [times, series, valueText, height, isBytes])
  return <div ref={place} className="chart" role="img" aria-label={label} />
}

const shortDay = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })

const powersOfTwo = Array.from({ length: 60 }, (_, power) => 2 ** power)

function optionsOf(
  width: number,
  height: number,
  series: readonly Series[],
  valueText: (value: number) => string,
  isBytes: boolean,
): uPlot.Options {
  const ink = colour('--ink-faint')
  const line = colour('--line')
  const font = `11px ${getComputedStyle(document.body).fontFamily}`
  return {
    width,
    height,
    padding: [8, 8, 0, 0],
    legend: { show: true, live: true },
    cursor: { points: { size: 6 }, y: false, drag: { x: false, y: false } },
    scales: { y: { range: (_, __, max) => [0, max > 0 ? max * 1.08 : 1] } },
    axes: [
      {
        stroke: ink,
        font,
        size: 24,
        space: 64,
        grid: { show: false },
        ticks: { show: false },
        values: (_, seconds) => seconds.map(at => shortDay.format(at * 1000)),
      },
      {
        stroke: ink,
        font,
        size: 64,
        space: 36,
        ...(isBytes && { incrs: powersOfTwo }),
        grid: { stroke: line, width: 1 },
        ticks: { show: false },
        values: (_, values) => values.map(valueText),
      },
    ],
    series: [
      { label: 'Day', value: (_, at) => (at === null ? '–' : shortDay.format(at * 1000)) },
      ...series.map(one => seriesOf(one, valueText)),
    ],
  }
}

function seriesOf(
  { name, colour: token, look = 'area' }: Series,
  valueText: (value: number) => string,
): uPlot.Series {
  const stroke = colour(token)
  const bars = uPlot.paths.bars
  return {
    label: name,
    stroke,
    width: look === 'bars' ? 0 : 1.5,
    points: { show: false },
    ...(look === 'area' && { fill: faint(stroke, 14) }),
    ...(look === 'dashes' && { dash: [4, 4] }),
    ...(look === 'bars' &&
      bars !== undefined && { fill: stroke, paths: bars({ size: [0.7, 12], radius: 0.15 }) }),
    value: (_, value) => (value === null || value === undefined ? '–' : valueText(value)),
  }
}

/** As the page has it now: a canvas knows no light-dark(). */
function colour(token: string): string {
  const probe = document.createElement('span')
  probe.style.color = `var(${token})`
  document.body.append(probe)
  const found = getComputedStyle(probe).color
  probe.remove()
  return found
}

function faint(found: string, percent: number): string {
  return found.replace(/^rgb\(([^)]*)\)$/, `rgba($1, ${percent / 100})`)
}
