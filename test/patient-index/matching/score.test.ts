// How sure it is that two records are of one person.
import { expect } from 'chai'
import { areTwoNames } from '../../../patient-index/matching/given-names.js'
import { keysOf } from '../../../patient-index/matching/keys.js'
import { doubtfulWeight, isDoubtful, isSure, scoreOf, sureWeight } from '../../../patient-index/matching/score.js'
import { isOneSlip, similarity } from '../../../patient-index/matching/similarity.js'
import { folded, formsOf, partsOf, soundOf } from '../../../patient-index/matching/spelling.js'
import { packedTraits, traitsOf, unpackedTraits } from '../../../patient-index/matching/traits.js'
import type { Person } from '../../../transactions/person.js'
import { maja } from '../a-patient-index.js'

const named = (family: string, ...given: string[]): Person => ({ ...maja, names: [{ kind: 'current', family, given }] })
const weightOf = (one: Person, other: Person) => scoreOf(traitsOf(one), traitsOf(other)).weight
const findingsOf = (one: Person, other: Person) =>
  Object.fromEntries(scoreOf(traitsOf(one), traitsOf(other)).parts.map(({ trait, finding }) => [trait, finding]))

describe('a name that is none', () => {
  const unknown = (family: string, given: string): Person => ({
    ...named(family, given),
    birthTime: '19000101',
    addresses: [],
    telecoms: [],
  })

  it('makes no two strangers one, however often it is given', () => {
    const called = [
      ['Unbekannt', 'Unbekannt'],
      ['Doe', 'John'],
      ['INCONNUE', 'X'],
      ['Sconosciuto', 'Uomo'],
    ] as const
    for (const [family, given] of called) {
      const one = traitsOf(unknown(family, given))
      const score = scoreOf(one, one)
      expect([isSure(score), isDoubtful(score)], family).to.deep.equal([false, false])
    }
  })

  it('leaves twins of this day two, and whoever has no given name for somebody to look at', () => {
    for (const given of ['Knabe', 'Mädchen', 'Nouveau-né', 'Baby Girl', '']) {
      const child = traitsOf({ ...named('Zurbriggen', given), birthTime: '20261126' })
      const score = scoreOf(child, child)
      expect([isSure(score), isDoubtful(score)], given).to.deep.equal([false, true])
    }
    const named_ = traitsOf({ ...named('Zurbriggen', 'Lea'), birthTime: '20261126' })
    expect(isSure(scoreOf(named_, named_))).to.equal(true)
  })
})

describe('the names of a person', () => {
  it('are compared letter by letter as far as anybody has some: a few, and none of hundreds of letters', () => {
    const others = Array.from({ length: 8 }, (_, at) => `${String.fromCharCode(97 + at).repeat(9)}`)
    const told = (...families: string[]) => ({ ...traitsOf(maja), family: families })
    const familyOf = (one: string[], other: string[]) =>
      scoreOf(told(...one), told(...other)).parts.find(({ trait }) => trait === 'family')?.finding
    expect(familyOf(['zellweger'], [...others.slice(1), 'zellwegar'])).to.equal('similar, a rare name')
    expect(familyOf(['zellweger'], [...others, 'zellwegar'])).to.equal('different, as after a marriage')
    expect(familyOf(['zellweger'], [...others, 'zellweger'])).to.equal('one of several')
    const long = 'zellweger'.repeat(5)
    expect(familyOf([long], [`${long}r`])).to.equal('different, as after a marriage')
    expect(familyOf([long], [long])).to.equal('same')
  })
})

describe('spelling', () => {
  it('is one for umlauts, accents, capitals and what German writes instead', () => {
    for (const way of ['Müller', 'Mueller', 'MULLER', 'müller', 'Mu\u0308ller']) expect(folded(way)).to.equal('muller')
    expect(folded('Genève')).to.equal('geneve')
    expect(folded('Weiß')).to.equal('weiss')
    expect(folded('Œuvray')).to.equal(folded('Oeuvray'))
  })

  it('takes double names apart and passes over particles', () => {
    expect(partsOf('Meier-Müller')).to.deep.equal(['meier', 'muller'])
    expect(partsOf('von der Mühll')).to.deep.equal(['muhll'])
    expect(partsOf('de')).to.deep.equal(['de'])
  })

  it('hears what sounds alike in German and French', () => {
    const alike = [
      ['Schmidt', 'Schmitt'],
      ['Meyer', 'Meier'],
      ['Maurer', 'Mauhrer'],
      ['Philipp', 'Filip'],
      ['Favre', 'Faivre'],
      ['Rochat', 'Roschat'],
    ] as const
    for (const [one, other] of alike) expect(soundOf(folded(one)), `${one} ${other}`).to.equal(soundOf(folded(other)))
    expect(soundOf('muller')).not.to.equal(soundOf('meier'))
  })
})

