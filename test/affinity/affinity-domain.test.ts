// Folders of affinity domains: what they can say, how they extend one another, and how a broken one is refused.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { openDomain } from '../../affinity/affinity-domain.js'
import { logicRules } from '../../affinity/switched-rules.js'
import type { SubmittedBy } from '../../metadata/attribute.js'
import { checkAttributes } from '../../metadata/check.js'
import type { DocumentEntry } from '../../metadata/model.js'
import { objectTables } from '../../metadata/object-tables.js'
import { systemFiles } from '../../ports/files.js'
import { packageRoot } from '../../ports/processes.js'
import { anyStatus, approved, aRegistry, codesOf, decodedList, idsOf, ihe, quote } from '../registry/a-registry.js'
import {
  aCode,
  aDocumentEntry,
  anAuthor,
  anOid,
  aSubmission,
  aSubmissionSet,
  samplePatientId,
} from '../samples/submission.js'
import { aDomainOf, type FolderFiles, faultsOf, inFolder } from './a-domain-folder.js'

const document = readFileSync(join(packageRoot, 'docs', 'AFFINITY-DOMAINS.md'), 'utf8')

/** The files of the example, as the document shows them. */
const example: FolderFiles = Object.fromEntries(
  [...document.matchAll(/^`domain\/([\w./-]+)`\n\n```json\n(.*?)```/gms)].map(([, path, text]) => [path, text]),
)

const lakesideEntry: Partial<DocumentEntry> = {
  classCode: aCode('REP', 'Report', '2.999.10.1'),
  typeCode: aCode('DIS', 'Discharge report', '2.999.10.2'),
  extraMetadata: [{ name: 'urn:lakeside:caseNumber', values: ['20261123'] }],
}

