// npm run tour:communities: two complete communities that know one another, one patient in both, a document from the one for a user of the
// other, and what is left when one is down. In a folder that is gone afterwards. `-- --port-base N` says where its ports begin.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  basesFrom,
  endServices,
  freePortBases,
  run,
  say,
  seconds,
  startServices,
  takeTour,
  untilSaid,
} from './tour/commands.js'
import { writeDocuments } from './tour/documents.js'

/** Made up; the check digit holds. */
const spid = '761337610000000019'
const nationalId = `${spid}^^^&2.16.756.5.30.1.127.3.10.3&ISO`

await takeTour('carnet-communities', tour, 'docs/COMMUNITIES.md says the rest.')

async function tour(folder) {
  const [bern, vaud] = ['Bern', 'Vaud'].map(name => ({ name, data: join(folder, name.toLowerCase()) }))
  say(
    'Two communities, each with a CA, a homeCommunityId, registry, repository, gateway, patient index and audit of its own',
  )
  const bases = await portBases()
  await Promise.all([bern, vaud].map((community, index) => start(community, bases[index])))

  say('Each describes itself, and the other adds it: CA, gateway, signer of assertions; no service is started anew')
  for (const [one, other] of [
    [bern, vaud],
    [vaud, bern],
  ]) {
    const description = join(folder, `${one.name}.json`)
    await run(['community', 'describe', '--name', one.name, '-o', description], { data: one.data, quietly: true })
    await run(['community', 'add', description], { data: other.data, quietly: true })
  }
  await seconds(3) // services look at their files every two seconds
  const isWellConnected = /ITI-38: it has nothing of that patient/
  // What the doctor finds wrong before that is no end of the tour.
  expect(
    await untilSaid(isWellConnected, ['community', 'doctor'], { data: bern.data, mayEndWith: [3] }),
    isWellConnected,
  )

  say('A patient in both: two hospitals, one national number')
  const here = await opened(bern, 'north-17^^^&2.999.1.10&ISO', 'Beispiel')
  const there = await opened(vaud, 'ouest-4^^^&2.999.1.20&ISO', 'Beispiel')

  say('A document is submitted in Vaud, and another in Bern')
  const documents = writeDocuments(folder)
  const assertion = await token(bern, folder)
  const uniqueId = /^uniqueId\s+(\S+)$/m.exec(
    await run(['submit', documents.cda, '--patient', there, '--token', await token(vaud, folder)], { data: vaud.data }),
  )[1]
  const about = ['--title', 'Ward round of the third day', '--type', '371532007', '--author', '^Beispiel^Lukas']
  await run(['submit', documents.pdf, '--patient', here, ...about, '--token', assertion], { data: bern.data })

  say(
    'A user in Bern finds it: ITI-18 to the own gateway, from there ITI-55 and ITI-38 to the other, with the assertion of the user',
  )
  const query = ['query', '--patient', here, '--everywhere', '--token', assertion]
  const found = await run(query, { data: bern.data })
  expect(found, new RegExp(`${uniqueId.replace(/[.^]/g, '\\$&')}\\s+Vaud`))

  say('and takes the one from Vaud: ITI-43 to the own gateway, ITI-39 from there')
  const copy = join(folder, 'from-vaud.xml')
  await run(['retrieve', uniqueId, '--home', 'Vaud', '-o', copy, '--token', assertion], { data: bern.data })
  if (!readFileSync(copy).equals(readFileSync(documents.cda))) throw new Error('what came is not what was submitted')

  say(
    'A user in Bern sends one to Vaud: ITI-41 to the own gateway, ITI-80 to the other, for the patient by the id that Vaud has',
  )
  await run(['submit', documents.pdf, '--patient', here, ...about, '--home', 'Vaud', '--token', assertion], {
    data: bern.data,
  })
  const kept = await run(['query', '--patient', there, '--token', await token(vaud, folder)], { data: vaud.data })
  expect(kept, /^2 document\(s\)/m)

  say('The audit trails of both communities, joined by the trace of the query')
  const trace = /trace ([0-9a-f]{32})/.exec(found)[1]
  // Records travel to the audit services within a moment, not within the answer.
  for (const { data } of [bern, vaud]) {
    const asked = ['audit', 'tail', '--trace', trace, '--json']
    await untilSaid(/carnet-gateway[\s\S]*carnet-registry|carnet-registry[\s\S]*carnet-gateway/, asked, {
      data,
      quietly: true,
    })
  }
  const writers = [...(await trail(bern, trace)), ...(await trail(vaud, trace))]
  for (const writer of ['Bern carnet-gateway', 'Bern carnet-registry', 'Vaud carnet-gateway', 'Vaud carnet-registry']) {
    if (!writers.includes(writer)) throw new Error(`${writer} has written nothing of the trace ${trace}`)
  }

  say('Vaud goes down: the answer is one in part, and says so')
  await endServices(vaud.services)
  const partial = await run(query, { data: bern.data, mayEndWith: [3] })
  expect(partial, /^1 document\(s\)[\s\S]*PartialSuccess[\s\S]*XDSUnavailableCommunity/m)
  await run(['community', 'list'], { data: bern.data })
}

