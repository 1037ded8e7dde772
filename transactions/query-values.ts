// How a value of a stored query is written. ITI TF-2 §3.18.4.1.2.3.5.

/** A quote within a text is written twice. [ITI TF-2:3.18.4.1.2.3.5] */
export function textValue(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

/** [ITI TF-2:3.18.4.1.2.3.5] */
export function listValue(values: readonly string[]): string {
  return `(${values.map(textValue).join(',')})`
}
