// The parameters of a stored query as rows, and how the Slots of a request become their values. ITI TF-2 §3.18.4.1.2.3.5.
import type { ErrorCode, Slot } from '../../metadata/model.js'
import { quoted } from '../../metadata/words.js'
import { writtenValues } from './value-grammar.js'
import type { ValueType } from './value-types.js'

/** One row; `Value` is what the query gets, `Present` whether it always gets one. */
export interface Parameter<Value, Present extends boolean> {
  name: string
  type: ValueType<unknown>
  /** `one` value, `many` alternatives, or groups of alternatives that must hold together (`andOr`). */
  takes: 'one' | 'many' | 'andOr'
  required: boolean
  otherwise?: Value
  /** For the compiler alone. */
  readonly present?: Present
}

export type Parameters = Readonly<Record<string, Parameter<unknown, boolean>>>

export type Given<Rows extends Parameters> = {
  [Name in keyof Rows]: Rows[Name] extends Parameter<infer Value, infer Present>
    ? Present extends true
      ? Value
      : Value | undefined
    : never
}

export interface ParameterProblem {
  code: ErrorCode
  parameter: string
  expected: string
  found: string
}

/** At most one Slot of the name with one value; absent is undefined. [ITI TF-2:3.18.4.1.2.3.5] */
export function one<Value>(name: string, type: ValueType<Value>): Parameter<Value, false> {
  return { name, type, takes: 'one', required: false }
}

/** Any of the values fits (OR); absent or without values is undefined. [ITI TF-2:3.18.4.1.2.3.5] */
export function many<Value>(name: string, type: ValueType<Value>): Parameter<Value[], false> {
  return { name, type, takes: 'many', required: false }
}

/** For attributes with several values. [ITI TF-2:3.18.4.1.2.3.5] */
export function andOr<Value>(name: string, type: ValueType<Value>): Parameter<Value[][], false> {
  return { name, type, takes: 'andOr', required: false }
}

/** Without it the query is refused with XDSStoredQueryMissingParam. */
export function required<Value>({ name, type, takes }: Parameter<Value, false>): Parameter<Value, true> {
  return { name, type, takes, required: true }
}

/** What the query goes by where the parameter is absent: nothing is refused for that. */
export function otherwise<Value>(parameter: Parameter<Value, false>, value: NoInfer<Value>): Parameter<Value, true> {
  const { name, type, takes, required } = parameter
  return { name, type, takes, required, otherwise: value }
}

/** Reads the Slots that the query knows; others have no effect. Every problem is told. [ITI TF-2:3.18.4.1.2.3.7] */
export function givenIn<Rows extends Parameters>(
  parameters: Rows,
  slots: readonly Slot[],
): { given: Given<Rows>; problems: ParameterProblem[] } {
  const problems: ParameterProblem[] = []
  const given: Record<string, unknown> = {}
  const budget = { left: mostValues }
  const named = new Map<string, Slot[]>()
  for (const slot of slotsWithValues(parameters, slots)) {
    const alike = named.get(slot.name.trim())
    if (alike === undefined) named.set(slot.name.trim(), [slot])
    else alike.push(slot)
  }
  for (const [key, parameter] of Object.entries(parameters)) {
    const value = givenValue(parameter, named.get(parameter.name) ?? [], problems, budget)
    given[key] = value ?? parameter.otherwise
  }
  return { given: given as Given<Rows>, problems }
}

/** Of all that a request says what the query looks at; a message can hold any number of other Slots. */
export function slotsWithValues(parameters: Parameters, slots: readonly Slot[]): Slot[] {
  const names = new Set(Object.values(parameters).map(({ name }) => name))
  return slots.filter(({ name, values }) => values.length > 0 && names.has(name.trim()))
}

/** Of alternatives like entryUUID and uniqueId one is to be given, and only one. [ITI TF-2:3.18.4.1.2.3.7.5] */
export function exactlyOne(rows: readonly Parameter<unknown, boolean>[], slots: readonly Slot[]): ParameterProblem[] {
  return [...atLeastOne(rows, slots, 'exactly'), ...atMostOne(rows, slots, 'exactly')]
}

