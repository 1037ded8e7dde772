// What is written where a name should stand that nobody knows, or that nobody has given yet: the unknown patient of an emergency room,
// a child of today. Two who are called so share no name. docs/decisions/0404
import { folded } from './spelling.js'

const inBoth = `
  Unbekannt Unbekannte Unbekannter Unknown Inconnu Inconnue Ignoto Ignota Sconosciuto Sconosciuta
  Anonym Anonymus Anonymous Anonyme Anonimo Anonima Noname NN XX XXX XXXX
`

const ofGiven = `
  Neugeborenes Neugeborener Neugeborene Newborn Nouveau Né Née Nouveauné Nouveaunée Neonato Neonata Baby Bébé Babyboy Babygirl
  Knabe Junge Bub Mädchen Sohn Tochter Kind Garçon Fille Fils Enfant Bambino Bambina Figlio Figlia Boy Girl Son Daughter
  Mann Frau Homme Femme Uomo Donna Male Female Patient Patientin X
`

const folds = (names: string): string[] => names.trim().split(/\s+/).map(folded)

const families: ReadonlySet<string> = new Set([...folds(inBoth), folded('Doe')])
const givens: ReadonlySet<string> = new Set([...folds(inBoth), ...folds(ofGiven)])

/** Those that say who it is; in and out in our spelling. */
export const toldFamilies = (names: string[]): string[] => without(names, families)
export const toldGivens = (names: string[]): string[] => without(names, givens)

function without(names: string[], unknown: ReadonlySet<string>): string[] {
  return names.some(name => unknown.has(name)) ? names.filter(name => !unknown.has(name)) : names
}
