// Lists of codes as others publish them, in the forms that they have in the field.
import { expect } from 'chai'
import { CodeListProblem } from '../../affinity/code-list.js'
import { readCodeLists } from '../../affinity/read-code-lists.js'

const none = new Map<string, string>()
const snomed = 'http://snomed.info/sct'

const classes = {
  resourceType: 'ValueSet',
  id: 'DocumentEntry.classCode',
  url: 'http://example.org/ValueSet/DocumentEntry.classCode',
  identifier: [{ value: 'urn:oid:2.999.1.3' }],
  version: '2026-11-01',
  name: 'DocumentEntryClassCode',
  title: 'DocumentEntry.classCode',
  compose: {
    include: [
      {
        system: snomed,
        concept: [
          {
            code: '422735006',
            display: 'Summary clinical document (record artifact)',
            designation: [
              { language: 'de-CH', value: 'Zusammenfassung' },
              { language: 'en-US', value: 'Summary' },
              { language: 'it-CH', value: '  ' },
            ],
          },
          { code: '721963009' },
        ],
      },
      { system: 'urn:oid:2.999.5', concept: [{ code: 'X', display: 'X-ray' }] },
    ],
  },
}

const read = (value: unknown, systems = none) =>
  readCodeLists(typeof value === 'string' ? value : JSON.stringify(value), systems)

function problem(value: unknown): string {
  try {
    read(value)
  } catch (problem) {
    if (problem instanceof CodeListProblem) return problem.message
    throw problem
  }
  return 'it was read'
}

