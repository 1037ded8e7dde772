// A wsse:Security to be handed on as it came: not one of its characters is changed, for some of them are signed.
import { exactOf, exactText } from './xml/exact.js'
import { escapeXml, type XmlElement } from './xml.js'

/** Longer ones are nobody's assertion. */
const mostCharacters = 262_144

/** The header block with the declarations of its surroundings; undefined where there is nothing to hand on. */
export function handedOn(security: XmlElement | undefined): string | undefined {
  const exact = security === undefined ? undefined : exactOf(security)
  if (exact === undefined || exact.to - exact.from > mostCharacters || security?.children.length === 0) return undefined
  const text = exactText(exact)
  const tagEnd = text.indexOf('>')
  const nameEnd = text.search(/[\s/>]/)
  const tag = text.slice(0, tagEnd)
  const outer = [...exact.scope]
    .filter(([prefix, namespace]) => prefix !== 'xml' && !(prefix === '' && namespace === ''))
    .map(([prefix, namespace]) => [prefix === '' ? 'xmlns' : `xmlns:${prefix}`, namespace])
    .filter(([name]) => !new RegExp(`\\s${name?.replaceAll('.', '\\.')}\\s*=`).test(tag))
  const declarations = outer.map(([name, namespace = '']) => ` ${name}="${escapeXml(namespace)}"`).join('')
  if (declarations.length > mostCharacters) return undefined
  return text.slice(0, nameEnd) + declarations + text.slice(nameEnd)
}
