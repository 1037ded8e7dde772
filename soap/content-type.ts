// The Content-Type line of a message or of a part, with its parameters. [RFC 2045: 5.1] [RFC 9110: 8.3]
import { senderFault } from './fault.js'

export interface ContentType {
  /** `application/soap+xml`, in lower case and without parameters. */
  type: string
  /** Names in lower case, values without their quotes. */
  parameters: ReadonlyMap<string, string>
}

/**
 * Reads a Content-Type line. More is taken than the grammar allows: `boundary=uuid:1`, `start=<a@b>` without quotes.
 * @throws SoapFault when a parameter is given twice, for then two readers may see two different messages.
 */
export function parseContentType(line: string): ContentType {
  const [, type = ''] = /^\s*([^\s;]*)/.exec(line) ?? []
  const parameters = new Map<string, string>()
  for (const [, name = '', quoted, bare = ''] of line.slice(line.indexOf(type) + type.length).matchAll(parameter)) {
    const key = name.toLowerCase()
    if (parameters.has(key)) throw senderFault(`the Content-Type gives its parameter ${key} twice`)
    parameters.set(key, quoted === undefined ? bare.trim() : quoted.replace(/\\(.)/g, '$1'))
  }
  return { type: type.toLowerCase(), parameters }
}

const parameter = /;\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;"]*))/g

/**
 * The actions that a Content-Type names: of its own, or inside `start-info` and `type`, where some stacks put it.
 * [RFC 3902: 2] [SOAP 1.2 Part 2: 6.5]
 */
export function actionsIn({ parameters }: ContentType): string[] {
  const nested = ['start-info', 'type'].map(name => parameters.get(name)).filter(value => value?.includes(';'))
  return [
    parameters.get('action') ?? '',
    ...nested.map(value => parseContentType(value ?? '').parameters.get('action') ?? ''),
  ].filter(action => action !== '')
}

/** Refuses characters that we do not read; UTF-8 and UTF-16 tell themselves apart by their first bytes. */
export function checkCharset({ parameters }: ContentType): void {
  const charset = parameters.get('charset')
  if (charset === undefined || /^(utf-?8|utf-?16(le|be)?|us-ascii)$/i.test(charset)) return
  throw senderFault(`the charset ${charset.slice(0, 50)} is not accepted; send UTF-8`, { httpStatus: 415 })
}
