// Line ends and white space as XML wants them. [XML 1.0: 2.11, 3.3.3]
import { TextWriter } from './text-writer.js'

const tab = 0x9
const lineFeed = 0xa
const carriageReturn = 0xd
const space = 0x20

/** In a text as short as that the few line ends are sooner found than all characters looked at; beyond, many of them cost seconds. */
const quicklyReplaced = 65_536

/** Each line end as one line feed. [XML 1.0: 2.11] */
export function withLineFeeds(text: string): string {
  if (!text.includes('\r')) return text
  if (text.length < quicklyReplaced) return text.replaceAll('\r\n', '\n').replaceAll('\r', '\n')
  const written = new TextWriter(text.length)
  let before = 0
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit === carriageReturn) written.add(lineFeed)
    else if (unit !== lineFeed || before !== carriageReturn) written.add(unit)
    before = unit
  }
  return written.end()
}

/** White space of an attribute value as spaces. [XML 1.0: 3.3.3] */
export function withSpaces(text: string): string {
  const written = new TextWriter(text.length)
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    written.add(unit === tab || unit === lineFeed ? space : unit)
  }
  return written.end()
}
