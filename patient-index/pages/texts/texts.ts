// The texts of the pages, a table per language; the English one says which there are.
import type { Language } from '../../../pages/languages.js'
import { de } from './de.js'
import { en, type Texts } from './en.js'
import { fr } from './fr.js'
import { it } from './it.js'

export type { TextName, Texts } from './en.js'

export const tables: Readonly<Record<Language, Texts>> = { de, fr, it, en }

export function textsOf(language: Language): Texts {
  return tables[language]
}