describe('affinity/affinity-domain', () => {
  describe('ihe', () => {
    it('asks for nothing beside the framework, so that a request costs nothing more', () => {
      expect(ihe.tables).to.equal(objectTables)
      expect([ihe.codeSets.size, ihe.switchedOn, ihe.hides]).to.deep.equal([0, {}, undefined])
    })
  })

  describe('the example of docs/AFFINITY-DOMAINS.md', () => {
    it('is a folder that can be used', async () => {
      expect(Object.keys(example)).to.deep.equal(['domain.json', 'codes/classCode.json', 'class-type-pairs.json'])
      expect(await faultsOf(example)).to.deep.equal([])
    })

    const said: [title: string, changes: Partial<DocumentEntry>, says: string][] = [
      [
        'an entry without case number',
        { extraMetadata: [] },
        'Slot "urn:lakeside:caseNumber": expected a value, required on ITI-42 in domain lakeside, found nothing [Lakeside handbook 4.2]',
      ],
      [
        'a case number of another form',
        { extraMetadata: [{ name: 'urn:lakeside:caseNumber', values: ['7'] }] },
        'expected a case number of eight digits, found "7" [Lakeside handbook 4.2]',
      ],
      [
        'a class that is not in the set [ITI TF-2:3.42.4.1.3.2]',
        { classCode: aCode('REP', 'Report', '2.999.10.9') },
        'classCode: expected REP or IMG that domain lakeside has for DocumentEntry.classCode (carnet codes list), found "REP" of "2.999.10.9" [Lakeside handbook 4.1]',
      ],
      ['a pair that is none', { typeCode: aCode('XR', 'X-ray', '2.999.10.2') }, 'expected a typeCode that goes with'],
      [
        'a title over its own bound',
        { title: [{ value: 'x'.repeat(61) }] },
        'title: expected at most 60 characters, found 61 characters [domain lakeside: title]',
      ],
    ]
    for (const [title, changes, says] of said) {
      it(`refuses ${title}`, async () => {
        const registry = await aRegistry({}, await aDomainOf(example))
        const answer = await registry.register(aSubmission({ documentEntry: { ...lakesideEntry, ...changes } }))
        expect([answer.status, codesOf(answer)]).to.deep.equal(['Failure', ['XDSRegistryMetadataError']])
        expect(answer.errors[0]?.codeContext).to.contain(says)
        await registry.close()
      })
    }

    it('takes what keeps its rules, warns of a second author, and says which extra metadata it did not save [ITI TF-2:3.42.4.1.3.2]', async () => {
      const registry = await aRegistry({}, await aDomainOf(example))
      const author = [anAuthor(), anAuthor()]
      const extraMetadata = [...(lakesideEntry.extraMetadata ?? []), { name: 'urn:other', values: ['x'] }]
      const submission = aSubmission({ documentEntry: { ...lakesideEntry, author, extraMetadata } })
      const answer = await registry.register(submission)
      expect(answer.status).to.equal('Success')
      expect(answer.errors.map(({ errorCode, severity }) => [errorCode, severity])).to.deep.equal([
        ['XDSRegistryMetadataError', 'Warning'],
        ['XDSExtraMetadataNotSaved', 'Warning'],
      ])
      expect(answer.errors[1]?.codeContext).to.contain('found "urn:other"')
      const found = await registry.found('FindDocuments', {
        $XDSDocumentEntryPatientId: quote(samplePatientId),
        $XDSDocumentEntryStatus: approved,
      })
      expect(found.documentEntries[0]?.extraMetadata).to.deep.equal(lakesideEntry.extraMetadata)
      await registry.close()
    })
  })

  it('is documented rule by rule', () => {
    const rows = [...document.matchAll(/^\| `([a-z0-9-]+)` \| (.*) \|$/gm)].map(([, id, says]) => [id, says])
    for (const [id, says] of Object.entries(logicRules)) expect(rows).to.deep.include([id, says])
  })

  describe('limits of a domain', () => {
    const limits: FolderFiles = {
      'domain.json': {
        name: 'own',
        extends: 'ihe',
        rules: {
          title: { attribute: 'DocumentEntry.title', maxLength: 500 },
          'unique-id': { attribute: 'DocumentEntry.uniqueId', maxLength: 64, pattern: '^[0-9.]+$', expected: 'an OID' },
          'source-id': { attribute: 'SubmissionSet.sourceId', values: ['2.999.3.1'] },
          language: { attribute: 'DocumentEntry.languageCode', maxLength: 5 },
          comments: { attribute: 'DocumentEntry.comments', forbidden: true, on: ['ITI-42'] },
        },
      },
    }
    const told: [title: string, changes: Partial<DocumentEntry>, says: string][] = [
      ['a uniqueId of another form', { uniqueId: 'urn:x' }, 'uniqueId: expected an OID, found "urn:x"'],
      ['a uniqueId that is too long', { uniqueId: '1'.repeat(65) }, 'uniqueId: expected at most 64 characters'],
      [
        'a value in a Slot that is too long',
        { languageCode: 'de-CH-x' },
        'languageCode: expected at most 5 characters',
      ],
      ['comments', { comments: [{ value: 'x' }] }, 'comments: expected nothing, forbidden on ITI-42 in domain own'],
      ['a title over its longer bound', { title: [{ value: 'x'.repeat(501) }] }, 'title: expected at most 500'],
    ]
    for (const [title, changes, says] of told) {
      it(`refuse ${title}`, async () => {
        const registry = await aRegistry({}, await aDomainOf(limits))
        const answer = await registry.register(aSubmission({ documentEntry: changes }))
        expect(answer.errors.map(({ codeContext }) => codeContext).join('\n')).to.contain(says)
        expect(answer.status).to.equal('Failure')
        await registry.close()
      })
    }

    it('take a title that is longer than the framework has it', async () => {
      const registry = await aRegistry({}, await aDomainOf(limits))
      const title = [{ value: 'x'.repeat(300) }]
      expect((await registry.register(aSubmission({ documentEntry: { title } }))).errors).to.deep.equal([])
      await registry.close()
    })

    it('hold for the transactions that a rule names, on-demand entries included', async () => {
      const { tables } = await aDomainOf({
        'domain.json': {
          name: 'own',
          rules: { title: { attribute: 'DocumentEntry.title', maxLength: 3, on: ['ITI-57'] } },
        },
      })
      const entry = aDocumentEntry({
        objectType: 'on-demand',
        hash: undefined,
        size: undefined,
        creationTime: undefined,
      })
      const submission = aSubmission({ documentEntries: [entry] })
      const told = (transaction: SubmittedBy) =>
        checkAttributes(submission, transaction, tables).filter(({ attribute }) => attribute === 'title').length
      expect([told('ITI-57'), told('ITI-61')]).to.deep.equal([1, 0])
    })

    it('may want a form of the uniqueId, which the framework does not [ITI TF-3:4.2.3.2.26]', async () => {
      const decision = readFileSync(join(packageRoot, 'docs', 'decisions', '0202-forms-of-unique-ids.md'), 'utf8')
      const [row = ''] = /"unique-id": \{.*?"level": "warn" \}/.exec(decision) ?? []
      const file = { name: 'own', extends: 'ihe', rules: JSON.parse(`{${row}}`) as object }
      const registry = await aRegistry({}, await aDomainOf({ 'domain.json': file }))
      const told = async (uniqueId: string) => {
        const { status, errors } = await registry.register(aSubmission({ documentEntry: { uniqueId } }))
        return [status, errors.length]
      }
      expect(await told('2.999.1^a-letter')).to.deep.equal(['Success', 0])
      expect(await told('urn:uuid:0b3c1d52-77aa-4e0f-9d1e-5f6a7b8c9d0e')).to.deep.equal(['Success', 1])
      await registry.close()
    })

    it('may only warn of a code outside of a set', async () => {
      const files = {
        'domain.json': { name: 'own', extends: 'ihe' },
        'codes/x.json': {
          attribute: 'DocumentEntry.classCode',
          level: 'warn',
          codes: [{ code: 'A', codingScheme: '1.2', names: { en: 'A' } }],
        },
      }
      const registry = await aRegistry({}, await aDomainOf(files))
      const answer = await registry.register(aSubmission())
      expect([answer.status, answer.errors.map(({ severity }) => severity)]).to.deep.equal(['Success', ['Warning']])
      await registry.close()
    })
  })

  describe('extends', () => {
    const base: FolderFiles = {
      'base/domain.json': {
        name: 'base',
        extends: 'ihe',
        settings: { registry: { maxResults: 7 } },
        rules: {
          title: { attribute: 'DocumentEntry.title', required: true },
          size: { attribute: 'DocumentEntry.size', maxLength: 5 },
        },
      },
      'base/codes/class.json': {
        attribute: 'DocumentEntry.classCode',
        codes: [{ code: 'A', codingScheme: '1.2', names: { en: 'A' } }],
      },
    }

    it('takes over what it does not say itself, and changes one field of a rule', async () => {
      const files = {
        ...base,
        'domain.json': { name: 'own', extends: './base', rules: { title: 'warn', size: 'off' } },
      }
      const domain = await aDomainOf(files)
      expect([domain.name, [...domain.codeSets.keys()]]).to.deep.equal(['own', ['DocumentEntry.classCode']])
      const title = domain.tables.DocumentEntry.attributes.find(({ name }) => name === 'title')
      expect(title?.local?.(undefined, 'ITI-42')).to.deep.equal([
        {
          expected: 'a value, required on ITI-42 in domain own',
          found: 'nothing',
          clause: 'domain own: title',
          severity: 'Warning',
        },
      ])
      expect(domain.tables.DocumentEntry.attributes.find(({ name }) => name === 'size')?.local).to.equal(undefined)
    })

    it('opens a set of codes again', async () => {
      const opened = {
        attribute: 'DocumentEntry.classCode',
        level: 'off',
        codes: [{ code: 'A', codingScheme: '1.2', names: { en: 'A' } }],
      }
      const domain = await aDomainOf({
        ...base,
        'domain.json': { name: 'own', extends: './base' },
        'codes/c.json': opened,
      })
      const registry = await aRegistry({}, domain)
      expect((await registry.register(aSubmission())).status).to.equal('Success')
      await registry.close()
    })

    it('does not lead back to itself', async () => {
      const files = {
        'domain.json': { name: 'one', extends: './two' },
        'two/domain.json': { name: 'two', extends: '..' },
      }
      expect(await faultsOf(files)).to.deep.equal([
        'two/domain.json: extends leads back to .; a domain cannot extend itself',
      ])
    })

    it('names a folder that is not there', async () => {
      const [fault] = await faultsOf({ 'domain.json': { name: 'one', extends: './two' } })
      expect(fault).to.match(/^two\/domain\.json: there is no such file/)
    })
  })

  describe('a broken folder', () => {
    const valid = { name: 'own', extends: 'ihe' }
    const codes = [{ code: 'A', codingScheme: '1.2', names: { en: 'A' } }]
    const rule = (id: string, row: unknown) => ({ 'domain.json': { ...valid, rules: { [id]: row } } })
    const set = (changes: object) => ({
      'domain.json': valid,
      'codes/x.json': { attribute: 'DocumentEntry.classCode', codes, ...changes },
    })
    const pairs = { 'class-type-pairs.json': { clause: 'X', pairs: { A: ['T'], B: ['T'] } } }

    const cases: [files: FolderFiles, fault: RegExp][] = [
      [{ 'domain.json': '{\n  "name": "own",\n  "extends": \n}' }, /^domain\.json: it is not JSON, line 4: /],
      [{ 'domain.json': {} }, /^domain\.json: name is missing$/],
      [
        { 'domain.json': { ...valid, colour: 1 } },
        /^domain\.json: colour is no setting of a domain; remove it or correct/,
      ],
      [
        { 'domain.json': { name: 'Own Domain' } },
        /^domain\.json: name must be of lower case letters, digits and hyphens$/,
      ],
      [rule('title', 'fatal'), /^domain\.json: rules\.title\.level must be one of "error", "warn", "off"$/],
      [rule('My Rule', 'error'), /^domain\.json: rules\.My Rule must be of lower case letters, digits and hyphens$/],
      [
        rule('no-such', 'error'),
        /^domain\.json: rules\.no-such has no attribute and is none of the rules that Carnet has by name: class-type-pair/,
      ],
      [
        rule('x', { attribute: 'classCode', required: true }),
        /^domain\.json: rules\.x\.attribute must be as DocumentEntry\.classCode$/,
      ],
      [
        rule('x', { attribute: 'DocumentEntry.clasCode', required: true }),
        /^domain\.json: rules\.x\.attribute "DocumentEntry\.clasCode" is no attribute/,
      ],
      [
        rule('x', { attribute: 'DocumentEntry.title' }),
        /^domain\.json: rules\.x asks for nothing; give it one of required/,
      ],
      [
        rule('x', { attribute: 'DocumentEntry.title', pattern: '(', expected: 'x' }),
        /^domain\.json: rules\.x\.pattern must be a regular expression$/,
      ],
      [
        rule('x', { attribute: 'DocumentEntry.title', pattern: 'x' }),
        /^domain\.json: rules\.x has a pattern and no expected/,
      ],
      [
        rule('x', { attribute: 'DocumentEntry.title', required: true, on: ['ITI-1'] }),
        /^domain\.json: rules\.x\.on\[0\] must be one of "ITI-41"/,
      ],
      [
        rule('no-folders', { required: true }),
        /^domain\.json: rules\.no-folders is a rule that Carnet has by name; it takes level and clause, no required$/,
      ],
      [
        rule('no-folders', { attribute: 'DocumentEntry.title', required: true }),
        /^domain\.json: rules\.no-folders has the name of a rule of Carnet/,
      ],
      [
        rule('class-type-pair', 'error'),
        /^domain\.json: rules\.class-type-pair needs class-type-pairs\.json, which is not there$/,
      ],
      [set({ attribute: 'DocumentEntry.klass' }), /^codes\/x\.json: attribute "DocumentEntry\.klass" is no attribute/],
      [set({ codes: [] }), /^codes\/x\.json: codes must not be empty$/],
      [
        set({ codes: [{ code: 'A', names: { en: 'A' } }] }),
        /^codes\/x\.json: codes\[0\]\.codingScheme is missing; DocumentEntry\.classCode carries one$/,
      ],
      [set({ codes: [...codes, ...codes] }), /^codes\/x\.json: codes\[1\] has the code "A" of "1\.2" a second time$/],
      [set({ codes: [{ ...codes[0], names: { de: 'A' } }] }), /^codes\/x\.json: codes\[0\]\.names\.en is missing/],
      [
        { ...set({}), 'codes/y.json': { attribute: 'DocumentEntry.classCode', codes } },
        /^codes\/y\.json: attribute DocumentEntry\.classCode has its codes in codes\/x\.json already/,
      ],
      [{ ...set({}), ...pairs }, /^class-type-pairs\.json: pairs\.B is no code of DocumentEntry\.classCode$/],
      [
        {
          ...set({ attribute: 'DocumentEntry.typeCode' }),
          'class-type-pairs.json': { clause: 'X', pairs: { A: ['A', 'T'] } },
        },
        /^class-type-pairs\.json: pairs\.A lists T, which is no code of DocumentEntry\.typeCode$/,
      ],
      [
        {
          'domain.json': {
            ...valid,
            hiddenFromQueries: { attribute: 'DocumentEntry.title', values: ['x'], clause: 'X' },
          },
        },
        /^\.: hiddenFromQueries\.attribute must be a Slot of a DocumentEntry/,
      ],
      [
        { ...set({}), 'domain.json': { ...valid, submitting: { class: 'B^B^1.2' } } },
        /^\.: submitting\.class "B\^B\^1\.2" is none of the domain's own codes$/,
      ],
      [
        { 'domain.json': { ...valid, submitting: { class: 'B' } } },
        /^domain\.json: submitting\.class must be code\^display\^codingScheme$/,
      ],
    ]
    for (const [files, fault] of cases) {
      it(`says ${fault.source.replaceAll('\\', '')}`, async () => {
        const faults = await faultsOf(files)
        expect(faults).to.have.length(1)
        expect(faults[0]).to.match(fault)
      })
    }

    it('is told of all its faults at once', async () => {
      const files = { 'domain.json': { colour: 1 }, 'codes/x.json': '[', 'codes/y.json': {} }
      expect((await faultsOf(files)).length).to.be.above(3)
    })
  })

  describe('hiddenFromQueries', () => {
    const files: FolderFiles = {
      'domain.json': {
        name: 'own',
        extends: 'ihe',
        hiddenFromQueries: { attribute: 'DocumentEntry.urn:own:state', values: ['gone'], clause: 'Own 1' },
      },
    }
    const gone = { extraMetadata: [{ name: 'urn:own:state', values: ['gone'] }] }

    it('keeps an entry out of every answer, with its Associations and its emptied SubmissionSet [CH-EPR deletionStatus]', async () => {
      const registry = await aRegistry({}, await aDomainOf(files))
      const [shown, hidden] = [aSubmission(), aSubmission({ documentEntry: gone })]
      for (const submission of [shown, hidden]) {
        expect((await registry.register(submission)).status).to.equal('Success')
      }
      const [entry] = hidden.documentEntries
      const patient = quote(samplePatientId)
      const all = await registry.found('GetAll', {
        $patientId: patient,
        $XDSDocumentEntryStatus: anyStatus,
        $XDSSubmissionSetStatus: anyStatus,
        $XDSFolderStatus: anyStatus,
      })
      expect(idsOf(all.documentEntries)).to.deep.equal(idsOf(shown.documentEntries))
      expect(idsOf(all.submissionSets)).to.deep.equal(idsOf(shown.submissionSets))
      expect(idsOf(all.associations)).to.deep.equal(idsOf(shown.associations))
      const asked: [string, Record<string, string>][] = [
        ['FindDocuments', { $XDSDocumentEntryPatientId: patient, $XDSDocumentEntryStatus: approved }],
        ['GetDocuments', { $XDSDocumentEntryUniqueId: `(${quote(entry?.uniqueId ?? '')})` }],
        ['GetAssociations', { $uuid: `(${quote(entry?.entryUUID ?? '')})` }],
        ['GetSubmissionSets', { $uuid: `(${quote(entry?.entryUUID ?? '')})` }],
        ['GetSubmissionSetAndContents', { $XDSSubmissionSetUniqueId: quote(hidden.submissionSets[0]?.uniqueId ?? '') }],
        ['GetDocumentsAndAssociations', { $XDSDocumentEntryEntryUUID: `(${quote(entry?.entryUUID ?? '')})` }],
      ]
      for (const [name, parameters] of asked) {
        for (const returnType of ['LeafClass', 'ObjectRef']) {
          const { registryObjects } = await registry.query(name, parameters, { returnType })
          const xml = registryObjects.map(String).join('')
          expect(xml).not.to.contain(entry?.entryUUID ?? '?')
          expect(xml).not.to.contain(hidden.submissionSets[0]?.entryUUID ?? '?')
        }
      }
      await registry.close()
    })

    it('keeps an entry out of queries for several patients, whether they are named or not', async () => {
      const registry = await aRegistry({ multiPatientQueries: true }, await aDomainOf(files))
      const [shown, hidden] = [aSubmission(), aSubmission({ documentEntry: gone })]
      for (const submission of [shown, hidden]) await registry.register(submission)
      const classes = "('422735006^^2.16.840.1.113883.6.96')"
      const status = { $XDSDocumentEntryStatus: approved, $XDSDocumentEntryClassCode: classes }
      for (const patients of [{}, { $XDSDocumentEntryPatientId: `(${quote(samplePatientId)})` }]) {
        const answer = await registry.queryMany('FindDocumentsForMultiplePatients', { ...status, ...patients })
        expect(answer.errors).to.deep.equal([])
        expect(idsOf(decodedList(answer.registryObjects).documentEntries)).to.deep.equal(idsOf(shown.documentEntries))
      }
      await registry.close()
    })

    it('keeps a SubmissionSet that holds something else', async () => {
      const registry = await aRegistry({}, await aDomainOf(files))
      const submission = aSubmission()
      const [entry] = submission.documentEntries
      const both = aSubmission({
        submissionSet: aSubmissionSet(),
        documentEntries: [
          { ...entry!, entryUUID: 'one', uniqueId: anOid(), ...gone },
          { ...entry!, entryUUID: 'two', uniqueId: anOid() },
        ],
      })
      expect((await registry.register(both)).status).to.equal('Success')
      const found = await registry.found('GetSubmissionSetAndContents', {
        $XDSSubmissionSetUniqueId: quote(both.submissionSets[0]?.uniqueId ?? ''),
      })
      expect([found.submissionSets.length, found.documentEntries.length, found.associations.length]).to.deep.equal([
        1, 1, 1,
      ])
      await registry.close()
    })
  })

  it('is opened by path from where it is said', async () => {
    await inFolder({ 'here/domain.json': { name: 'own' } }, async folder => {
      expect((await openDomain('./here', systemFiles, folder)).name).to.equal('own')
    })
  })
})
