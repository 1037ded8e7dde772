// Status and errors as they travel.
import { expect } from 'chai'
import fc from 'fast-check'
import type { RegistryError } from '../../metadata/model.js'
import { SoapFault } from '../../soap/fault.js'
import { registryResponse } from '../../transactions/registry-response-codec.js'
import type { RegistryResponse } from '../../transactions/xds-messages.js'
import { decodeText, overTheWire, xopXml } from '../samples/encoded.js'
import { faultsOf } from '../wsdl/validity.js'

const error: RegistryError = { errorCode: 'XDSRegistryMetadataError', codeContext: 'a < b & "c"', severity: 'Error' }
const warning: RegistryError = {
  errorCode: 'XDSExtraMetadataNotSaved',
  codeContext: 'x',
  severity: 'Warning',
  location: '2.25.1',
}

describe('rs:RegistryResponse', () => {
  it('is the same after it has been written and read [ITI TF-3:4.2.4]', async () => {
    const text = fc.string({ unit: 'grapheme-ascii' })
    const errors = fc.array(
      fc.record({
        errorCode: text,
        codeContext: text,
        severity: fc.constantFrom('Error' as const, 'Warning' as const),
      }),
    )
    const response = fc.record({
      status: fc.constantFrom('Success' as const, 'PartialSuccess' as const, 'Failure' as const),
      errors,
    })
    await fc.assert(
      fc.asyncProperty(response, async (value: RegistryResponse) => {
        expect(await overTheWire(registryResponse, value)).to.deep.equal(value)
      }),
    )
  })

  it('is valid by the schema, with errors and without [ITI TF-3:4.2.4.1]', () => {
    const answers: RegistryResponse[] = [
      { status: 'Success', errors: [] },
      { status: 'Failure', errors: [error, warning] },
    ]
    for (const answer of answers) expect(faultsOf('rs', xopXml(registryResponse.encode(answer)))).to.deep.equal([])
  })

  it('says how severe the worst of its errors is [ITI TF-3:4.2.4]', () => {
    const highest = (errors: RegistryError[]) =>
      /highestSeverity="[^"]*:(\w+)"/.exec(xopXml(registryResponse.encode({ status: 'Success', errors })))?.[1]
    expect(highest([warning, error])).to.equal('Error')
    expect(highest([warning])).to.equal('Warning')
    expect(highest([])).to.equal(undefined)
  })

  it('is read where a sender left out what is optional, and more', () => {
    const read = decodeText(
      registryResponse,
      `<RegistryResponse xmlns="urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0" status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:PartialSuccess">
        <RegistryErrorList><RegistryError errorCode="Foreign" location=""> said here </RegistryError></RegistryErrorList>
      </RegistryResponse>`,
    )
    const errors = [{ errorCode: 'Foreign', codeContext: 'said here', severity: 'Error' }]
    expect(read).to.deep.equal({ status: 'PartialSuccess', errors })
  })

  it('is refused in words when it is something else or has no status', () => {
    const rs = 'urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0'
    for (const xml of [
      '<RegistryResponse/>',
      `<Other xmlns="${rs}"/>`,
      `<RegistryResponse xmlns="${rs}" status="maybe"/>`,
    ]) {
      expect(() => decodeText(registryResponse, xml)).to.throw(SoapFault, /RegistryResponse/)
    }
  })
})
