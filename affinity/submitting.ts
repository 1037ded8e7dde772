// What a source of documents has to say in a domain: its codes for what people and documents say otherwise.
import type { Code } from '../metadata/model.js'
import type { AffinityDomain } from './affinity-domain.js'

/** Whether the domain takes the code for this attribute of a DocumentEntry. */
export function takes({ codeSets }: AffinityDomain, attribute: string, { code, codingScheme }: Code): boolean {
  const set = codeSets.get(`DocumentEntry.${attribute}`)
  return set === undefined || set.level === 'off' || set.find(code, codingScheme) !== undefined
}

/** The code where the domain takes it, else the one it has in its place, else nothing. */
export function translated(domain: AffinityDomain, attribute: string, code: Code): Code | undefined {
  if (takes(domain, attribute, code)) return code
  const written = domain.submitting.translations?.[`${code.code}^^${code.codingScheme}`]
  const own = written === undefined ? undefined : codeWritten(written)
  return own !== undefined && takes(domain, attribute, own) ? own : undefined
}

/** A code of the domain by itself, with its scheme and its English name. */
export function codeNamed({ codeSets }: AffinityDomain, attribute: string, code: string): Code | undefined {
  const found = codeSets.get(`DocumentEntry.${attribute}`)?.find(code)
  if (found?.codingScheme === undefined) return undefined
  return { code, codingScheme: found.codingScheme, displayName: [{ value: found.names.en ?? code }] }
}

/** The class that a type goes with, where the domain says so and only one does. */
export function classOfType(domain: AffinityDomain, type: string): Code | undefined {
  const classes = [...domain.typesOfClass].filter(([, types]) => types.has(type)).map(([code]) => code)
  return classes.length === 1 ? codeNamed(domain, 'classCode', classes[0] ?? '') : undefined
}

/** Slots of extra metadata that a source fills in, for objects of one kind. */
export function slotsFor(
  { submitting }: AffinityDomain,
  kind: string,
  role: string,
): { name: string; values: string[] }[] {
  return Object.entries(submitting.slots ?? {})
    .filter(([attribute]) => attribute.startsWith(`${kind}.`))
    .map(([attribute, value]) => ({ name: attribute.slice(kind.length + 1), values: [withRole(value, role)] }))
}

/** `{role}` in what a domain writes down stands for the role of whoever submits, as HCP or PAT in the Swiss EPR. */
export function withRole(text: string, role: string): string {
  return text.replaceAll('{role}', role)
}

/** `code^display^codingScheme` */
export function codeWritten(written: string): Code {
  const [code = '', display = '', codingScheme = ''] = written.split('^')
  return { code, codingScheme, displayName: [{ value: display === '' ? code : display }] }
}
