// Asks a service of this machine how it is, by the port that carnet.json names: for systemd and containers, which have no curl.
//
//   node scripts/probe.js SERVICE CONFIG                one look: exit code 0 when it is ready
//   node scripts/probe.js SERVICE CONFIG --alive        one look: exit code 0 when it answers at all
//   node scripts/probe.js SERVICE CONFIG --wait 600     until it is ready. What only lacks something (the disk is full, the storage
//                                                       is away) still answers queries and is no failure of the start: it is said.
import { readFileSync } from 'node:fs'

//   node scripts/probe.js --process 1 [--alive]         the service and its config as the command line of that process names them: the
//                                                       image has one health check for all services
const sections = {
  ...{ registry: 'registry', repository: 'repository', 'atna-audit': 'atnaAudit' },
  ...{ 'patient-index': 'patientIndex', gateway: 'gateway' },
}
const args = process.argv.slice(2)
const [service, file, ...flags] = args[0] === '--process' ? [...commandOf(args[1]), ...args.slice(2)] : args
const section = sections[service]
if (section === undefined || file === undefined) {
  console.error(`probe: node scripts/probe.js ${Object.keys(sections).join('|')} CONFIG [--alive | --wait SECONDS]`)
  process.exit(2)
}

const { health } = JSON.parse(readFileSync(file, 'utf8'))[section] ?? {}
if (health === undefined) {
  console.error(`probe: ${file} has no section "${section}"`)
  process.exit(2)
}
const host = health.host === undefined || health.host === '0.0.0.0' ? '127.0.0.1' : health.host
const base = `http://${host.includes(':') ? `[${host === '::' ? '::1' : host}]` : host}:${health.port}`

process.exit(flags[0] === '--wait' ? await waited(Number(flags[1])) : await looked(flags[0] === '--alive'))

function commandOf(pid) {
  const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  return [words.find(word => word in sections), words[words.indexOf('--config') + 1]]
}

async function looked(isAliveEnough) {
  const { status, said } = await asked(isAliveEnough ? '/livez' : '/readyz')
  if (status === 200) return 0
  console.error(`probe: ${service} ${said}`)
  return 1
}

async function waited(seconds) {
  // What lacks something has its time to find it, but a start is not held up for long by what only people can mend.
  const patienceMs = 10_000
  const until = Date.now() + seconds * 1000
  let aliveSince
  for (;;) {
    const { status, said } = await asked('/readyz')
    if (status === 200) return 0
    const now = Date.now()
    if (status !== undefined) aliveSince ??= now
    if (aliveSince !== undefined && now - aliveSince > patienceMs) {
      console.error(`probe: ${service} answers, but ${said}`)
      return 0
    }
    if (now > until) {
      console.error(`probe: ${service} ${said}, ${seconds} seconds after its start`)
      return 1
    }
    await new Promise(resolve => setTimeout(resolve, 250))
  }
}

async function asked(path) {
  try {
    const answer = await fetch(`${base}${path}`, { signal: AbortSignal.timeout(5_000) })
    const { checks = [] } = await answer.json()
    const lacking = checks.filter(({ ok }) => !ok).map(({ name, reason }) => `${name}: ${reason}`)
    return { status: answer.status, said: `is not ready (${lacking.join('; ')})` }
  } catch (problem) {
    return { status: undefined, said: `does not answer on ${base} (${problem.cause?.code ?? problem.message})` }
  }
}
