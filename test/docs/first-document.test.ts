// The messages that a newcomer sends with curl are valid, and are about the patient that the first start announces.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { demoPatient } from '../../cli/services/start.js'
import { packageRoot } from '../../ports/processes.js'
import { faultsOf } from '../wsdl/validity.js'

const messages: [file: string, schema: string][] = [
  ['submit.xml', 'xdsb'],
  ['query.xml', 'query'],
  ['retrieve.xml', 'xdsb'],
]

describe('docs/first-document', () => {
  for (const [file, schema] of messages) {
    it(`${file} is valid`, () => {
      const text = readFileSync(join(packageRoot, 'docs', 'first-document', file), 'utf8')
      const body = /<soap:Body>(.*)<\/soap:Body>/s.exec(text)?.[1] ?? ''
      expect(faultsOf(schema, body.trim())).to.deep.equal([])
    })
  }

  it('is about the demo patient', () => {
    const patient = demoPatient.replaceAll('&', '&amp;')
    for (const file of ['submit.xml', 'query.xml']) {
      expect(readFileSync(join(packageRoot, 'docs', 'first-document', file), 'utf8')).to.contain(patient)
    }
  })
})
