import { expect } from 'chai'
import { barsSvg, linesSvg } from '../../bench/plot.js'
import { parseXml, type XmlElement } from '../../soap/xml.js'

const elementsOf = (svg: string, name: string) => all(parseXml(svg)).filter(element => element.name === name)

function all(element: XmlElement): XmlElement[] {
  return [element, ...element.children.flatMap(child => (typeof child === 'string' ? [] : all(child)))]
}

const attribute = (element: XmlElement, name: string) =>
  Number(element.attributes.find(each => each.name === name)?.value)

describe('a plot', () => {
  it('has a bar as long as its value, for each of each group', () => {
    const groups = [
      { name: 'ITI-18 <1>', values: [1, 2] },
      { name: 'ITI-42', values: [4, 0] },
    ]
    const svg = barsSvg({ title: 'CPU', unit: 'ms', legend: ['now', 'bare'], groups })
    const bars = elementsOf(svg, 'rect').filter(bar => attribute(bar, 'height') === 10)
    const widths = bars.map(bar => attribute(bar, 'width'))
    expect(widths).to.have.length(4)
    expect(widths[1]).to.be.closeTo(2 * (widths[0] ?? 0), 0.2)
    expect(widths[2]).to.be.closeTo(4 * (widths[0] ?? 0), 0.2)
    expect(widths[3]).to.equal(0)
    expect(svg).to.include('ITI-18 &lt;1&gt;')
  })

  it('has a line for each series, with powers of ten at equal distances', () => {
    const points = [10_000, 100_000, 1_000_000].map(x => ({ x, y: 2 }))
    const svg = linesSvg({ title: 'Growth', unit: 'ms', xName: 'entries', series: [{ name: 'ITI-42', points }] })
    const dots = elementsOf(svg, 'circle')
    const [first = 0, second = 0, third = 0] = dots.map(dot => attribute(dot, 'cx'))
    expect(third - second).to.be.closeTo(second - first, 0.2)
    expect(new Set(dots.map(dot => attribute(dot, 'cy'))).size).to.equal(1)
    expect(elementsOf(svg, 'polyline')).to.have.length(1)
  })
})