/** [ITI TF-2:3.51.4.1.2.1.1] */
export function atLeastOne(
  rows: readonly Parameter<unknown, boolean>[],
  slots: readonly Slot[],
  how = 'at least',
): ParameterProblem[] {
  if (presentIn(rows, slots).length > 0) return []
  const names = rows.map(({ name }) => name)
  const expected = `${how} one of ${names.join(', ')}`
  return [{ code: 'XDSStoredQueryMissingParam', parameter: names[0] ?? '', expected, found: 'none' }]
}

/** One problem with XDSStoredQueryParamNumber where several of the rows are given; empty Slots count as absent. */
export function atMostOne(
  rows: readonly Parameter<unknown, boolean>[],
  slots: readonly Slot[],
  how = 'at most',
): ParameterProblem[] {
  const present = presentIn(rows, slots)
  if (present.length < 2) return []
  const expected = `${how} one of ${rows.map(({ name }) => name).join(', ')}`
  const found = present.join(' and ')
  return [{ code: 'XDSStoredQueryParamNumber', parameter: present[0] ?? '', expected, found }]
}

function presentIn(rows: readonly Parameter<unknown, boolean>[], slots: readonly Slot[]): string[] {
  return rows
    .map(({ name }) => name)
    .filter(name => slots.some(slot => slot.name.trim() === name && slot.values.length > 0))
}

/** Groups of one attribute that must hold together; each is a condition more in the query of the database. */
const mostTogether = 100

/** Of all parameters of a query; nobody else is served while they are read and looked up. */
const mostValues = 100_000

function givenValue(
  parameter: Parameter<unknown, boolean>,
  slots: readonly Slot[],
  problems: ParameterProblem[],
  budget: { left: number },
): unknown {
  if (budget.left < 0) return undefined
  const { name, takes } = parameter
  const problem = (code: ErrorCode, expected: string, found: string) => {
    problems.push({ code, parameter: name, expected, found })
  }
  if (slots.length > 1 && takes !== 'andOr') {
    problem('XDSStoredQueryParamNumber', 'one Slot of this name', `${slots.length} Slots`)
    return undefined
  }
  if (slots.length > mostTogether) {
    problem('XDSStoredQueryParamNumber', `at most ${mostTogether} Slots of this name`, `${slots.length} Slots`)
    return undefined
  }
  const before = problems.length
  const groups = slots.map(slot => slot.values.flatMap(written => valuesIn(written, parameter, problem, budget)))
  if (problems.length > before) return undefined
  // Values passed over leave their group empty: it is as good as not sent.
  const values = groups.filter(group => group.length > 0)
  if (values.length === 0) {
    if (parameter.required)
      problem(
        'XDSStoredQueryMissingParam',
        parameter.type.expected,
        slots.length === 0 ? 'nothing' : 'no value that is understood',
      )
    return undefined
  }
  if (takes === 'andOr') return values
  if (takes === 'many') return values[0]
  if (values[0]?.length === 1) return values[0][0]
  problem('XDSStoredQueryParamNumber', 'one value', `${values[0]?.length} values`)
  return undefined
}

function valuesIn(
  written: string,
  { type }: Parameter<unknown, boolean>,
  problem: (code: ErrorCode, expected: string, found: string) => void,
  budget: { left: number },
): unknown[] {
  if (budget.left < 0) return []
  const values = writtenValues(written, budget.left + 1)
  const malformed = (found: string) => {
    problem('XDSRegistryError', type.expected, quoted(found))
    return []
  }
  if (values === undefined) return malformed(written)
  budget.left -= values.length
  if (budget.left < 0) {
    problem('XDSStoredQueryParamNumber', `at most ${mostValues} values in all parameters of a query`, 'more')
    return []
  }
  return values.flatMap(({ text, quoted: isQuoted }) => {
    const value = isQuoted || type.bare === true ? type.read(text) : undefined
    return value ?? malformed(text)
  })
}
