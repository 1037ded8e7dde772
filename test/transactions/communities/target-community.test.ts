// For which community documents are, as it travels with an ITI-41 or ITI-80.
import { expect } from 'chai'
import { parseXml, type XmlElement } from '../../../soap/xml.js'
import { homeCommunityBlock, provideToCommunityRequest } from '../../../transactions/communities/target-community.js'
import { crossGatewayDocumentProvide, provideAndRegisterThrough } from '../../../transactions/communities/xcdr.js'
import { arrived, xopXml } from '../../samples/encoded.js'
import { aSubmission } from '../../samples/submission.js'
import { faultsOf } from '../../wsdl/validity.js'

const [bern, vaud] = ['urn:oid:2.999.80', 'urn:oid:2.999.81']
const request = (homes: string[] = []) => ({ submission: aSubmission(), documents: [], homes })
const block = (attributes: string, ...homes: string[]) =>
  parseXml(
    `<h:homeCommunityBlock xmlns:h="urn:ihe:iti:xdr:2014" xmlns:s="http://www.w3.org/2003/05/soap-envelope" ${attributes}>${homes
      .map(home => `<h:homeCommunityId>${home}</h:homeCommunityId>`)
      .join('')}</h:homeCommunityBlock>`,
  )
const slot = (value: string) =>
  `<rs:RequestSlotList xmlns:rs="urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0"><rim:Slot name="homeCommunityId"><rim:ValueList><rim:Value>${value}</rim:Value></rim:ValueList></rim:Slot></rs:RequestSlotList>`
const read = (headers: XmlElement[], inBody = '') => {
  const xml = xopXml(provideToCommunityRequest.encode(request())).replace('<rim:RegistryObjectList>', `${inBody}$&`)
  return provideToCommunityRequest.decode(parseXml(xml), { ...arrived(), headers }).homes
}

describe('the community that documents are for', () => {
  it('stands in a header block of its own [ITI TF-2:3.80.4.1.2, 3.41.4.1.2.2]', () => {
    const [header] = provideToCommunityRequest.encode(request([bern])).headers ?? []
    const written = parseXml(String(header))
    expect(written).to.include(homeCommunityBlock)
    expect(read([written])).to.deep.equal([bern])
    expect(provideToCommunityRequest.encode(request()).headers).to.deep.equal([])
  })

  it('stands in the request too, for those who look for it there, which is valid by the schema [ITI TF-2:3.80.4.1.2]', () => {
    const xml = xopXml(provideToCommunityRequest.encode(request([bern])))
    expect(faultsOf('xdsb', xml)).to.deep.equal([])
    expect(provideToCommunityRequest.decode(parseXml(xml), arrived()).homes).to.deep.equal([bern])
    expect(xopXml(provideToCommunityRequest.encode(request()))).not.to.contain('RequestSlotList')
  })

  it('is read whatever the role that the block is for, among other headers [ITI TF-2:3.80.4.1.2]', () => {
    for (const attributes of ['', 's:role="urn:ihe:iti:xd:id" s:relay="true"', 's:mustUnderstand="1"']) {
      expect(read([parseXml('<other/>'), block(attributes, ` ${bern}\n`)])).to.deep.equal([bern])
    }
    expect(
      read([parseXml('<homeCommunityBlock><homeCommunityId>1</homeCommunityId></homeCommunityBlock>')]),
    ).to.deep.equal([])
    expect(read([block('')])).to.deep.equal([])
  })

  it('is read of a Slot of the request too, and each once [ITI TF-2:3.80.4.1.2]', () => {
    expect(read([], slot(bern))).to.deep.equal([bern])
    expect(read([block('', bern)], slot(bern))).to.deep.equal([bern])
    expect(read([block('', bern)], slot(vaud))).to.deep.equal([bern, vaud])
    expect(read([block('', bern), block('', vaud)])).to.deep.equal([bern, vaud])
    expect(read([block('', ...Array.from({ length: 50 }, (_, each) => `${each}`))])).to.have.length(10)
  })

  it('is understood by whoever answers ITI-80, and ITI-41 as a gateway does [SOAP 1.2 Part 1: 2.4]', () => {
    for (const contract of [crossGatewayDocumentProvide, provideAndRegisterThrough]) {
      expect(contract.headers).to.deep.equal([homeCommunityBlock])
    }
  })
})
