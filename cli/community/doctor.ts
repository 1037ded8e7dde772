// `carnet community doctor`: what is believed of a community here, and what the running gateway finds when it looks at it.
import { allCommunities } from '../../config/communities.js'
import type { CommunityConfig } from '../../config/gateway-config.js'
import { readPartners } from '../../config/partners.js'
import type { Examined } from '../../gateway/communities/examined.js'
import { openAdministration } from '../administration.js'
import type { Context } from '../context.js'
import { type Deployment, type DeploymentOptions, gatewaySection, openDeployment } from '../deployment.js'
import { Failure } from '../failure.js'
import { handshakeInWords } from '../handshake-words.js'
import { oneLine } from '../table.js'
import { readToken } from '../token-file.js'

export async function communityDoctor(
  named: string | undefined,
  options: DeploymentOptions,
  context: Context,
): Promise<void> {
  const deployment = await openDeployment(options, context)
  const all = await allCommunities(gatewaySection(deployment.config), context.ports)
  const wanted = all.filter(each => named === undefined || each.name === named || each.homeCommunityId === named)
  if (wanted.length === 0) throw noSuch(named, all)
  let bad = 0
  for (const community of wanted) {
    context.terminal.print(`${community.name} (${community.homeCommunityId})`)
    const found = [
      await letIn(community, deployment, context),
      ...(await seenByGateway(community, deployment, options, context)),
    ]
    for (const { verdict, what, found: words, code } of found) {
      const told = verdict === 'failed' ? handshakeInWords({ code, message: words }) : words
      context.terminal.print(`${verdict.padEnd(8)} ${oneLine(`${what}: ${told}`)}`)
    }
    bad += found.filter(({ verdict }) => verdict === 'failed').length
  }
  if (bad > 0) throw new Failure('refused', `${bad} check(s) failed; each line above says what to do.`)
}

function noSuch(named: string | undefined, all: readonly CommunityConfig[]): Failure {
  if (named === undefined)
    return new Failure('usage', 'No other community is known; "carnet community add FILE" adds one.')
  const names = all.map(({ name }) => name).join(', ')
  return new Failure(
    'usage',
    `No community is called "${named}"; ${names === '' ? 'there are none' : `there are ${names}`}.`,
  )
}

/** Whether its own requests are taken here. */
async function letIn({ name }: CommunityConfig, { config }: Deployment, { ports }: Context): Promise<Examined> {
  const partners = [...config.peers, ...(await readPartners(config.partnersFile, ports))]
  const peer = partners.find(each => each.name === name)
  const what = 'its requests'
  if (peer?.roles.includes('gateway')) {
    return { verdict: 'ok', what, found: `its gateway is let in by ${peer.fingerprints.length} certificate(s)` }
  }
  const found = `no partner called "${name}" has the role gateway, so that it may ask nothing here; add its description again`
  return { verdict: 'warning', what, found }
}

async function seenByGateway(
  { homeCommunityId }: CommunityConfig,
  deployment: Deployment,
  options: DeploymentOptions,
  context: Context,
): Promise<Examined[]> {
  const security = options.token === undefined ? undefined : await readToken(options.token, context)
  const administration = await openAdministration(deployment, options, context)
  try {
    const question = { homeCommunityId, ...(security === undefined ? {} : { security }) }
    return (await administration.resource<{ found: Examined[] }>('gateway', 'communities/examine', question)).found
  } finally {
    administration.close()
  }
}
