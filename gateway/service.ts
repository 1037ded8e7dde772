// The gateway as a process: its door for consumers and communities, and its ways to what is behind it and beside it.
import { openDomain } from '../affinity/affinity-domain.js'
import type { CarnetConfig } from '../config/carnet-config.js'
import type { Ports } from '../ports/ports.js'
import { databaseFor, openInFile } from '../server/actor-database.js'
import { openAudit, runActor } from '../server/actor-service.js'
import { type Caller, openCaller } from '../server/caller.js'
import { emptyFolder, openIncoming } from '../server/incoming.js'
import { CannotStart, openService, type RunningService } from '../server/service.js'
import { openSpool } from '../soap/spool.js'
import { gateway } from './actor.js'
import { communityResources } from './admin-resources.js'
import { addressesOf, openCommunities } from './communities/communities.js'
import { followCommunities } from './communities/followed.js'
import { openKeptBack } from './communities/kept-back.js'
import { countCommunities, durationsOfCommunities } from './communities/metrics.js'
import type { GatewayContext } from './context.js'
import { answersPath, openAnswersDoor } from './later/answers-door.js'
import { openAwaitedAnswers } from './later/awaited-answers.js'
import { openDeferredDiscoveries } from './later/deferred-discoveries.js'
import { openDeferredQuestions } from './later/deferred-questions.js'
import { gatewayMigrations } from './migrations.js'
import { openOnward } from './onward.js'
import { openCorrelations } from './patients/correlations.js'
import { openLocations } from './patients/locations.js'
import { openWaitingRoom } from './queries/waiting-room.js'
import { openRecorder } from './recording/recorder.js'
import { openToldDocuments } from './truth/told-documents.js'

/**
 * Resolves when its doors are open. @throws CannotStart, CannotListen with what is to be mended, a communities file that cannot be read among it.
 */
export async function startGateway(config: CarnetConfig, ports: Ports): Promise<RunningService> {
  const section = config.gateway
  if (section === undefined) throw new CannotStart('There is no section "gateway" in carnet.json.')
  const service = await openService('gateway', config, section, ports)
  const { nationalAuthority } = await openDomain(config.profile, ports.files)
  const database = await databaseFor(service, openInFile(section.database, gatewayMigrations, ports))
  const communities = openCommunities([], ports.clock, durationsOfCommunities(service.metrics))
  const followed = await followCommunities({ communities, config: section, ports, log: service.log }).catch(
    async problem => {
      await database.close()
      await service.end()
      throw new CannotStart(`${(problem as Error).message}; correct it, or remove the file.`)
    },
  )
  const audit = openAudit(service, database.openOutbox, config, section.audit)
  const { budget, trust, metrics, log } = service
  const spool = await openIncoming(service)
  const passing = await emptyFolder(service, 'passing')
  const recorder = openRecorder(ports)
  const tapped = { ...ports, network: recorder.tapped(ports.network) }
  const calling = { ports: tapped, budget: budget.spooled, limits: section.limits, folder: passing }
  const caller = openCaller({ ...calling, tls: trust.identity })
  trust.onRenewed(identity => caller.renewTls(identity))
  const { outbox } = audit
  const waitingIn = (inMemoryBytes: number) =>
    openSpool({
      ...{ files: ports.files, randomness: ports.randomness, budget: budget.spooled },
      ...{ folder: passing, inMemoryBytes },
    })
  const waiting = openWaitingRoom(waitingIn(262_144), waitingIn(16_384), 128)
  let sha1Caller: Caller | undefined
  const answersAt = (section.answersAt ?? `${service.origin}/gateway`).replace(/\/+$/, '')
  const awaited = openAwaitedAnswers(
    `${answersAt}${answersPath.slice(0, -1)}`,
    ports.randomness,
    recorder.tappedElsewhere,
  )
  const onward = openOnward({
    ...{ caller, spool: waiting, ports, outbox, answers: awaited },
    peerAt: url => communities.all.find(each => addressesOf(each).includes(url)),
    sha1Caller() {
      sha1Caller ??= openCaller({ ...calling, tls: { ...trust.identity, sha1: true } })
      return sha1Caller
    },
  })
  trust.onRenewed(identity => sha1Caller?.renewTls(identity))
  const deferred = openDeferredDiscoveries({
    ...{ config: section, clock: ports.clock, questions: openDeferredQuestions(database.store) },
    notForgotten: problem => log.warn({ failure: String(problem) }, 'a deferred question could not be forgotten'),
  })
  const respondTo = answersAt
  const correlations = openCorrelations({ config: section, nationalAuthority, onward, deferred, respondTo, ports })
  correlations.resume(await deferred.resume(communities))
  const locations = openLocations({ communities, correlations, onward, clock: ports.clock, config: section })
  countCommunities(metrics, communities, ports.clock)
  metrics.gauge('xca_deferred_discoveries', 'Questions to communities that answer them later', () => deferred.size)
  metrics.gauge('xca_awaited_answers', 'Answers that are waited for in asynchronous exchange', () => awaited.size)
  metrics.gauge('xca_correlations', 'Ids of patients elsewhere that are remembered', () => correlations.size)
  const told = openToldDocuments()
  const context: GatewayContext = {
    ...{ config: section, onward, communities, correlations, deferred, awaited, locations, told, ports, log, outbox },
    keptBack: openKeptBack(),
  }
  const answers = openAnswersDoor(context, {
    taken: metrics.counter('xca_answers_taken_total', 'Answers that were taken in asynchronous exchange'),
    refused: metrics.counter('xca_answers_refused_total', 'Answers in asynchronous exchange that were not taken'),
  })
  const running = await runActor(service, database, audit, {
    ...{ actor: gateway, context, path: '/gateway', spool, config: section, answers },
    resources: communityResources(context, { identity: () => trust.identity, nationalAuthority, recorder }),
    checks: async () => followed.checks(),
  })
  return {
    failing: service.failure.because,
    async close(graceMs) {
      await running.close(graceMs * (2 / 3))
      followed.close()
      onward.close()
      deferred.close()
      caller.close()
      sha1Caller?.close()
      await audit.close(graceMs / 6)
      await database.close()
      await service.end()
    },
  }
}
