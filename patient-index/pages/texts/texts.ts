// The texts of the pages, a table per language; the English one says which there are.
import type { Language } from '../../../pages/languages.js'
import { de } from './de.js'
import { en } from './en.js'
import { fr } from './fr.js'
import { it } from './it.js'

export type TextName = keyof typeof en
export type Texts = Readonly<Record<TextName, string>>

export const tables: Readonly<Record<Language, Texts>> = { de, fr, it, en }

export function textsOf(language: Language): Texts {
  return tables[language]
}
