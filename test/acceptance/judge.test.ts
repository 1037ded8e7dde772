// The judgements of the acceptance suite: what they let through, and what not.
import { expect } from 'chai'
import { cases, chosen } from '../../acceptance/cases.js'
import { domains } from '../../acceptance/domain.js'
import { finds, refused, succeeded } from '../../acceptance/judge.js'
import type { Received } from '../../acceptance/target.js'
import { parseXml } from '../../soap/xml.js'

const rim = 'urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0'
const query = 'urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0'

function received(changes: Partial<Received> = {}): Received {
  return { status: 'Success', errors: [], traceId: '', messageID: '', action: '', addressing: {}, ...changes }
}

function holding(...ids: string[]): Received {
  const refs = ids.map(id => `<rim:ObjectRef id="${id}"/>`).join('')
  const xml = `<q:AdhocQueryResponse xmlns:q="${query}" xmlns:rim="${rim}"><rim:RegistryObjectList>${refs}</rim:RegistryObjectList></q:AdhocQueryResponse>`
  return received({ body: parseXml(xml) })
}

const error = { code: 'XDSUnknownPatientId', context: 'nobody', severity: 'Error', location: '' }

describe('judge', () => {
  it('takes no other status for success', () => {
    expect(succeeded(received())).to.deep.equal([])
    expect(succeeded(received({ status: 'PartialSuccess' }))).to.deep.equal([
      { expected: 'status Success', found: 'PartialSuccess' },
    ])
  })

  it('wants one of the codes as an error, under status Failure', () => {
    expect(refused(received({ status: 'Failure', errors: [error] }), 'XDSUnknownPatientId')).to.deep.equal([])
    for (const changes of [
      { status: 'Success', errors: [error] },
      { status: 'Failure', errors: [] },
      { status: 'Failure', errors: [{ ...error, severity: 'Warning' }] },
      { status: 'Failure', errors: [{ ...error, code: 'XDSRegistryError' }] },
    ]) {
      expect(refused(received(changes), 'XDSUnknownPatientId')).to.have.length(1)
    }
  })

  it('wants every error to have code, context and severity [ITI TF-3:4.2.4.1]', () => {
    const bare = { code: '', context: '', severity: 'no severity', location: '' }
    const told = refused(received({ status: 'Failure', errors: [error, bare] }), 'XDSUnknownPatientId')
    expect(told.map(({ expected }) => expected)).to.deep.equal([
      'RegistryError@errorCode',
      'RegistryError@codeContext',
      'RegistryError@severity Error or Warning',
    ])
  })

  it('looks for what is wanted, and for what must not be there', () => {
    expect(finds(holding('a', 'b'), ['a'], ['c'])).to.deep.equal([])
    expect(finds(holding('b'), ['a'])).to.have.length(1)
    expect(finds(holding('a'), [], ['a'])).to.have.length(1)
    expect(finds(received({ status: 'Failure' }), [], ['a'])).to.have.length(1)
  })
})

const ihe = domains.ihe!

describe('cases', () => {
  it('have ids of their own and a clause', () => {
    const ids = cases.map(({ id }) => id)
    expect(ids).to.deep.equal([...new Set(ids)])
    for (const { id, clause } of cases)
      expect(clause, id).to.match(
        /^(?:ITI TF-[23]:|XDS Metadata Update |CP-ITI-|SOAP 1\.2|WS-Addressing 1\.0|HL7 v2\.5\.1|CH-EPR |Gazelle |CARA |EPR annex )/,
      )
  })

  it('leave out what the domain has no place for, and the rules of another domain', () => {
    const swiss = chosen(undefined, domains['ch-epr']!)
    expect(swiss.some(({ id }) => id.startsWith('folder/new'))).to.equal(false)
    expect(swiss.some(({ domain }) => domain === 'ch-epr')).to.equal(true)
    expect(chosen(undefined, ihe).some(({ domain }) => domain === 'ch-epr')).to.equal(false)
  })

  it('are chosen by a part of their id, * for anything', () => {
    expect(chosen('soap/', ihe).length).to.be.lessThan(cases.length).and.greaterThan(0)
    expect(chosen('query/FindDocuments/$XDSDocumentEntryClassCode/*', ihe).map(({ id }) => id)).to.have.length(2)
  })
})
