// Legal holds of running services: what is under one is removed by nobody, whichever service is asked, until it is lifted.
import { expect } from 'chai'
import { openAdministration } from '../../../cli/administration.js'
import { openDeployment } from '../../../cli/deployment.js'
import type { Failure } from '../../../cli/failure.js'
import { liftHold, listHolds, putHold, retention, syncHolds } from '../../../cli/operations/holds.js'
import { patientMerge } from '../../../cli/patients/patient.js'
import { systemPorts } from '../../../ports/ports.js'
import { type Caller, openCaller } from '../../../server/caller.js'
import { removeDocuments, removeMetadata } from '../../../transactions/remove.js'
import type { RegistryResponse } from '../../../transactions/xds-messages.js'
import { aDeployment, type RunningDeployment } from '../../peers/a-deployment.js'
import { samplePatientId } from '../../samples/submission.js'
import { aSource, type Kept } from '../a-source.js'
import { playedTerminal } from '../played-terminal.js'

describe('carnet hold and carnet retention', function () {
  this.timeout(120_000)

  let running: RunningDeployment
  let source: ReturnType<typeof aSource>
  let admin: Caller

  before(async () => {
    running = await aDeployment()
    source = aSource(running)
    admin = openCaller({ tls: await running.identity('admin'), ports: systemPorts })
  })
  after(async () => {
    source?.close()
    admin?.close()
    await running?.close()
  })

  function aContext() {
    return { ports: systemPorts, terminal: playedTerminal() }
  }

  const options = () => ({ data: running.folder, document: [], reason: 'case 17' })

  async function removalOf({ uniqueId, entryUUID }: Pick<Kept, 'uniqueId' | 'entryUUID'>): Promise<RegistryResponse[]> {
    const documents = [{ repositoryUniqueId: running.repositoryUniqueId, documentUniqueId: uniqueId }]
    const metadata = await admin.call(removeMetadata, { entryUUIDs: [entryUUID] }, { url: running.urls.registry })
    const bytes = await admin.call(removeDocuments, { documents }, { url: running.urls.repository })
    return [metadata.response, bytes.response]
  }

  /** The entryUUID that the registry has given. */
  async function submitted(patientId = samplePatientId): Promise<Kept> {
    const { response, kept } = await source.send(Buffer.from(`a document of ${patientId}`), patientId)
    expect(response.errors).to.deep.equal([])
    return kept
  }

  async function assertHeld(kept: Kept, hold: string): Promise<void> {
    const [metadata, bytes] = await removalOf(kept)
    const words = `it is under the legal hold ${hold}`
    expect(
      metadata?.errors.some(
        ({ errorCode, codeContext }) => errorCode === 'XDSRegistryError' && codeContext.includes(words),
      ),
    ).to.equal(true)
    expect(bytes?.errors.map(({ errorCode }) => errorCode)).to.deep.equal(['XDSRemoveDocumentsError'])
    expect(bytes?.errors[0]?.codeContext).to.contain(words)
    expect((await source.retrieve(kept.uniqueId))?.equals(kept.bytes)).to.equal(true)
  }

  it('keeps documents of a patient and single ones from being removed, and lets go what is lifted [ITI TF-2:3.62.4.1.3] [ITI TF-2:3.86.4.1.3]', async () => {
    const [ofPatient, single, free] = [
      await submitted('HELD-1^^^&2.999.1.2.3&ISO'),
      await submitted(),
      await submitted(),
    ]
    await putHold('case-17', { ...options(), patient: 'HELD-1^^^&2.999.1.2.3&ISO' }, aContext())
    await putHold('case-18', { ...options(), document: [single.uniqueId] }, aContext())
    await assertHeld(ofPatient, 'case-17')
    await assertHeld(single, 'case-18')
    expect((await removalOf(free))[1]?.status).to.equal('Success')
    const context = aContext()
    await listHolds(options(), context)
    expect(context.terminal.printed.join('\n')).to.match(
      /case-17 .*patient HELD-1\^\^\^&2\.999\.1\.2\.3&ISO {2}by admin: case 17/,
    )
    expect(context.terminal.complained).to.deep.equal([])
    for (const name of ['case-17', 'case-18']) await liftHold(name, options(), aContext())
    for (const kept of [ofPatient, single]) {
      expect((await removalOf(kept))[1]?.status).to.equal('Success')
      expect(await source.retrieve(kept.uniqueId)).to.equal(undefined)
    }
  })

  it('holds a patient under all the ids that merges have joined [ITI TF-2:3.44.4.2.4]', async () => {
    const [former, survivor] = ['FORMER^^^&2.999.1.2.3&ISO', 'SURVIVOR^^^&2.999.1.2.3&ISO']
    const before = await submitted(former)
    const other = await submitted(survivor)
    await putHold('case-19', { ...options(), patient: former }, aContext())
    await patientMerge(former, survivor, options(), aContext())
    await syncHolds(options(), aContext())
    await assertHeld(before, 'case-19')
    await assertHeld(other, 'case-19')
    await liftHold('case-19', options(), aContext())
  })

  it('counts what is old and what of it is held', async () => {
    const kept = await submitted('OLD-1^^^&2.999.1.2.3&ISO')
    await putHold('case-20', { ...options(), document: [kept.uniqueId] }, aContext())
    const context = aContext()
    await retention({ ...options(), before: '2100-01-01', json: true }, context)
    // One year, or two at the turn of one.
    const years = Object.values<{ documents: number; held: number }>(JSON.parse(context.terminal.printed.join('\n')))
    const sum = (what: 'documents' | 'held') => years.reduce((total, year) => total + year[what], 0)
    expect(sum('documents')).to.be.greaterThan(1)
    expect(sum('held')).to.equal(1)
    const none = aContext()
    await retention({ ...options(), before: '2000-01-01' }, none)
    expect(none.terminal.printed).to.deep.equal(['no document was received before 2000-01-01'])
  })

  it('says that there is nothing yet of what is held, for a name that is written wrongly holds nothing', async () => {
    const { uniqueId } = await submitted()
    const context = aContext()
    await putHold('case-21', { ...options(), patient: samplePatientId }, context)
    await putHold('case-21', { ...options(), document: [uniqueId] }, context)
    expect(context.terminal.complained).to.deep.equal([])
    await putHold('case-21', { ...options(), patient: 'NOBODY^^^&2.999.1.2.3&ISO' }, context)
    await putHold('case-21', { ...options(), document: [uniqueId, '2.25.1'] }, context)
    expect(context.terminal.complained.map(line => /^there is no (.*) so far/.exec(line)?.[1])).to.deep.equal([
      'patient NOBODY^^^&2.999.1.2.3&ISO',
      'document 2.25.1',
    ])
    await liftHold('case-21', options(), context)
  })

  it('takes no day that no month has for a date', async () => {
    for (const before of ['2026-02-30', '2026-13-01', '1 March']) {
      const failure = (await retention({ ...options(), before }, aContext()).catch(problem => problem)) as Failure
      expect(failure.message, before).to.contain('--before is a date')
    }
  })

  it('lifts what only one service has still, as after a lifting that was broken off, and nothing that none has', async () => {
    await putHold('half-lifted', { ...options(), document: ['2.25.1'] }, aContext())
    const administration = await openAdministration(await openDeployment(options(), aContext()), {}, aContext())
    for (const service of ['repository', 'audit'] as const)
      await administration.resource(service, 'holds/lift/half-lifted', {})
    administration.close()
    await liftHold('half-lifted', options(), aContext())
    const none = (await liftHold('half-lifted', options(), aContext()).catch(problem => problem)) as Failure
    expect(none.message).to.equal('there is no legal hold half-lifted; "carnet hold list" shows all.')
  })

  it('says what is wrong with a hold', async () => {
    const wrong: [string, object][] = [
      ['case', { document: [] }],
      ['case', { patient: 'no CX' }],
      ['a name with spaces', { patient: samplePatientId }],
    ]
    for (const [name, change] of wrong) {
      const failure = (await putHold(name, { ...options(), ...change }, aContext()).catch(
        problem => problem,
      )) as Failure
      expect(failure.reason, name).to.be.oneOf(['usage', 'refused'])
    }
    const failure = (await liftHold('unknown', options(), aContext()).catch(problem => problem)) as Failure
    expect(failure.message).to.contain('there is no legal hold unknown')
  })
})