async function portBases() {
  const { values } = parseArgs({ options: { 'port-base': { type: 'string' } } })
  const asked = values['port-base']
  if (asked === undefined) return freePortBases(2)
  if (/^[1-9]\d{3,4}$/.test(asked) && Number(asked) <= 65_000) return basesFrom(Number(asked), 2)
  throw new Error(`--port-base is a whole number from 1000 to 65000, not "${asked}"`)
}

async function start(community, base) {
  const args = ['--data', community.data, '--port-base', String(base), '--profile', 'ch-epr']
  const { services, ready } = startServices(args, { quietly: true })
  community.services = services
  await ready
  console.log(`${community.name}: ready, gateway https://localhost:${base + 4}/gateway`)
}

/** @returns the id of the person in the affinity domain */
async function opened({ name, data }, localId, family) {
  const said = ['--family', family, '--given', 'Lea', '--born', '1980-01-17', '--sex', 'F', '--json']
  const { patientIds } = JSON.parse(await run(['person', 'add', localId, nationalId, ...said], { data, quietly: true }))
  const own = patientIds.find(id => id !== localId && id !== nationalId)
  await untilKnown(own, data)
  console.log(`${name}: the patient is ${own}`)
  return own
}

async function untilKnown(patientId, data) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await run(['patient', 'show', patientId], { data, quietly: true })
    } catch (problem) {
      if (tries === 60) throw problem
      await seconds(0.5)
    }
  }
}

async function token({ name, data }, folder) {
  const file = join(folder, `token-${name}.xml`)
  const who = ['--role', 'HCP', '--patient', spid, '--name', 'Lukas Muster', '-o', file]
  await run(['token', ...who], { data, quietly: true })
  return file
}

/** Prints it, oldest first, and tells who has written. */
async function trail({ name, data }, trace) {
  const records = JSON.parse(await run(['audit', 'tail', '--trace', trace, '--json'], { data, quietly: true }))
  const lines = records.toSorted((one, other) => one.eventDateTime.localeCompare(other.eventDateTime))
  for (const { eventDateTime, source, type, event, outcome } of lines) {
    const what = [type?.code ?? event?.code, type?.text ?? event?.text].filter(Boolean).join(' ')
    console.log(
      `  ${eventDateTime.slice(11, 23)}  ${name}  ${source.padEnd(20)} ${what}${outcome === 0 ? '' : `, outcome ${outcome}`}`,
    )
  }
  return records.map(({ source }) => `${name} ${source}`)
}

function expect(said, pattern) {
  if (!pattern.test(said)) throw new Error(`nothing like ${pattern} was said`)
}