describe('similarity of words', () => {
  it('is 1 for the same and 0 for nothing in common', () => {
    expect(similarity('muller', 'muller')).to.equal(1)
    expect(similarity('abc', 'xyz')).to.equal(0)
    expect(similarity('', 'a')).to.equal(0)
    expect(similarity('martha', 'marhta')).to.be.closeTo(0.961, 0.001)
    expect(similarity('dixon', 'dicksonx')).to.be.closeTo(0.813, 0.001)
  })

  it('knows one slip of the fingers', () => {
    for (const typed of ['19600681', '19600619', '1960618', '119600618'])
      expect(isOneSlip('19600618', typed)).to.equal(true)
    for (const typed of ['19600618', '19700619', '61960081']) expect(isOneSlip('19600618', typed)).to.equal(false)
  })
})

describe('the score of two records', () => {
  it('is sure of the same person typed otherwise', () => {
    const typed: Person = {
      ...named('MUELLER', 'Maja'),
      addresses: [{ lines: ['Imfeldstr. 24b'], postalCode: 'CH-5430', city: 'WETTINGEN' }],
      telecoms: ['tel:056 123 45 67'],
    }
    expect(weightOf(maja, typed)).to.be.at.least(sureWeight)
    expect(findingsOf(maja, typed)).to.deep.equal({
      ...{ family: 'same, a frequent name', given: 'same', born: 'same', gender: 'same' },
      ...{ address: 'same', reached: 'same' },
    })
  })

  it('finds who has married by the name of birth', () => {
    const married: Person = {
      ...maja,
      names: [
        { kind: 'current', family: 'Tauxe', given: ['Maja'] },
        { kind: 'birth', family: 'Müller', given: ['Maja'] },
      ],
      addresses: [],
      telecoms: [],
    }
    expect(findingsOf(maja, married).family).to.equal('one of several')
    expect(weightOf(maja, married)).to.be.at.least(doubtfulWeight)
  })

  it('is unsure of the same frequent name and birthday at another address', () => {
    const moved: Person = {
      ...named('Müller', 'Maja'),
      addresses: [{ lines: ['Rue du Marché 1'], postalCode: '2800', city: 'Delémont' }],
      telecoms: [],
    }
    expect(weightOf(maja, moved)).to.be.within(doubtfulWeight, sureWeight - 0.5)
  })

  it('keeps twins, siblings and parents apart', () => {
    const here = { addresses: maja.addresses, telecoms: maja.telecoms }
    const twin = { ...named('Müller', 'Petra'), ...here }
    const daughter = { ...maja, birthTime: '19880301' }
    const brother: Person = { ...named('Müller', 'Peter'), gender: 'M' }
    for (const other of [twin, daughter, brother]) {
      expect(isSure(scoreOf(traitsOf(maja), traitsOf(other)))).to.equal(false)
    }
  })

  it('explains each part of it', () => {
    const { parts, weight } = scoreOf(traitsOf(maja), traitsOf({ ...maja, birthTime: '19601806' }))
    expect(parts.find(({ trait }) => trait === 'born')).to.deep.equal({
      trait: 'born',
      finding: 'day and month changed',
      weight: 10,
    })
    expect(parts.reduce((sum, part) => sum + part.weight, 0)).to.equal(weight)
  })

  it('says nothing of what only one of them tells', () => {
    expect(findingsOf(maja, { names: maja.names, addresses: [], telecoms: [] })).to.deep.equal({
      family: 'same, a frequent name',
      given: 'same, the second too',
    })
  })

  it('gives less for a name that many have', () => {
    const withoutAddress = (family: string, given: string) => ({ ...named(family, given), addresses: [], telecoms: [] })
    const weight = (family: string, given: string) =>
      weightOf(withoutAddress(family, given), withoutAddress(family, given))
    expect(weight('Zurbriggen', 'Seraina')).to.be.at.least(sureWeight)
    expect(weight('Müller', 'Maria')).to.be.within(doubtfulWeight, sureWeight - 1)
  })

  it('gives less for a first of January, the birthday of those whose day nobody knew', () => {
    const born = (birthTime: string) => ({ ...maja, birthTime })
    expect(findingsOf(born('19600101'), born('19600101')).born).to.equal('same, a first of January')
    expect(weightOf(born('19600101'), born('19600101'))).to.be.below(weightOf(maja, maja))
  })

  it('takes one word for several, and the other way round', () => {
    expect(formsOf('Von Arx')).to.deep.equal(['arx', 'vonarx'])
    const pairs: [Person, Person, string][] = [
      [named('Von Arx', 'Beat'), named('Vonarx', 'Beat'), 'family'],
      [named('De Luca', 'Beat'), named('Deluca', 'Beat'), 'family'],
      [named('Meier-Müller', 'Maja'), named('Meier', 'Maja'), 'family'],
      [named('Rochat', 'Jean-Pierre'), named('Rochat', 'Jeanpierre'), 'given'],
    ]
    for (const [one, other, trait] of pairs) {
      expect(findingsOf(one, other)[trait], JSON.stringify(other.names)).to.match(/^(?:one of several|another one)$/)
    }
  })

  it('knows by what else people are called, and forgives another slip beside it, not two where no more agrees', () => {
    for (const [given, familiar] of [
      ['Hans', 'Johannes'],
      ['Josef', 'Sepp'],
      ['Peter', 'Pierre'],
      ['Elisabeth', 'Lisbeth'],
    ] as const) {
      const [one, other] = [named('Zurbriggen', given), named('Zurbriggen', familiar)]
      expect(findingsOf(one, other).given, familiar).to.equal('familiar form')
      expect(isSure(scoreOf(traitsOf(one), traitsOf(other)))).to.equal(true)
      const slipped = { ...other, birthTime: '19600619' }
      expect(isSure(scoreOf(traitsOf(one), traitsOf(slipped)))).to.equal(true)
      const moved = { ...slipped, addresses: [], telecoms: [] }
      expect(isSure(scoreOf(traitsOf(one), traitsOf(moved)))).to.equal(false)
    }
  })

  it('sees that somebody exchanged the names', () => {
    const [one, other] = [named('Simon', 'Arnaud'), named('Arnaud', 'Simon')]
    expect(findingsOf(one, other)).to.deep.include({ family: 'exchanged', given: 'exchanged' })
    expect(weightOf(one, other)).to.be.at.least(sureWeight)
  })

  it('keeps father and son of one name apart', () => {
    const father = named('Zurbriggen', 'Beat')
    expect(isSure(scoreOf(traitsOf(father), traitsOf({ ...father, birthTime: '19880301' })))).to.equal(false)
    const unborn = ({ birthTime: _, ...person }: Person): Person => person
    const initial = unborn(named('Zurbriggen', 'B.'))
    expect(isSure(scoreOf(traitsOf(father), traitsOf(initial)))).to.equal(false)
  })

  it('keeps twins apart whose names are alike, although all else agrees', () => {
    const born = { birthTime: '20100304' }
    for (const [one, other] of [
      ['Lea', 'Lena'],
      ['Laura', 'Lara'],
      ['Daniel', 'Daniela'],
      ['Marco', 'Mario'],
      ['Arben', 'Arbena'],
      ['Jean-Pierre', 'Jean-Paul'],
      ['Maria Anna', 'Maria Luise'],
    ] as const) {
      for (const gender of ['F', 'M', undefined] as const) {
        const [first, second] = [one, other].map(name => {
          const { gender: _, ...person } = { ...named('Zurbriggen', ...name.split(' ')), ...born }
          return traitsOf(gender === undefined ? person : { ...person, gender })
        })
        if (first === undefined || second === undefined) throw new Error('two are compared')
        expect(isSure(scoreOf(first, second)), `${one} ${other} ${gender}`).to.equal(false)
        expect(isDoubtful(scoreOf(first, second)), 'and somebody is asked').to.equal(true)
      }
    }
  })

  it('asks nobody whether mother and daughter are one, or brothers, however much their household has in common', () => {
    const mother = { ...named('Zurbriggen', 'Danielle'), birthTime: '19600618' }
    const daughter = { ...named('Zurbriggen', 'Seraina'), birthTime: '19880301' }
    const score = scoreOf(traitsOf(mother), traitsOf(daughter))
    expect(isDoubtful(score)).to.equal(false)
    expect(isDoubtful(scoreOf(traitsOf(mother), traitsOf({ ...daughter, birthTime: '19600618' })))).to.equal(true)
  })

  it('keeps spouses apart who have one name and one address', () => {
    const wife: Person = { ...named('Zurbriggen', 'Andrea'), birthTime: '19600618' }
    const husband: Person = { ...named('Zurbriggen', 'Andreas'), gender: 'M', birthTime: '19580618' }
    const namesake: Person = { ...named('Zurbriggen', 'Andrea'), gender: 'M', birthTime: '19580918' }
    for (const other of [husband, namesake]) expect(isSure(scoreOf(traitsOf(wife), traitsOf(other)))).to.equal(false)
  })

  it('takes a mistyped name, birthday or sex for what it is, where nothing else could be meant', () => {
    const lea = { ...named('Zurbriggen', 'Danielle'), birthTime: '20100304' }
    const slips: [what: string, other: Person][] = [
      ['given name', { ...lea, ...named('Zurbriggen', 'Daniellw'), birthTime: '20100304' }],
      ['given and family name', { ...named('Zurbrigen', 'Dsnielle'), birthTime: '20100304' }],
      ['family name and birthday', { ...named('Zurbrigen', 'Danielle'), birthTime: '20100305' }],
      [
        'birthday, and moved within the town',
        { ...lea, birthTime: '20100403', addresses: [{ lines: ['Rebweg 1'], city: 'Wettingen' }] },
      ],
      ['sex', { ...lea, gender: 'M' }],
    ]
    for (const [what, other] of slips) expect(isSure(scoreOf(traitsOf(lea), traitsOf(other))), what).to.equal(true)
  })

  it('tells a name that is mistyped from one that is another', () => {
    for (const [one, other] of [
      ['Lea', 'Lena'],
      ['Jan', 'Jana'],
      ['Vjosa', 'Vjose'],
    ] as const)
      expect(areTwoNames(folded(one), folded(other)), `${one} ${other}`).to.equal(true)
    for (const [one, other] of [
      ['Daniel', 'Danial'],
      ['Sara', 'Sarah'],
      ['Denis', 'Dennis'],
      ['Lukas', 'Lucas'],
    ] as const)
      expect(areTwoNames(folded(one), folded(other)), `${one} ${other}`).to.equal(false)
  })
})

