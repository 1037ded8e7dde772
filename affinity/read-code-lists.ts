// Lists of codes as others publish them: FHIR ValueSet, CodeSystem and Bundle as JSON, and codes.xml of the IHE toolkit.
import type { CodeList } from './code-list.js'
import { codeListsOfFhir, type Systems } from './fhir-code-lists.js'
import { codeListsOfToolkit } from './toolkit-code-lists.js'

/** @throws CodeListProblem */
export function readCodeLists(text: string, systems: Systems): CodeList[] {
  const start = text.replace(/^\uFEFF/, '').trimStart()
  return start.startsWith('<') ? codeListsOfToolkit(start) : codeListsOfFhir(start, systems)
}
