import { expect } from 'chai'
import { tooMuchIn } from '../../../../atna-audit/repository/fhir/json-bounds.js'

describe('audit repository: how much JSON may hold', () => {
  const found = (json: string) => tooMuchIn(Buffer.from(json))

  it('is bounded in depth and in objects and lists', () => {
    expect(found(`${'['.repeat(64)}${']'.repeat(64)}`)).to.equal(undefined)
    expect(found(`{"a":${'['.repeat(64)}`)).to.equal('it is nested more than 64 deep')
    expect(found(`[${'{},'.repeat(499_999)}0]`)).to.equal(undefined)
    expect(found(`[${'[],'.repeat(500_000)}0]`)).to.equal('it has more than 500000 objects and lists')
  })

  it('counts none that stand in strings, whatever is escaped there', () => {
    const many = '['.repeat(100)
    expect(found(`["${many}","\\"${many}","\\\\",{"${many}":1}]`)).to.equal(undefined)
    expect(found(`["\\\\",${many}`)).to.equal('it is nested more than 64 deep')
    expect(found(`"${many}\\`)).to.equal(undefined)
  })
})
