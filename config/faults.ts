// What the schema found wrong, as sentences that begin with the path of the setting: `registry.listen.port must be …`.
import type { z } from 'zod'

type Issue = z.core.$ZodIssue

/** `of` says what there is to set, for what is no part of it. */
export function inWords(error: z.ZodError, of = 'setting of Carnet'): string[] {
  return error.issues.flatMap(issue => sentences(issue, of))
}

function sentences(issue: Issue, of: string): string[] {
  const setting = pathInWords(issue.path)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(key => `${pathInWords([...issue.path, key])} is no ${of}; remove it or correct its name`)
  }
  return [`${setting} ${expectation(issue)}`]
}

function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('received undefined') ? 'is missing' : `must be ${article(issue.expected)}`
    case 'invalid_value':
      return `must be one of ${issue.values.map(value => JSON.stringify(value)).join(', ')}`
    case 'too_small':
      return issue.origin === 'number' ? `must be at least ${issue.minimum}` : 'must not be empty'
    case 'too_big':
      return `must be at most ${issue.maximum}`
    case 'invalid_key':
      return issue.issues[0]?.message ?? 'has a wrong name'
    case 'invalid_format':
      return issue.message.startsWith('must') ? issue.message : `must be a valid ${issue.format}`
    default:
      return issue.message.startsWith('must') ? issue.message : `is wrong: ${issue.message}`
  }
}

function article(type: string): string {
  if (type === 'int') return 'a whole number'
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`
}

function pathInWords(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the file'
  return path
    .map(step => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '')
}
