// What stands in a document and means nothing to us: its declaration, comments, processing instructions.
import { greater, isSpace, type XmlCursor } from './cursor.js'
import { checkDeclaration } from './encoding.js'
import { plainName } from './names.js'

const declaration =
  /<\?xml[ \t\n]+version[ \t\n]*=[ \t\n]*("1\.[0-9]+"|'1\.[0-9]+')(?:[ \t\n]+encoding[ \t\n]*=[ \t\n]*("[A-Za-z][-\w.]*"|'[A-Za-z][-\w.]*'))?(?:[ \t\n]+standalone[ \t\n]*=[ \t\n]*(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\n]*\?>/y
const startsDeclaration = /<\?xml[ \t\n?]/y

/** XMLDecl? [XML 1.0: 23-26, 32, 80] */
export function skipDeclaration(cursor: XmlCursor, encoding: string | undefined): void {
  startsDeclaration.lastIndex = 0
  if (!startsDeclaration.test(cursor.source)) return
  declaration.lastIndex = 0
  const found = declaration.exec(cursor.source)
  if (found === null) {
    cursor.refuse('malformed XML declaration, instead of the like of <?xml version="1.0" encoding="UTF-8"?>')
  }
  const [all, version, encodingName] = found
  const declared = { version: version?.slice(1, -1), encoding: encodingName?.slice(1, -1) }
  checkDeclaration(declared, encoding, reason => cursor.refuse(reason))
  cursor.at = all.length
}

/** Comment [XML 1.0: 15] */
export function skipComment(cursor: XmlCursor): void {
  const start = cursor.at + '<!--'.length
  const end = cursor.source.indexOf('--', start)
  if (end < 0) cursor.refuseEnd('a comment has no end')
  if (cursor.source.charCodeAt(end + 2) !== greater) cursor.refuse('malformed comment: -- stands in it', end)
  cursor.checkCharacters(start, end)
  cursor.at = end + 3
}

/** PI [XML 1.0: 16, 17] [XML Names 1.0: 7] */
export function skipInstruction(cursor: XmlCursor): void {
  const { source } = cursor
  const start = cursor.at + 2
  plainName.lastIndex = start
  const target = plainName.exec(source)?.[0]
  if (target === undefined) cursor.refuse('a processing instruction without a target, or with a disallowed character')
  if (/^xml$/i.test(target)) cursor.refuse('an XML declaration must be at the start of the document')
  const targetEnd = start + target.length
  const end = source.indexOf('?>', targetEnd)
  if (end < 0) cursor.refuseEnd('a processing instruction has no end')
  if (end > targetEnd && !isSpace(source.charCodeAt(targetEnd))) {
    cursor.refuse('disallowed character in processing instruction name', targetEnd)
  }
  cursor.checkCharacters(targetEnd, end)
  cursor.at = end + 2
}
