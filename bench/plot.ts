// Figures as a picture: bars in groups, or lines over a logarithmic axis. SVG by hand, so that it needs nothing and diffs well.

export interface Bars {
  title: string
  unit: string
  /** What the bars of each group are, in their order. */
  legend: string[]
  groups: { name: string; values: number[] }[]
}

export interface Lines {
  title: string
  unit: string
  /** Of the axis below. */
  xName: string
  series: { name: string; points: { x: number; y: number }[] }[]
}

const width = 860
const left = 150
const right = 40
const colours = ['#1b6ca8', '#e08e0b', '#4a9d5b', '#a83279', '#7a7a7a', '#c0392b']
const barHeight = 12
const groupGap = 10

/** Horizontal, for names are long. */
export function barsSvg({ title, unit, legend, groups }: Bars): string {
  const top = 78
  const groupHeight = legend.length * barHeight + groupGap
  const bottom = top + groups.length * groupHeight
  const ticks = ticksUpTo(Math.max(...groups.flatMap(({ values }) => values), 0))
  const x = scale(0, ticks.at(-1) ?? 1, left, width - right)
  const drawn = groups.flatMap(({ name, values }, group) => {
    const y = top + group * groupHeight
    const middle = y + (legend.length * barHeight) / 2 + 4
    return [
      `<text x="${left - 8}" y="${round(middle)}" text-anchor="end">${escaped(name)}</text>`,
      ...values.flatMap((value, at) => [
        `<rect x="${left}" y="${y + at * barHeight}" width="${round(x(value) - left)}" height="${barHeight - 2}" fill="${colourOf(at)}"/>`,
        `<text class="small" x="${round(x(value) + 4)}" y="${y + at * barHeight + 9}">${inShort(value)}</text>`,
      ]),
    ]
  })
  const grid = ticks.flatMap(tick => [
    `<line x1="${round(x(tick))}" y1="${top - 6}" x2="${round(x(tick))}" y2="${bottom}"/>`,
    `<text class="small" x="${round(x(tick))}" y="${bottom + 14}" text-anchor="middle">${inShort(tick)}</text>`,
  ])
  return svg(bottom + 40, title, [...keyOf(legend), ...grid, ...drawn, axisName(unit, bottom + 32)])
}

export function linesSvg({ title, unit, xName, series }: Lines): string {
  const [top, bottom] = [78, 360]
  const all = series.flatMap(({ points }) => points)
  const xs = [...new Set(all.map(point => point.x))].sort((one, other) => one - other)
  const ticks = ticksUpTo(Math.max(...all.map(point => point.y), 0))
  const logarithm = (value: number) => Math.log10(Math.max(value, 1))
  const x = scale(logarithm(xs[0] ?? 1), logarithm(xs.at(-1) ?? 10), left, width - right)
  const y = scale(0, ticks.at(-1) ?? 1, bottom, top)
  const drawn = series.flatMap(({ name, points }, at) => {
    const places = points.map(point => `${round(x(logarithm(point.x)))},${round(y(point.y))}`)
    return [
      `<polyline fill="none" stroke="${colourOf(at)}" stroke-width="2" points="${places.join(' ')}"><title>${escaped(name)}</title></polyline>`,
      ...places.map(place => {
        const [cx, cy] = place.split(',')
        return `<circle cx="${cx}" cy="${cy}" r="3" fill="${colourOf(at)}"/>`
      }),
    ]
  })
  const grid = [
    ...ticks.flatMap(tick => [
      `<line x1="${left}" y1="${round(y(tick))}" x2="${width - right}" y2="${round(y(tick))}"/>`,
      `<text class="small" x="${left - 8}" y="${round(y(tick) + 4)}" text-anchor="end">${inShort(tick)}</text>`,
    ]),
    ...xs.map(
      value =>
        `<text class="small" x="${round(x(logarithm(value)))}" y="${bottom + 16}" text-anchor="middle">${value.toLocaleString('en')}</text>`,
    ),
  ]
  const unitName = `<text class="small" x="${left}" y="${top - 10}">${escaped(unit)}</text>`
  return svg(bottom + 50, title, [
    ...keyOf(series.map(({ name }) => name)),
    unitName,
    ...grid,
    ...drawn,
    axisName(xName, bottom + 36),
  ])
}

function svg(height: number, title: string, parts: string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">
<style>text{font:13px sans-serif;fill:#222}.small{font-size:11px}.title{font-size:16px;font-weight:bold}line{stroke:#ddd}</style>
<rect width="${width}" height="${height}" fill="#fff"/>
<text class="title" x="16" y="26">${escaped(title)}</text>
${parts.join('\n')}
</svg>
`
}

/** As many to a line as there is room for. */
function keyOf(names: readonly string[]): string[] {
  let x = 16
  return names.flatMap((name, at) => {
    const place = x
    x += 34 + name.length * 6.5
    return [
      `<rect x="${round(place)}" y="38" width="12" height="12" fill="${colourOf(at)}"/>`,
      `<text class="small" x="${round(place + 17)}" y="48">${escaped(name)}</text>`,
    ]
  })
}

function axisName(name: string, y: number): string {
  return `<text class="small" x="${(left + width - right) / 2}" y="${y}" text-anchor="middle">${escaped(name)}</text>`
}

function scale(from: number, to: number, start: number, end: number): (value: number) => number {
  return value => start + ((value - from) / (to - from || 1)) * (end - start)
}

/** Four to eight round numbers from 0 to above the highest. */
function ticksUpTo(highest: number): number[] {
  const rough = (highest || 1) / 5
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map(factor => factor * power).find(each => each >= rough) ?? power
  return Array.from({ length: Math.ceil((highest || 1) / step) + 1 }, (_, at) => at * step)
}

function inShort(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)))
}

const colourOf = (at: number) => colours[at % colours.length] ?? '#000'
const round = (value: number) => Number(value.toFixed(1))
const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
