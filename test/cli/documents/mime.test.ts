import { expect } from 'chai'
import { mimeTypeOf } from '../../../cli/documents/mime.js'

const cases: [what: string, name: string, content: string | Buffer, mimeType: string][] = [
  ['a PDF whatever its name', 'x.txt', '%PDF-1.4\n', 'application/pdf'],
  ['a PNG', 'x', Buffer.from('89504e470d0a1a0a0000', 'hex'), 'image/png'],
  ['a JPEG', 'x', Buffer.from('ffd8ffe000', 'hex'), 'image/jpeg'],
  ['a GIF', 'x', 'GIF89a…', 'image/gif'],
  ['a TIFF of either byte order', 'x', Buffer.from('4d4d002a00', 'hex'), 'image/tiff'],
  ['DICOM behind its preamble', 'x', Buffer.concat([Buffer.alloc(128), Buffer.from('DICM')]), 'application/dicom'],
  ['XML', 'x.bin', '<?xml version="1.0"?><a/>', 'text/xml'],
  ['XML with a byte order mark and no declaration', 'x', '\uFEFF <a/>', 'text/xml'],
  ['XML in UTF-16', 'x', Buffer.from('\uFEFF<?xml version="1.0"?><a/>', 'utf16le'), 'text/xml'],
  ['FHIR in XML', 'x.xml', '<Bundle xmlns="http://hl7.org/fhir"/>', 'application/fhir+xml'],
  ['FHIR in JSON', 'x', '{"resourceType": "Bundle"}', 'application/fhir+json'],
  ['JSON', 'x', '[{"a": 1}]', 'application/json'],
  ['HTML', 'x', '<!DOCTYPE html><html></html>', 'text/html'],
  ['CSV by its name', 'x.CSV', 'a;b\n1;2\n', 'text/csv'],
  ['text', 'README', 'Grüezi mitenand', 'text/plain'],
  ['text that was cut within a character', 'x', Buffer.from('Grü').subarray(0, 3), 'text/plain'],
  ['bytes that say nothing', 'x', Buffer.from([0, 1, 2, 250]), 'application/octet-stream'],
]

describe('cli/mime', () => {
  for (const [what, name, content, mimeType] of cases) {
    it(`knows ${what}: ${mimeType}`, () => expect(mimeTypeOf(name, Buffer.from(content))).to.equal(mimeType))
  }
})
