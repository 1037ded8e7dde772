import { expect } from 'chai'
import { type PeerRole, peerRoles } from '../../config/peer-roles.js'
import { documentRegistry } from '../../registry/actor.js'
import { bodyOf, refuseStrangers, servedBy } from '../../server/addressee.js'
import { SoapFault } from '../../soap/fault.js'
import type { SoapMessage } from '../../soap/message.js'
import { namespaces } from '../../soap/namespaces.js'
import { demographicsCancelled } from '../../transactions/hl7v3/patient-demographics.js'
import { removeDocuments, removeMetadata } from '../../transactions/remove.js'

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

describe('the Body of a message', () => {
  const found = (name: string) => {
    const body = { namespace: namespaces.hl7v3, name, attributes: [], children: [], text: '' }
    return bodyOf({ body } as unknown as SoapMessage, demographicsCancelled as unknown as Parameters<typeof bodyOf>[1])
  }

  it('may have the name of the interaction where that of the framework is another [ITI TF-2:3.47.4.3.2]', () => {
    for (const name of ['QUQI_IN000003UV01_Cancel', 'QUQI_IN000003UV01']) {
      expect(found(name).name).to.equal(name)
      expect(demographicsCancelled.request.decode(found(name), {} as never).statusCode).to.equal('')
    }
    expect(() => found('PRPA_IN201305UV02')).to.throw(/carries .*QUQI_IN000003UV01_Cancel in its SOAP Body/)
  })
})

describe('metadata and documents', () => {
  const may = (contract: typeof removeMetadata | typeof removeDocuments, role: PeerRole) => {
    const partner = { name: 'somebody', roles: new Set([role]), address: '10.0.0.1' }
    try {
      refuseStrangers(contract as unknown as Parameters<typeof refuseStrangers>[0], partner)
      return true
    } catch (problem) {
      expect(problem).to.be.instanceOf(SoapFault)
      return false
    }
  }

  it('are removed by administrators alone [ITI TF-2:3.62.2, 3.86.2]', () => {
    for (const contract of [removeMetadata, removeDocuments]) {
      expect(peerRoles.filter(role => may(contract, role))).to.have.members(['admin', 'document-administrator'])
    }
  })
})
