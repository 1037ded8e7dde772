// What a submission changes of what is registered, as a value: how often it looks at what leans on a document.
import { expect } from 'chai'
import { effectsOf } from '../../registry/effects.js'
import type { Facts } from '../../registry/store/facts.js'
import type { RegisteredObject } from '../../registry/store/registered-object.js'
import { aDocumentEntry, anAssociation, aSubmission, samplePatientId } from '../samples/submission.js'

const target = 'urn:uuid:00000000-0000-4000-8000-000000000000'

describe('the effects of replacements', () => {
  it('are looked for once, however many take the place of one document [ITI TF-2:3.42.4.1.3.5]', () => {
    let looks = 0
    const addenda = Array.from({ length: 50 }, (_, at) => `urn:uuid:addendum-${at}`)
    const dependents = addenda.map(entryUUID => ({
      entryUUID,
      get of() {
        looks += 1
        return target
      },
    }))
    const { statuses } = effectsOf(replacements(Array(40).fill(undefined)), factsWith(dependents), newUuid)
    expect([...statuses.keys()]).to.have.members([target, ...addenda])
    expect(looks).to.be.at.most(2 * addenda.length)
  })

  it('spare an addendum that takes the place alone, and what leans on it (decision 0357)', () => {
    const dependents = [
      { entryUUID: 'addendum', of: target },
      { entryUUID: 'addendum of the addendum', of: 'addendum' },
      { entryUUID: 'other', of: target },
    ]
    const alone = effectsOf(replacements(['addendum']), factsWith(dependents), newUuid)
    expect([...alone.statuses.keys()]).to.have.members([target, 'other'])
    const both = effectsOf(replacements(['addendum', undefined]), factsWith(dependents), newUuid)
    expect([...both.statuses.keys()]).to.have.members([target, 'addendum', 'addendum of the addendum', 'other'])
  })
})

const newUuid = () => 'urn:uuid:new'

/** Of `target`, by registered entries that are named, else by new ones. */
function replacements(by: readonly (string | undefined)[]) {
  const submission = aSubmission({ documentEntries: by.filter(id => id === undefined).map(() => aDocumentEntry()) })
  const own = submission.documentEntries.map(({ entryUUID }) => entryUUID)
  for (const id of by) {
    const sourceObject = id ?? own.pop() ?? ''
    submission.associations.push(anAssociation({ associationType: 'RPLC', sourceObject, targetObject: target }))
  }
  return submission
}

function factsWith(dependents: { entryUUID: string; of: string }[]): Facts {
  const replaced: RegisteredObject = {
    entryUUID: target,
    kind: 'DocumentEntry',
    patientId: samplePatientId,
    availabilityStatus: 'Approved',
    document: {
      objectType: 'stable',
      hash: undefined,
      size: undefined,
      isTransformation: false,
      reach: { dependents, folders: [] },
    },
  }
  return { objects: new Map([[target, replaced]]) } as unknown as Facts
}
