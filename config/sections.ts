// The services that a configuration describes: by name, by section, and in words. Some need not be there.
import type { CarnetConfig } from './carnet-config.js'

const services = [
  { service: 'registry', setting: 'registry', title: 'registry' },
  { service: 'repository', setting: 'repository', title: 'repository' },
  { service: 'atna-audit', setting: 'atnaAudit', title: 'audit service' },
  { service: 'patient-index', setting: 'patientIndex', title: 'patient index' },
  { service: 'gateway', setting: 'gateway', title: 'gateway' },
] as const

type Named = (typeof services)[number]

/** Name of a process. */
export type ConfiguredService = Named['service']

export type ConfiguredSection = NonNullable<CarnetConfig[Named['setting']]>

export interface DescribedSection {
  service: ConfiguredService
  setting: Named['setting']
  title: string
  section: ConfiguredSection
}

/** Those that carnet.json describes; registry, repository and atnaAudit always are. */
export function sectionsOf(config: CarnetConfig): DescribedSection[] {
  return services.flatMap(named => {
    const section = config[named.setting]
    return section === undefined ? [] : [{ ...named, section }]
  })
}

/** `atnaAudit` of `atna-audit`: the name of the section in carnet.json. */
export function settingOf(service: ConfiguredService): Named['setting'] {
  const named = services.find(each => each.service === service)
  if (named === undefined) throw new Error(`there is no service ${service}`)
  return named.setting
}
