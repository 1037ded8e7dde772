// What a finding weighs: the logarithm to base 2 of how much more often it occurs between records of one person than between others, as
// Fellegi and Sunter have it. What they mean is measured on populations with known duplicates: docs/PATIENT-INDEX.md, docs/decisions/0373

export type Trait = 'family' | 'given' | 'born' | 'gender' | 'address' | 'reached'

/** Against two people taken at random. */
export const weights = {
  family: {
    ...{ same: 11, 'same, a frequent name': 8, 'one of several': 8, exchanged: 9 },
    ...{ 'similar, a rare name': 9, similar: 7, 'sounds alike': 3 },
    ...{ 'different, as after a marriage': -4, different: -5 },
  },
  given: {
    ...{ 'same, the second too': 10, same: 8, 'same, a frequent name': 6, 'same, another second name': 2 },
    ...{ 'another one': 4, exchanged: 6, 'familiar form': 4, similar: 6, 'similar, each a name': 1 },
    ...{ initial: 4, different: -5 },
  },
  born: {
    ...{ same: 13, 'same, a first of January': 9, 'day and month changed': 10, 'one slip': 6 },
    ...{ 'same year': 0, 'same as far as known': 5, different: -8 },
  },
  gender: { same: 1, different: -5 },
  address: { same: 11, 'same street': 6, 'same town': 4, different: -2 },
  reached: { same: 10, different: -3 },
} as const satisfies Record<Trait, Record<string, number>>

export type Finding<Of extends Trait> = keyof (typeof weights)[Of] & string

/**
 * Against two people who live together: twins, siblings, father and son of one name. Family name, address and telephone are the same
 * for all of them and weigh nothing.
 */
export const weightsAtHome: Readonly<{ [Of in Trait]?: Readonly<Record<Finding<Of>, number>> }> = {
  given: {
    ...{ 'same, the second too': 6, same: 6, 'same, a frequent name': 6, 'same, another second name': -1 },
    ...{ 'another one': 3, exchanged: 5, 'familiar form': 3, similar: 4, 'similar, each a name': -2 },
    ...{ initial: 3, different: -6 },
  },
  born: {
    ...{ same: 6, 'same, a first of January': 4, 'day and month changed': 7, 'one slip': 4 },
    ...{ 'same year': -4, 'same as far as known': 3, different: -7 },
  },
  gender: { same: 1, different: -5 },
}
