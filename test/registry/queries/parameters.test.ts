import { expect } from 'chai'
import fc from 'fast-check'
import { systemPorts } from '../../../ports/ports.js'
import { firstInstantOf } from '../../../registry/dtm.js'
import { askedOf } from '../../../registry/queries/asked.js'
import { storedQueries } from '../../../registry/queries/stored-queries.js'
import { writtenValues } from '../../../registry/queries/value-grammar.js'
import { globOf } from '../../../registry/sqlite/dialect.js'
import { isLike } from '../../../registry/sqlite/texts.js'
import { openStore } from '../../../store/open-store.js'

const texts = (source: string) => writtenValues(source)?.map(value => value.text)

describe('the grammar of query parameters [ITI TF-2:3.18.4.1.2.3.5]', () => {
  it('reads whatever was written in quotes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 20 }),
        fc.constantFrom('', ' ', '\n\t '),
        (values, space) => {
          const written = values.map(value => `${space}'${value.replaceAll("'", "''")}'${space}`)
          expect(texts(`(${written.join(',')})`)).to.deep.equal(values)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('reads one value without parentheses', () => {
    fc.assert(
      fc.property(fc.string(), value => {
        expect(texts(`'${value.replaceAll("'", "''")}'`)).to.deep.equal([value])
      }),
      { numRuns: 200 },
    )
  })

  it('never throws, and answers a long value soon', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("'", '(', ')', ',', ' ', 'a'), maxLength: 40 }), source => {
        const values = writtenValues(source)
        if (values !== undefined) expect(values).to.not.have.length(0)
      }),
    )
    expect(writtenValues(`(${"'".repeat(200_001)})`)).to.equal(undefined)
    expect(writtenValues(`(${"'a',".repeat(100_000)}`)).to.equal(undefined)
    expect(writtenValues(`(${' '.repeat(100_000)}`)).to.equal(undefined)
    expect(texts(`(${"'a',".repeat(10_000)}'b')`)).to.have.length(10_001)
  })

  it('tells bare values from quoted ones', () => {
    expect(writtenValues('20260401')).to.deep.equal([{ text: '20260401', quoted: false }])
    expect(writtenValues("( 1 , '1')")).to.deep.equal([
      { text: '1', quoted: false },
      { text: '1', quoted: true },
    ])
  })

  it('refuses what is not written so', () => {
    for (const source of [
      '',
      '()',
      '(',
      ')',
      "'",
      "''''' ",
      "('a'",
      "'a')",
      "('a',)",
      "(,'a')",
      "('a'b)",
      "'a','b'",
      "(('a'))",
      "'a' 'b'",
    ]) {
      expect(writtenValues(source), source).to.equal(undefined)
    }
  })
})

describe('points in time [ITI TF-2:3.18.4.1.2.3.3]', () => {
  for (const [dtm, instant] of [
    ['2026', '20260101000000'],
    ['202602', '20260201000000'],
    ['20260203', '20260203000000'],
    ['2026020304', '20260203040000'],
    ['202602030405', '20260203040500'],
    ['20260203040506', '20260203040506'],
    ['20260203040506.789', '20260203040506'],
    ['20260203040506+0100', '20260203030506'],
    ['2026-0500', '20260101050000'],
    ['0000+1400', '00000101000000'],
    ['', undefined],
    ['202613', undefined],
    ['20260132', undefined],
    ['2026020325', undefined],
    ['20260', undefined],
    ['now', undefined],
    ['2026-02-03', undefined],
  ] as const) {
    it(`${dtm || 'nothing'} is ${instant ?? 'none'}`, () => {
      expect(firstInstantOf(dtm)).to.equal(instant)
    })
  }
})

describe('patterns', () => {
  it('have no wildcards but % and _ [ITI TF-2:3.18.4.1.2.3.7.1]', () => {
    expect(globOf('a%b_c*d?e[f]g\\h')).to.equal('a*b?c[*]d[?]e[[]f]g\\h')
  })

  it('fit without the database what they fit in it [ITI TF-2: Appendix F]', async () => {
    const store = await openStore({ path: ':memory:', migrations: [] }, systemPorts.clock, systemPorts.files)
    const glob = store.prepare('SELECT ? GLOB ? AS fits')
    const some = (...characters: string[]) => fc.string({ unit: fc.constantFrom(...characters), maxLength: 8 })
    fc.assert(
      fc.property(
        some('a', 'b', '*', '[', '\u{1f600}'),
        some('a', 'b', '%', '%', '_', '*', '[', '\u{1f600}'),
        (text, pattern) => {
          expect(isLike(text, pattern)).to.equal(glob.get(text, globOf(pattern))?.fits === 1)
        },
      ),
      { numRuns: 2_000 },
    )
    await store.close()
  })
})

describe('values of a query', () => {
  it('are a hundred thousand at most, in all parameters together', () => {
    const findDocuments = storedQueries.get('urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d')!
    const slot = (name: string, count: number) => ({
      name: `$XDSDocumentEntry${name}`,
      values: [`(${Array.from({ length: count }, (_, index) => `'${index}^^2.999'`).join()})`],
    })
    const findings = (count: number) => {
      const patient = { name: '$XDSDocumentEntryPatientId', values: ["'1^^^&2.999&ISO'"] }
      const status = {
        name: '$XDSDocumentEntryStatus',
        values: ["('urn:x')", "('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')"],
      }
      const asked = askedOf(findDocuments, [slot('FormatCode', count), slot('TypeCode', 50_000), patient, status])
      return asked.findings.map(({ code, attribute, expected }) => [code, attribute, expected])
    }
    expect(findings(49_997)).to.deep.equal([])
    const expected = 'at most 100000 values in all parameters of a query'
    expect(findings(50_000)).to.deep.equal([['XDSStoredQueryParamNumber', '$XDSDocumentEntryFormatCode', expected]])
  })
})

describe('Slots of one name that must hold together', () => {
  const findDocuments = storedQueries.get('urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d')!
  const findings = (count: number) => {
    const slots = Array.from({ length: count }, () => ({
      name: '$XDSDocumentEntryEventCodeList',
      values: ["('a^^2.999.1')"],
    }))
    const named = askedOf(findDocuments, slots).findings.filter(
      ({ attribute }) => attribute === '$XDSDocumentEntryEventCodeList',
    )
    return named.map(({ code, expected, found }) => [code, expected, found])
  }

  it('may be a hundred, and no more than a database takes in one query [ITI TF-2:3.18.4.1.2.3.5]', () => {
    expect(findings(100)).to.deep.equal([])
    expect(findings(101)).to.deep.equal([['XDSStoredQueryParamNumber', 'at most 100 Slots of this name', '101 Slots']])
  })
})
