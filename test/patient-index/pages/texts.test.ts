// Nothing is missing in any language, nothing was left untranslated, and every finding of a comparison has its words.
import { expect } from 'chai'
import { languages } from '../../../pages/languages.js'
import { weights } from '../../../patient-index/matching/weights.js'
import { en } from '../../../patient-index/pages/texts/en.js'
import { type TextName, tables } from '../../../patient-index/pages/texts/texts.js'

const names = Object.keys(en) as TextName[]
const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([whole]) => whole).sort()

describe('the texts of the pages for reviews', () => {
  it('have words for every finding', () => {
    const findings = Object.entries(weights).flatMap(([trait, found]) =>
      Object.keys(found).map(finding => `${trait}: ${finding}`),
    )
    expect(findings.filter(finding => !Object.hasOwn(en, finding))).to.deep.equal([])
  })

  for (const language of languages) {
    const table = tables[language]

    it(`are there in ${language}, all of them, filled in with the same values`, () => {
      expect(Object.keys(table)).to.deep.equal(names)
      expect(names.filter(name => table[name].trim() === '')).to.deep.equal([])
      expect(names.filter(name => placeholders(table[name]).join() !== placeholders(en[name]).join())).to.deep.equal([])
    })

    if (language !== 'en')
      it(`are not English in ${language}`, () => {
        expect(names.filter(name => table[name] === en[name])).to.deep.equal([])
      })
  }
})
