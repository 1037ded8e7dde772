import { expect } from 'chai'
import { documentRegistry } from '../../registry/actor.js'
import { servedBy } from '../../server/addressee.js'
import type { SoapMessage } from '../../soap/message.js'
import { namespaces } from '../../soap/namespaces.js'

describe('a message without an action', () => {
  const lineFor = (namespace: string, name: string) => {
    const body = { namespace, name, attributes: [], children: [], text: '' }
    return servedBy(documentRegistry, { action: '', body } as unknown as SoapMessage).contract.id
  }

  it('is for the first transaction that carries what it carries', () => {
    expect(lineFor(namespaces.lcm, 'SubmitObjectsRequest')).to.equal('ITI-42')
    expect(lineFor(namespaces.query, 'AdhocQueryRequest')).to.equal('ITI-18')
    expect(lineFor(namespaces.hl7v3, 'PRPA_IN201301UV02')).to.equal('ITI-44')
  })

  it('is refused when it carries what nobody asks for', () => {
    expect(() => lineFor(namespaces.xdsb, 'RetrieveDocumentSetRequest')).to.throw(/this Document Registry answers/)
  })
})
