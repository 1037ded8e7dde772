// By what else somebody is called: short and familiar forms, and the same name in the languages of the country. Hans is entered
// where the passport has Johannes, Sepp where it has Josef, Peter where another source is French and writes Pierre.
import { folded } from './spelling.js'

/** The first of each group stands for all of it. A name stands in one group at most. */
const groups: readonly (readonly string[])[] = [
  ['Johannes', 'Hans', 'Johann', 'Jean', 'Giovanni', 'Hansi', 'Hannes', 'Jan', 'Jo'],
  ['Josef', 'Joseph', 'Sepp', 'Giuseppe', 'Josy', 'Beppe'],
  ['Peter', 'Pierre', 'Pietro', 'Pete', 'Piero'],
  ['Franz', 'François', 'Francesco', 'Fränzi', 'Franco'],
  ['Friedrich', 'Fritz', 'Frédéric', 'Federico'],
  ['Rudolf', 'Ruedi', 'Rodolphe', 'Rolf', 'Rudi'],
  ['Heinrich', 'Heinz', 'Henri', 'Enrico', 'Heiri'],
  ['Jakob', 'Jacques', 'Köbi', 'Giacomo'],
  ['Walter', 'Walti', 'Gautier', 'Wäldi'],
  ['Werner', 'Werni'],
  ['Ulrich', 'Ueli', 'Uli', 'Urli'],
  ['Andreas', 'André', 'Andrea', 'Andi', 'Res', 'Andres'],
  ['Michael', 'Michel', 'Michele', 'Michi', 'Mike'],
  ['Thomas', 'Thomi', 'Tom', 'Tommaso'],
  ['Christian', 'Chrigu', 'Christen', 'Cristiano'],
  ['Christoph', 'Christophe', 'Cristoforo', 'Stoffel'],
  ['Stefan', 'Stephan', 'Stéphane', 'Stefano', 'Steff', 'Étienne'],
  ['Matthias', 'Mathias', 'Mathieu', 'Matteo', 'Hias'],
  ['Markus', 'Marc', 'Marco', 'Mark', 'Küsu'],
  ['Daniel', 'Dani', 'Daniele', 'Dänu'],
  ['Paul', 'Paolo', 'Päuli'],
  ['Alexander', 'Alexandre', 'Alessandro', 'Sascha', 'Xander'],
  ['Anton', 'Antoine', 'Antonio', 'Toni', 'Tönu'],
  ['Karl', 'Charles', 'Carlo', 'Kari'],
  ['Wilhelm', 'Willi', 'Willy', 'Guillaume', 'Guglielmo'],
  ['Ernst', 'Aschi', 'Ernest'],
  ['Robert', 'Röbi', 'Roberto', 'Robi'],
  ['Lukas', 'Luc', 'Luca', 'Lüku'],
  ['Georg', 'Jürg', 'Georges', 'Jörg', 'Giorgio'],
  ['Margrit', 'Margrith', 'Margarete', 'Margaretha', 'Marguerite', 'Gritli', 'Grit', 'Margherita'],
  ['Elisabeth', 'Lisa', 'Elsbeth', 'Lisbeth', 'Elise', 'Bethli', 'Élisabeth', 'Elisabetta', 'Else', 'Betty'],
  ['Katharina', 'Käthi', 'Catherine', 'Kathrin', 'Katrin', 'Caterina', 'Trinli', 'Käthe', 'Cathrine'],
  ['Verena', 'Vreni', 'Véréna', 'Vreneli'],
  ['Ursula', 'Ursi', 'Ursule', 'Uschi'],
  ['Susanne', 'Susanna', 'Suzanne', 'Susi', 'Sanna'],
  ['Barbara', 'Babs', 'Bärbel', 'Barbe'],
  ['Magdalena', 'Madeleine', 'Leni', 'Maddalena', 'Magda'],
  ['Maria', 'Marie', 'Miggi', 'Mary'],
  ['Anna', 'Anne', 'Änni', 'Annie', 'Anni', 'Ännchen'],
  ['Christine', 'Christina', 'Kristina', 'Cristina', 'Stini'],
  ['Franziska', 'Françoise', 'Francesca', 'Fränzeli'],
  ['Monika', 'Monique', 'Monica', 'Moni'],
  ['Veronika', 'Véronique', 'Veronica'],
  ['Therese', 'Theresia', 'Teresa', 'Thérèse', 'Resi', 'Theres'],
  ['Helene', 'Hélène', 'Elena', 'Helena', 'Leneli'],
  ['Gertrud', 'Trudi', 'Trudy', 'Gertrude'],
  ['Rosmarie', 'Rosemarie', 'Rösli', 'Rosa', 'Rose'],
  ['Martha', 'Marthe', 'Marta'],
  ['Regula', 'Regi', 'Régula'],
]

const meant: ReadonlyMap<string, string> = new Map(
  groups.flatMap(([first = '', ...others]) => [first, ...others].map(name => [folded(name), folded(first)] as const)),
)

/** One name for all by which somebody may be called; in and out in our spelling. */
export function calledBy(given: string): string {
  return meant.get(given) ?? given
}

/** All of the group for which a name stands, as they are written. */
export function familiarForms(called: string): readonly string[] {
  return groups.find(([first = '']) => folded(first) === called) ?? []
}