describe('traits', () => {
  it('are kept in a short form and are the same again', () => {
    for (const person of [maja, { ...maja, gender: 'UN' as const }, { names: [], addresses: [], telecoms: [] }]) {
      expect(unpackedTraits(packedTraits(traitsOf(person)))).to.deep.equal(traitsOf(person))
    }
  })
})

describe('what is compared of a person', () => {
  it('has bounds, however many words the names of a question have', () => {
    const words = (from: number, count: number) => Array.from({ length: count }, (_, at) => `x${from + at}`).join(' ')
    const names = Array.from({ length: 100 }, (_, at) => ({
      ...{ kind: 'current' as const, family: words(at * 40, 40) },
      given: Array.from({ length: 20 }, (_, place) => words(at * 1_000 + place * 40, 40)),
    }))
    const startedMs = performance.now()
    const { family, given } = traitsOf({ ...maja, names })
    expect([family.length, given.length, family[0], given[0]]).to.deep.equal([32, 32, 'x0', 'x0'])
    expect(performance.now() - startedMs).to.be.lessThan(300)
  })
})

describe('the keys of a record', () => {
  it('are shared by what is compared, whatever one slip has changed', () => {
    const slips: Person[] = [
      named('Mueller', 'Maja'),
      named('Muler', 'Maja'),
      { ...maja, birthTime: '19600816' },
      { ...maja, birthTime: '19610618' },
      named('Müler', 'Maia'),
      named('Maja', 'Müller'),
      named('Favre', 'Maja'),
      { ...named('Favre', 'Maja'), birthTime: '19610816' },
      { ...named('Müller', 'Xenia'), birthTime: '19610816' },
    ]
    for (const slip of slips) {
      const shared = keysOf(traitsOf(maja)).filter(key => keysOf(traitsOf(slip)).includes(key))
      expect(shared, JSON.stringify([slip.names, slip.birthTime])).not.to.deep.equal([])
    }
  })
})
