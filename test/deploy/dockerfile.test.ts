// The image, as far as it can be known without an engine: what goes in, and how it is written. Its command is run in dockerfile.deployed.ts.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { defaultPortBase, portsAbove } from '../../config/defaults.js'
import { packageRoot, thriftyCollector } from '../../ports/processes.js'
import { roomsBelow } from '../house/plan.js'
import { commandOf, instructionsOf, letThrough, sourcesOf, stagesOf } from './dockerfile.js'
import { judgedBy } from './judges.js'

const instructions = instructionsOf('Dockerfile')
const stages = stagesOf(instructions)
const last = stages.at(-1)!
const sent = letThrough()

describe('the Dockerfile', () => {
  it('copies nothing that .dockerignore keeps back, and nothing that is not there', () => {
    const copied = instructions.filter(({ name }) => name === 'COPY').flatMap(sourcesOf)
    const made = ['node_modules', 'dist']
    const missing = copied.filter(
      path => path !== '.' && !made.includes(path) && !sent.some(file => file === path || file.startsWith(`${path}/`)),
    )
    expect(copied.length).to.be.above(5)
    expect(missing).to.deep.equal([])
  })

  it('is sent every room of the plan', () => {
    const rooms = Object.keys(roomsBelow).filter(room => existsSync(join(packageRoot, room)))
    expect(rooms.filter(room => !sent.some(file => file.startsWith(`${room}/`)))).to.deep.equal([])
  })

  it('is sent no key, no data, no test and no database', () => {
    const wrong = /\.(?:key|pem|p12|sqlite.*|log)$|^(?:test|bench|var|docs|deploy)\/|carnet\.json$/
    expect(sent.filter(path => wrong.test(path))).to.deep.equal([])
  })

  it('names the version of its base, runs as a number that is not root, and takes its command as a list', () => {
    for (const [from] of stages) expect(from?.words[0]).to.match(/^node:\d+-slim$/)
    expect(last.findLast(({ name }) => name === 'USER')?.text).to.match(/^[1-9]\d*:[1-9]\d*$/)
    for (const name of ['ENTRYPOINT', 'CMD', 'HEALTHCHECK'] as const) expect(commandOf(last, name)).not.to.equal([])
    for (const { text } of instructions.filter(({ name }) => name === 'WORKDIR')) expect(text).to.match(/^\//)
  })

  it('fetches nothing but packages that the lock file names, and runs none of their scripts', () => {
    expect(instructions.filter(({ name }) => name === 'ADD' || name === 'ARG')).to.deep.equal([])
    const commands = instructions.filter(({ name }) => name === 'RUN').map(({ text }) => text)
    for (const command of commands) expect(command).not.to.match(/curl|wget|apt|npm (?:i|install)\b|npx/)
    for (const install of commands.filter(text => text.includes('npm'))) expect(install).to.contain('--ignore-scripts')
  })

  it('installs what services need and no more: the last npm ci leaves development out', () => {
    const installs = instructions.filter(({ text }) => text.includes('npm ci'))
    expect(installs.at(-1)?.text).to.match(/npm ci --omit=dev\b/)
  })

  it('gives the flags for V8 that the supervisor gives', () => {
    expect(commandOf(last, 'ENTRYPOINT')).to.include.members([...thriftyCollector])
  })

  it('has hadolint find no fault', function () {
    judgedBy('hadolint', [join(packageRoot, 'Dockerfile')], this)
  })

  it('names the port of every service', () => {
    const { registry, repository, atnaAudit, gateway, patientIndex, pages } = portsAbove(defaultPortBase)
    const exposed = instructions.filter(({ name }) => name === 'EXPOSE').flatMap(({ words }) => words.map(Number))
    expect(exposed).to.include.members([
      registry,
      repository,
      atnaAudit,
      gateway,
      patientIndex,
      pages,
      6514,
      12_575,
      12_576,
    ])
  })
})
