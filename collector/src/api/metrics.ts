/** Numbers for Prometheus: its text format 0.0.4. */
export type Labels = Readonly<Record<string, string | number>>

export interface Metric {
  readonly name: string
  readonly help: string
  readonly kind: 'gauge' | 'counter'
  readonly values: readonly { readonly labels?: Labels; readonly value: number }[]
}

export interface RequestMeter {
  seen(route: string, status: number, ms: number): void
  metrics(): readonly Metric[]
}

/** Upper bounds in seconds: a list from memory, a question to the disk, a stream of objects. */
const bounds = [0.005, 0.025, 0.1, 0.5, 2.5, 10]

/** Counts requests by route, never by path: names of devices are no labels. */
export function requestMeter(): RequestMeter {
  const counts = new Map<string, { readonly labels: Labels; value: number }>()
  const buckets = new Map<
    string,
    { readonly route: string; readonly below: number[]; sum: number; count: number }
  >()
  return {
    seen(route, status, ms) {
      const key = `${route} ${status}`
      const counted = counts.get(key) ?? { labels: { route, status }, value: 0 }
      counted.value++
      counts.set(key, counted)
      const bucket = buckets.get(route) ?? { route, below: bounds.map(() => 0), sum: 0, count: 0 }
      for (const [index, bound] of bounds.entries()) {
        if (ms / 1000 <= bound) bucket.below[index] = (bucket.below[index] ?? 0) + 1
      }
      bucket.sum += ms / 1000
      bucket.count++
      buckets.set(route, bucket)
    },
    metrics() {
      const all = [...buckets.values()]
      const name = 'backstay_http_request_seconds'
      const below = all.flatMap(({ route, below, count }) => [
        ...bounds.map((le, index) => ({ labels: { route, le }, value: below[index] ?? 0 })),
        { labels: { route, le: '+Inf' }, value: count },
      ])
      const counter = 'counter' as const
      return [
        {
          name: 'backstay_http_requests_total',
          help: 'Requests answered.',
          kind: counter,
          values: [...counts.values()],
        },
        {
          name: `${name}_bucket`,
          help: 'Requests answered within so many seconds.',
          kind: counter,
          values: below,
        },
        {
          ...{ name: `${name}_sum`, help: 'Seconds spent on requests.', kind: counter },
          values: all.map(({ route, sum }) => ({ labels: { route }, value: sum })),
        },
        {
          ...{ name: `${name}_count`, help: 'Requests measured.', kind: counter },
          values: all.map(({ route, count }) => ({ labels: { route }, value: count })),
        },
      ]
    },
  }
}

export function metricsText(metrics: readonly Metric[]): string {
  const lines = metrics.flatMap(({ name, help, kind, values }) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${kind}`,
    ...values.map(({ labels = {}, value }) => `${name}${labelsText(labels)} ${value}`),
  ])
  return `${lines.join('\n')}\n`
}

function labelsText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(String(value))}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
