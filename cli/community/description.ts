// `carnet community describe`: what another community has to know of this one, in a file. Nothing in it is secret; whom it comes from is
// what matters, so its certificates are compared by another way.
import { resolve } from 'node:path'
import { certificateFacts, certificatesIn } from '../../certs/read.js'
import type { CarnetConfig } from '../../config/carnet-config.js'
import type { CommunityDescription } from '../../config/gateway-config.js'
import type { Context } from '../context.js'
import { type DeploymentOptions, gatewaySection, openDeployment, urlsOf } from '../deployment.js'
import { readPem } from '../our-identity.js'

export interface DescribeOptions extends DeploymentOptions {
  name: string
  output?: string
}

export async function communityDescribe(options: DescribeOptions, context: Context): Promise<void> {
  const { config } = await openDeployment(options, context)
  const { terminal, ports } = context
  const description = await descriptionOf(config, options.name, context)
  const text = `${JSON.stringify(description, undefined, 2)}\n`
  if (options.output === undefined) terminal.print(text.trimEnd())
  else {
    await ports.files.replace(resolve(terminal.workingFolder, options.output), text, { mode: 0o644 })
    terminal.print(`${options.output}: give it to the other community, which takes it by "carnet community add"`)
    for (const line of fingerprintLines(description)) terminal.print(line)
  }
  if (/^https:\/\/localhost[:/]/.test(description.query)) {
    terminal.complain(
      'note: others reach "localhost" on this machine only; say the name of this one in gateway.listen.publicName and patientIndex.listen.publicName',
    )
  }
}

async function descriptionOf(config: CarnetConfig, name: string, context: Context): Promise<CommunityDescription> {
  const gateway = gatewaySection(config)
  const { patientIndex, xua } = config
  const { gateway: url, patientIndex: discovery } = urlsOf(config)
  const asking = patientIndex === undefined ? [gateway] : [gateway, patientIndex]
  const leaves = await Promise.all(asking.map(async ({ tls }) => (await pemsAt(tls.cert, context)).slice(0, 1)))
  const issuers = await Promise.all(
    xua.issuers.map(async ({ issuer, certificates }) => ({
      issuer,
      certificates: (await Promise.all(certificates.map(path => pemsAt(path, context)))).flat(),
    })),
  )
  return {
    ...{ carnetCommunity: 1, name, homeCommunityId: gateway.homeCommunityId, query: url, retrieve: url, fetch: url },
    ...(gateway.documentsOfOthers === 'taken' ? { provide: url } : {}),
    ...(patientIndex === undefined ? {} : { discovery, patientDomain: patientIndex.assigningAuthority }),
    ...(patientIndex?.healthDataLocator === undefined ? {} : { location: discovery }),
    answersAt: gateway.answersAt ?? url,
    authorities: await pemsAt(gateway.tls.ca, context),
    certificates: [...new Set(leaves.flat())],
    issuers,
  }
}

async function pemsAt(path: string, context: Context): Promise<string[]> {
  return certificatesIn(await readPem(path, context)).map(certificate => certificate.toString())
}

/** What is compared by telephone. */
export function fingerprintLines({ authorities, certificates, issuers }: CommunityDescription): string[] {
  const line = (what: string) => (pem: string) => {
    const { subject, fingerprint256 } = certificateFacts(pem)
    return `  ${what.padEnd(22)} ${subject}  SHA-256 ${fingerprint256}`
  }
  return [
    ...authorities.map(line('CA')),
    ...certificates.map(line('asks others')),
    ...issuers.flatMap(issuer => issuer.certificates.map(line('signs assertions'))),
  ]
}
