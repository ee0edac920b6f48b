/** Numbers for Prometheus: its text format 0.0.4. */
export type Labels = Readonly<Record<string, string | number>>

export interface Metric {
  readonly name: string
  readonly help: string
  readonly kind: 'gauge' | 'counter' | 'histogram'
  /** `suffix`: of a histogram `_bucket`, `_sum` and `_count`. */
  readonly values: readonly { readonly suffix?: string; readonly labels?: Labels; readonly value: number }[]
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
      const seconds = [...buckets.values()].flatMap(({ route, below, sum, count }) => [
        ...bounds.map((le, index) => ({
          suffix: '_bucket',
          labels: { route, le },
          value: below[index] ?? 0,
        })),
        { suffix: '_bucket', labels: { route, le: '+Inf' }, value: count },
        { suffix: '_sum', labels: { route }, value: sum },
        { suffix: '_count', labels: { route }, value: count },
      ])
      return [
        {
          ...{ name: 'backstay_http_requests_total', help: 'Requests answered.', kind: 'counter' },
          values: [...counts.values()],
        },
        {
          ...{ name: 'backstay_http_request_seconds', help: 'How long answers took.', kind: 'histogram' },
          values: seconds,
        },
      ]
    },
  }
}

export function metricsText(metrics: readonly Metric[]): string {
  const lines = metrics.flatMap(({ name, help, kind, values }) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${kind}`,
    ...values.map(({ suffix = '', labels = {}, value }) => `${name}${suffix}${labelsText(labels)} ${value}`),
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
