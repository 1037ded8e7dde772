// Rules of affinity domains that need logic, by the ids under which a domain switches them on. docs/AFFINITY-DOMAINS.md
import type { AffinityDomain } from '../../affinity/affinity-domain.js'
import type { LogicRuleId } from '../../affinity/switched-rules.js'
import { quoted } from '../../metadata/words.js'
import type { Facts } from '../store/facts.js'
import type { Breach, Rule, Submitted } from './rule.js'

/** In the order in which their findings are told; made once at start. */
export function domainRules(domain: AffinityDomain): readonly Rule[] {
  return Object.entries(breachesBy).flatMap(([id, breachesIn]): Rule[] => {
    const on = domain.switchedOn[id as SubmissionRuleId]
    if (on === undefined) return []
    const breaches = (submitted: Submitted, facts: Facts) =>
      breachesIn(submitted, facts, domain).map(breach => ({ ...breach, severity: on.severity }))
    return [{ clause: on.clause, breaches }]
  })
}

const code = 'XDSRegistryMetadataError'

const breachesBy = { 'class-type-pair': wrongPairs, 'no-folders': folders } as const

type SubmissionRuleId = Extract<LogicRuleId, keyof typeof breachesBy>

/** [CH-EPR annex 3] */
function wrongPairs({ documentEntries, sound }: Submitted, _: Facts, { typesOfClass, name }: AffinityDomain): Breach[] {
  return documentEntries.flatMap((object): Breach[] => {
    const { classCode, typeCode } = object
    if (classCode === undefined || typeCode === undefined) return []
    if (!sound(object, 'classCode') || !sound(object, 'typeCode')) return []
    const types = typesOfClass.get(classCode.code)
    if (types?.has(typeCode.code) === true) return []
    const expected =
      types === undefined
        ? `a typeCode that goes with classCode ${quoted(classCode.code)}; domain ${name} has none`
        : `a typeCode that goes with classCode ${quoted(classCode.code)} in domain ${name}: ${[...types].join(', ')}`
    return [{ code, object, attribute: 'typeCode', expected, found: quoted(typeCode.code) }]
  })
}

/** [Gazelle CH-XDS-003] */
function folders({ folders, associations }: Submitted, facts: Facts, { name }: AffinityDomain): Breach[] {
  const isRegisteredFolder = (id: string) => facts.objects.get(id)?.kind === 'Folder'
  return [
    ...folders.map(object => ({ code, object, expected: `no Folder in domain ${name}`, found: 'a Folder' }) as const),
    ...associations.flatMap((object): Breach[] => {
      const end = (['sourceObject', 'targetObject'] as const).find(end => isRegisteredFolder(object[end]))
      if (end === undefined) return []
      const expected = `no Association that touches a Folder in domain ${name}`
      return [{ code, object, attribute: end, expected, found: `the Folder ${quoted(object[end])}` }]
    }),
  ]
}
