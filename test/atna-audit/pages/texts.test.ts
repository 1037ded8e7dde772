// Nothing is missing in any language, and nothing was left untranslated.
import { expect } from 'chai'
import { en } from '../../../atna-audit/pages/texts/en.js'
import { type TextName, tables } from '../../../atna-audit/pages/texts/texts.js'
import { languages } from '../../../pages/languages.js'

const names = Object.keys(en) as TextName[]
const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([whole]) => whole).sort()

/** The same word in that language. */
const sameWords: Partial<Record<string, readonly string[]>> = {
  de: [
    'field.trace',
    'record.trace',
    'export.json',
    'role.support',
    'record.application',
    'column.outcome',
    'told.other',
    'field.organisation',
    'record.site',
    'record.person',
  ],
  fr: [
    'record.patient',
    'field.patient',
    'field.document',
    'record.document',
    'field.trace',
    'record.trace',
    'field.organisation',
    'record.site',
    'trust.sources',
    'export.json',
    'some.thePatient',
    'some.theDocument',
    'role.PAT',
    'purpose.TREAT',
    'told.other',
    'some.manyDocuments',
  ],
  it: ['export.json', 'told.other'],
}

for (const language of languages) {
  describe(`the texts in ${language}`, () => {
    const table = tables[language]

    it('are there, all of them, and no others', () => {
      expect(Object.keys(table).sort()).to.deep.equal([...names].sort())
      expect(names.filter(name => table[name].trim() === '')).to.deep.equal([])
    })

    it('are filled in with the same values', () => {
      expect(names.filter(name => placeholders(table[name]).join() !== placeholders(en[name]).join())).to.deep.equal([])
    })

    if (language !== 'en')
      it('are not English', () => {
        const same = names.filter(name => table[name] === en[name] && sameWords[language]?.includes(name) !== true)
        expect(same).to.deep.equal([])
      })
  })
}
