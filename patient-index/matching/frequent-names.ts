// Names that many people have, so that two who share one are less surely one: in Switzerland and its French neighbourhood each of these
// family names is borne by some one in 700 people or more, each of these given names by one in 150.
import { folded } from './spelling.js'

const families = `
  Müller Meier Schmid Keller Weber Huber Schneider Meyer Steiner Fischer Gerber Brunner Baumann Frei Zimmermann Moser Widmer Wyss Graf Roth
  Suter Baumgartner Bachmann Kunz Hofer Berger Hofmann Lehmann Kaufmann Lüthi Bühler Martin Weiss Favre Peter Schwarz Egger Christen
  Rochat Bianchi Bernasconi Silva Santos Ferreira Pereira Krasniqi Gashi Berisha Bernard Dubois Durand Thomas Robert Richard Petit Moreau Simon
  Michel Arnold Stalder Marti Ammann Maurer Schärer Wenger Sutter Hess Koch Bieri Schwab Studer Bucher Wirth Fuchs Vogel Fontana
`

const givens = `
  Maria Marie Anna Anne Ursula Ruth Elisabeth Sandra Verena Monika Claudia Nicole Barbara Andrea Silvia Daniela Christine Margrit Laura Sarah
  Daniel Peter Thomas Hans Christian Martin Andreas Michael Markus David Stefan Marco Patrick Walter Bruno Urs Pierre Philippe Michel Jean
  Paul Josef Franz Marc Christoph Roland Werner Heinz Kurt Beat José Antonio Alexander Robert Simon Lukas Luca Nathalie Isabelle Catherine
  Esther Brigitte Katharina Susanne Rita Rosmarie Heidi Julia Karin Manuela Sylvie Céline Christiane Françoise Jacqueline Nicolas Alain
`

const folds = (names: string): ReadonlySet<string> => new Set(names.trim().split(/\s+/).map(folded))

export const frequentFamilies = folds(families)
export const frequentGivens = folds(givens)
