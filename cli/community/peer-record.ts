// `carnet peer record NAME -o FILE`: the traffic of the gateway with one community, as a fixture for tests. What is in it was replaced before it
// left the gateway; this command never sees a real value.
import { resolve } from 'node:path'
import { type Administration, openAdministration } from '../administration.js'
import type { Context } from '../context.js'
import { type DeploymentOptions, gatewaySection, openDeployment } from '../deployment.js'
import { Failure } from '../failure.js'
import { homeNamed } from './names.js'

export interface RecordOptions extends DeploymentOptions {
  output: string
  exchanges: string
  seconds: string
}

const lookMs = 500

export async function peerRecord(named: string, options: RecordOptions, context: Context): Promise<void> {
  const deployment = await openDeployment(options, context)
  gatewaySection(deployment.config)
  const { ports, terminal } = context
  const asked = {
    homeCommunityId: await homeNamed(named, deployment, ports),
    exchanges: countOf('--exchanges', options.exchanges, 100),
    seconds: countOf('--seconds', options.seconds, 600),
  }
  const administration = await openAdministration(deployment, options, context)
  try {
    await administration.resource('gateway', 'communities/record', asked)
    terminal.complain(`recording up to ${asked.exchanges} exchanges with ${named} for at most ${asked.seconds} s`)
    await untilOver(administration, context)
    const fixture = await administration.resource<{ exchanges: unknown[] }>('gateway', 'communities/recorded', {})
    if (fixture.exchanges.length === 0) {
      throw new Failure('refused', `Nothing went to ${named} meanwhile; ask it something while this command runs.`)
    }
    const path = resolve(terminal.workingFolder, options.output)
    await ports.files.replace(path, `${JSON.stringify(fixture, undefined, 1)}\n`, { mode: 0o644 })
    terminal.print(
      `${options.output}: ${fixture.exchanges.length} exchange(s), with other names, ids, dates and documents`,
    )
  } finally {
    administration.close()
  }
}

function countOf(flag: string, text: string, most: number): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1 && count <= most) return count
  throw new Failure('usage', `${flag} is a whole number from 1 to ${most}, not "${text}".`)
}

async function untilOver(administration: Administration, { ports, terminal }: Context): Promise<void> {
  for (;;) {
    const { exchanges, isOver } = await administration.resource<{ exchanges: number; isOver: boolean }>(
      'gateway',
      'communities/record',
    )
    terminal.progress(isOver ? '' : `${exchanges} exchange(s)`)
    if (isOver) return
    await ports.clock.sleep(lookMs)
  }
}