describe('affinity/read-code-lists', () => {
  it('reads a FHIR ValueSet: attribute, codes, schemes as OIDs, names by language', () => {
    expect(read(classes)).to.deep.equal([
      {
        attribute: 'DocumentEntry.classCode',
        called: 'DocumentEntry.classCode',
        oid: '2.999.1.3',
        version: '2026-11-01',
        codes: [
          {
            code: '422735006',
            codingScheme: '2.16.840.1.113883.6.96',
            names: { en: 'Summary', de: 'Zusammenfassung' },
          },
          { code: '721963009', codingScheme: '2.16.840.1.113883.6.96', names: { en: '721963009' } },
          { code: 'X', codingScheme: '2.999.5', names: { en: 'X-ray' } },
        ],
        leftOut: [],
      },
    ])
  })

  it('reads an expansion before what composes it, abstract codes left out', () => {
    const contains = [
      {
        system: snomed,
        code: 'A',
        display: 'A',
        abstract: true,
        contains: [{ system: snomed, code: 'B', display: 'B' }],
      },
    ]
    const [list] = read({ ...classes, expansion: { contains } })
    expect(list?.codes.map(({ code }) => code)).to.deep.equal(['B'])
  })

  it('reads a CodeSystem with codes below codes', () => {
    const system = {
      resourceType: 'CodeSystem',
      url: 'http://example.org/CodeSystem/types',
      identifier: [{ value: 'urn:oid:2.999.7' }],
      name: 'DocumentEntryTypeCode',
      concept: [{ code: 'A', display: 'A', concept: [{ code: 'B', display: 'B' }] }],
    }
    const [list] = read(system)
    expect(list?.attribute).to.equal('DocumentEntry.typeCode')
    expect(list?.codes).to.deep.equal([
      { code: 'A', codingScheme: '2.999.7', names: { en: 'A' } },
      { code: 'B', codingScheme: '2.999.7', names: { en: 'B' } },
    ])
  })

  it('reads a Bundle, a CodeSystem in it telling the OID and the codes that a ValueSet includes as a whole', () => {
    const url = 'http://example.org/CodeSystem/roles'
    const bundle = {
      resourceType: 'Bundle',
      entry: [
        {
          resource: {
            ...{ resourceType: 'CodeSystem', url, identifier: [{ value: 'urn:oid:2.999.8' }] },
            concept: [{ code: 'HCP', display: 'Professional' }],
          },
        },
        {
          resource: {
            resourceType: 'ValueSet',
            id: 'SubmissionSet.Author.AuthorRole',
            compose: { include: [{ system: url }] },
          },
        },
      ],
    }
    expect(read(bundle)).to.deep.equal([
      {
        attribute: 'SubmissionSet.author.authorRole',
        called: 'SubmissionSet.Author.AuthorRole',
        codes: [{ code: 'HCP', codingScheme: '2.999.8', names: { en: 'Professional' } }],
        leftOut: [],
      },
    ])
  })

  it('leaves out what a ValueSet includes without naming it, and says so', () => {
    const include = [{ system: snomed, filter: [{ property: 'concept', op: 'is-a', value: '1' }] }]
    const [list] = read({ ...classes, compose: { include } })
    expect(list?.codes).to.deep.equal([])
    expect(list?.leftOut).to.deep.equal([
      'what it includes of http://snomed.info/sct without naming codes; expand it first',
    ])
  })

  it('takes languages and media types without a scheme', () => {
    const compose = { include: [{ system: 'urn:ietf:bcp:13', concept: [{ code: 'text/plain', display: 'Text' }] }] }
    const [list] = read({ resourceType: 'ValueSet', id: 'DocumentEntry.mimeType', compose })
    expect([list?.attribute, list?.codes]).to.deep.equal([
      'DocumentEntry.mimeType',
      [{ code: 'text/plain', names: { en: 'Text' } }],
    ])
  })

  it('asks for the OID of a system that it does not know, and takes it', () => {
    const compose = { include: [{ system: 'http://example.org/x', concept: [{ code: 'A', display: 'A' }] }] }
    const unknown = { ...classes, compose }
    expect(problem(unknown)).to.equal(
      'has codes of the system "http://example.org/x" in DocumentEntry.classCode, whose OID is not known here; say it by --system http://example.org/x=OID',
    )
    const [list] = read(unknown, new Map([['http://example.org/x', '2.999.6']]))
    expect(list?.codes[0]?.codingScheme).to.equal('2.999.6')
  })

  it('reads codes.xml of the toolkit: attributes by classScheme, a code once', () => {
    const lists = read(`<?xml version="1.0" encoding="UTF-8"?>
      <!-- domain of a connectathon -->
      <Codes>
        <AssigningAuthority id="1.3.6.1.4.1.21367.2005.3.7"/>
        <CodeType name="contentTypeCode" classScheme="urn:uuid:aa543740-bdda-424e-8c96-df4873be8500">
          <Code code="Consult" display="Consult" codingScheme="Connect-a-thon contentTypeCodes"/>
        </CodeType>
        <CodeType name="classCode" classScheme="urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a">
          <Code code="Consent" display="Consent" codingScheme="Connect-a-thon classCodes"/>
          <Code code="Consent" display="Consent" codingScheme="Connect-a-thon classCodes"/>
          <Code code="Consent" codingScheme="Connect-a-thon classCodes 2"/>
          <Code code="Orphan" display="Orphan"/>
        </CodeType>
        <CodeType name="folderCodeList" classScheme="urn:uuid:1ba97051-7806-41a8-a48b-8fce7af683c5">
          <Code code="Referrals" display="Referrals" codingScheme="Connect-a-thon folderCodeList"/>
        </CodeType>
        <CodeType name="mimeType"><Code code="text/xml" display="CDA" codingScheme="mime" ext="xml"/></CodeType>
        <CodeType name="homegrown"><Code code="A" display="A" codingScheme="x"/></CodeType>
      </Codes>`)
    expect(lists[1]?.leftOut).to.deep.equal(['the code "Orphan", which has no codingScheme'])
    expect(lists.map(({ attribute, codes }) => [attribute, codes])).to.deep.equal([
      [
        'SubmissionSet.contentTypeCode',
        [{ code: 'Consult', codingScheme: 'Connect-a-thon contentTypeCodes', names: { en: 'Consult' } }],
      ],
      [
        'DocumentEntry.classCode',
        [
          { code: 'Consent', codingScheme: 'Connect-a-thon classCodes', names: { en: 'Consent' } },
          { code: 'Consent', codingScheme: 'Connect-a-thon classCodes 2', names: { en: 'Consent' } },
        ],
      ],
      [
        'Folder.codeList',
        [{ code: 'Referrals', codingScheme: 'Connect-a-thon folderCodeList', names: { en: 'Referrals' } }],
      ],
      ['DocumentEntry.mimeType', [{ code: 'text/xml', names: { en: 'CDA' } }]],
      [undefined, [{ code: 'A', codingScheme: 'x', names: { en: 'A' } }]],
    ])
  })

  const unreadable: [title: string, value: unknown, says: RegExp][] = [
    ['what is neither XML nor JSON', 'code;display', /^is neither XML nor JSON/],
    ['another resource', { resourceType: 'Patient' }, /^holds no ValueSet and no CodeSystem of FHIR$/],
    ['no resource at all', 'null', /^holds no ValueSet/],
    ['XML of another kind', '<html/>', /^is no codes\.xml/],
    ['broken XML', '<Codes><CodeType>', /^cannot be read as XML: /],
    ['XML with a document type', '<!DOCTYPE Codes [<!ENTITY a "b">]><Codes/>', /^cannot be read as XML: /],
  ]
  for (const [title, value, says] of unreadable) {
    it(`says what is wrong with ${title}`, () => expect(problem(value)).to.match(says))
  }
})
