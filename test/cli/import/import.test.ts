// Bulk imports into running services: tables and media, rows that are wrong, interruptions, and the same again.
import { createHash, randomBytes } from 'node:crypto'
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import type { Failure } from '../../../cli/failure.js'
import { type ImportOptions, importDocuments } from '../../../cli/import/import.js'
import { readOnly } from '../../../cli/operations/read-only.js'
import type { DocumentEntry } from '../../../metadata/model.js'
import { encodeSubmission } from '../../../metadata/submission.js'
import { systemPorts } from '../../../ports/ports.js'
import { bytesOf } from '../../../soap/xml.js'
import { aDeployment, type RunningDeployment } from '../../peers/a-deployment.js'
import { aDocumentEntry, aSubmission } from '../../samples/submission.js'
import { aSource } from '../a-source.js'
import { playedTerminal } from '../played-terminal.js'

const patient = 'IMPORT-1^^^&2.999.1.2.3&ISO'

describe('carnet import', function () {
  this.timeout(120_000)

  let running: RunningDeployment
  let source: ReturnType<typeof aSource>
  let folder: string

  before(async () => {
    running = await aDeployment()
    source = aSource(running)
  })
  after(async () => {
    source?.close()
    await running?.close()
  })
  beforeEach(async () => {
    folder = await systemPorts.files.temporaryFolder('carnet-import-')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  async function imported(path: string, options: Partial<ImportOptions> = {}, ports = systemPorts) {
    const terminal = playedTerminal(folder)
    await importDocuments(path, { data: running.folder, atOnce: '2', ...options }, { ports, terminal })
    return { said: terminal.printed.at(-1), complained: terminal.complained.join('\n'), exitCode: terminal.exitCode }
  }

  function put(path: string, content: string | Buffer): void {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }

  const uniqueText = () => `a text with ${randomBytes(8).toString('hex')}`

  /** A table with so many rows and files. */
  function aTable(rows: number): void {
    const lines = Array.from({ length: rows }, (_, number) => {
      put(`files/${number}.txt`, uniqueText())
      return `files/${number}.txt,${patient},"Document ${number}, imported"`
    })
    put('table.csv', `file,patient,title\n${lines.join('\n')}\n`)
  }

  describe('of a table', () => {
    it('submits each row, and nothing of it again', async () => {
      aTable(5)
      expect(await imported('table.csv')).to.include({ said: '5 imported', exitCode: 0 })
      expect((await imported('table.csv')).said).to.equal('0 imported, 5 by an earlier run')
      // Without what is remembered of the earlier run, too.
      expect((await imported('table.csv', { anew: true })).said).to.equal('0 imported, 5 were there already')
    })

    it('goes on where it was interrupted', async () => {
      aTable(6)
      const files = readdirSync(join(folder, 'files'))
      const report = 'report.jsonl'
      await imported('table.csv', { report, atOnce: '1' })
      // As if the process had ended after three: the last line is cut off.
      const [journal] = readdirSync(join(running.folder, 'imports'))
        .map(name => join(running.folder, 'imports', name))
        .filter(path => readFileSync(path, 'utf8').split('\n').filter(Boolean).length === 6)
      const keys = readFileSync(journal!, 'utf8').split('\n').filter(Boolean)
      writeFileSync(journal!, `${keys.slice(0, 3).join('\n')}\n${keys[3]?.slice(0, 7)}`)
      expect((await imported('table.csv')).said).to.equal('0 imported, 3 were there already, 3 by an earlier run')
      expect(files).to.have.length(6)
      const lines = readFileSync(join(folder, report), 'utf8')
        .trim()
        .split('\n')
        .map(line => JSON.parse(line))
      expect(lines.map(({ name, kind }) => `${name} ${kind}`)).to.deep.equal(
        [2, 3, 4, 5, 6, 7].map(line => `line ${line} imported`),
      )
    })

    it('is ended by Ctrl-C behind what is under way, and says how to go on', async () => {
      aTable(4)
      const processes = {
        ...systemPorts.processes,
        onEnd(end: (reason: string) => void) {
          queueMicrotask(() => end('SIGINT'))
          return () => {}
        },
      }
      const ended = await imported('table.csv', { atOnce: '1' }, { ...systemPorts, processes })
      expect(ended.said).to.match(/^[01] imported, [34] not reached: run it again to go on$/)
      expect(ended.exitCode).to.equal(130)
      expect((await imported('table.csv')).exitCode).to.equal(0)
    })

    it('tells what is wrong with a row, and takes the others', async () => {
      put('good.txt', uniqueText())
      put('empty.txt', '')
      put('timeless.txt', uniqueText())
      put(
        'table.csv',
        [
          'file;patient;type;creationTime',
          `good.txt;${patient};;20200101`,
          `missing.txt;${patient};;`,
          'good.txt;no CX;;',
          `empty.txt;${patient};;`,
          `good.txt;${patient};not a code;`,
          `timeless.txt;${patient};;not a time`,
          `good.txt;${patient};;;;`,
          `${'long'.repeat(80)}.txt;${patient};;`,
        ].join('\r\n'),
      )
      const { said, complained, exitCode } = await imported('table.csv')
      expect(said).to.equal('1 imported, 7 refused')
      expect(exitCode).to.equal(1)
      for (const words of [
        /^line 3: .*missing\.txt does not exist/m,
        /^line 4: "no CX" is no patient id/m,
        /^line 5: .*empty\.txt is empty/m,
        /^line 6: --type is code/m,
        /^line 7: XDS\w+Error: .*creationTime/m,
        /^line 8: it has 2 cells more/m,
        /^line 9: .*cannot be read: ENAMETOOLONG/m,
      ]) {
        expect(complained).to.match(words)
      }
    })

    it('names the columns that there may be', async () => {
      for (const [header, words] of [
        ['file,patient,colour', 'has the column "colour"'],
        ['patient', 'has no column "file"'],
        ['file', 'has no column "patient"'],
        ['file,patient,title,title', 'has the column "title" twice'],
      ]) {
        put('table.csv', `${header}\n`)
        const failure = (await imported('table.csv').catch(problem => problem)) as Failure
        expect(failure.message).to.contain(words)
      }
    })

    it('passes over rows without anything in them, as spreadsheets leave behind the last one', async () => {
      put('a.txt', uniqueText())
      put('table.csv', `"file";"patient";"title"\r\na.txt;${patient};Austritt\r\n;;\r\n;;\r\n`)
      expect(await imported('table.csv')).to.include({ said: '1 imported', exitCode: 0 })
    })

    it('gives one patient to all rows, and takes ids and times that are given', async () => {
      put('a.txt', uniqueText())
      put('table.csv', 'file,uniqueId,creationTime\na.txt,2.25.4711,20190203\n')
      expect((await imported('table.csv', { patient })).said).to.equal('1 imported')
      expect(String(await source.retrieve('2.25.4711'))).to.equal(readFileSync(join(folder, 'a.txt'), 'utf8'))
    })
  })

  describe('of XDM media', () => {
    function aMedium(
      name: string,
      change: Partial<DocumentEntry> = {},
      content = Buffer.from(uniqueText()),
    ): DocumentEntry {
      const { repositoryUniqueId: _, ...sample } = aDocumentEntry()
      const entry: DocumentEntry = {
        ...sample,
        patientId: patient,
        hash: createHash('sha1').update(content).digest('hex').toUpperCase(),
        size: String(content.length),
        URI: 'DOC%200001.TXT',
        ...change,
      }
      const submission = aSubmission({ documentEntries: [entry], submissionSet: { patientId: patient } })
      put(`${name}/INDEX.HTM`, '<html></html>')
      put(`${name}/IHE_XDM/SUBSET01/DOC 0001.TXT`, content)
      put(`${name}/IHE_XDM/SUBSET01/METADATA.XML`, bytesOf(encodeSubmission(submission)))
      return entry
    }

    it('submits what METADATA.XML describes, with the documents that it names, and nothing of it again [ITI TF-2:3.32.4.1.2]', async () => {
      const entries = [aMedium('disc1'), aMedium('disc2')]
      expect((await imported('.')).said).to.equal('2 imported')
      for (const [at, { uniqueId = '' }] of entries.entries()) {
        const file = join(folder, `disc${at + 1}`, 'IHE_XDM', 'SUBSET01', 'DOC 0001.TXT')
        expect((await source.retrieve(uniqueId))?.equals(readFileSync(file))).to.equal(true)
      }
      expect((await imported('.', { anew: true })).said).to.equal('0 imported, 2 were there already')
    })

    it('takes another patient in the place of that of the medium, and announces him', async () => {
      aMedium('disc1')
      expect((await imported('.', { patient: 'IMPORT-2^^^&2.999.1.2.3&ISO', announce: true })).said).to.equal(
        '1 imported',
      )
    })

    it('refuses a document that is not the one described, one that is not there, and one outside of what is imported', async () => {
      aMedium('other', { hash: 'da39a3ee5e6b4b0d3255bfef95601890afd80709' })
      aMedium('absent', { URI: 'DOC0002.TXT' })
      aMedium('outside', { URI: '../../../../../etc/passwd' })
      aMedium('without', { URI: undefined } as unknown as Partial<DocumentEntry>)
      put('broken/METADATA.XML', '<not closed')
      put('alien/METADATA.XML', '<html/>')
      const { said, complained } = await imported('.')
      expect(said).to.equal('0 imported, 6 refused')
      for (const words of [
        /other.*hash or size differ/,
        /absent.*is not there/,
        /outside.*leads out of/,
        /without.*has no URI/,
        /broken.*cannot be read as XML/,
        /alien.*holds no lcm:SubmitObjectsRequest/,
      ]) {
        expect(complained).to.match(words)
      }
    })

    it('sends no file of this machine to which a link on the medium leads, and one that stays on it [ITI TF-2:3.32.4.1.2.2]', async () => {
      const secret = join(running.folder, 'certs', 'client.key')
      for (const [medium, to] of [
        ['file', secret],
        ['folder', dirname(secret)],
      ] as const) {
        const uri = medium === 'file' ? 'DOC%200001.TXT' : 'KEYS/client.key'
        aMedium(medium, { URI: uri, hash: undefined, size: undefined } as unknown as Partial<DocumentEntry>)
        const subset = join(folder, medium, 'IHE_XDM', 'SUBSET01')
        rmSync(join(subset, 'DOC 0001.TXT'))
        symlinkSync(to, join(subset, medium === 'file' ? 'DOC 0001.TXT' : 'KEYS'))
      }
      const { said, complained } = await imported('.')
      expect(said).to.equal('0 imported, 2 refused')
      expect(complained.match(/is a link that leads out of/g)).to.have.length(2)
      rmSync(join(folder, 'file'), { recursive: true })
      rmSync(join(folder, 'folder'), { recursive: true })
      aMedium('inside')
      const subset = join(folder, 'inside', 'IHE_XDM', 'SUBSET01')
      writeFileSync(join(subset, 'real.txt'), readFileSync(join(subset, 'DOC 0001.TXT')))
      rmSync(join(subset, 'DOC 0001.TXT'))
      symlinkSync('real.txt', join(subset, 'DOC 0001.TXT'))
      expect((await imported('.')).said).to.equal('1 imported')
    })

    it('finds documents on a disc that was mounted with its names in lower case [ITI TF-2:3.32.4.1.2]', async () => {
      const { uniqueId = '' } = aMedium('disc')
      const upper = join(folder, 'disc', 'IHE_XDM', 'SUBSET01')
      renameSync(join(upper, 'DOC 0001.TXT'), join(upper, 'doc 0001.txt'))
      renameSync(join(upper, 'METADATA.XML'), join(upper, 'metadata.xml'))
      renameSync(join(folder, 'disc', 'IHE_XDM'), join(folder, 'disc', 'ihe_xdm'))
      expect((await imported('.')).said).to.equal('1 imported')
      const file = join(folder, 'disc', 'ihe_xdm', 'SUBSET01', 'doc 0001.txt')
      expect((await source.retrieve(uniqueId))?.equals(readFileSync(file))).to.equal(true)
    })

    it('does not read a METADATA.XML without an end', async () => {
      put('huge/METADATA.XML', '<')
      truncateSync(join(folder, 'huge/METADATA.XML'), 65 * 1024 * 1024)
      const failure = (await imported('.').catch(problem => problem)) as Failure
      expect(failure.message).to.contain('no METADATA.XML has more than')
    })

    it('says where there is nothing', async () => {
      const failure = (await imported('.').catch(problem => problem)) as Failure
      expect(failure.message).to.contain('there is nothing to import')
    })
  })

  it('sends again what services are too busy for', async () => {
    aTable(1)
    const options = { data: running.folder, why: 'a while' }
    await readOnly('on', options, { ports: systemPorts, terminal: playedTerminal() })
    let pauses = 0
    const clock = {
      ...systemPorts.clock,
      async sleep() {
        pauses += 1
        if (pauses === 2) await readOnly('off', options, { ports: systemPorts, terminal: playedTerminal() })
      },
    }
    const terminal = playedTerminal(folder)
    await importDocuments(
      'table.csv',
      { data: running.folder, atOnce: '1' },
      { ports: { ...systemPorts, clock }, terminal },
    )
    expect(terminal.printed).to.deep.equal(['1 imported'])
    expect(pauses).to.equal(2)
  })

  it('waits for services that are away, and stops so that it can go on', async () => {
    aTable(1)
    const clock = { ...systemPorts.clock, sleep: async () => {} }
    const terminal = playedTerminal(folder)
    const config = join(running.folder, 'running.json')
    const flags = readFileSync(config, 'utf8')
    writeFileSync(config, JSON.stringify({ pid: 1, flags: { portBase: 1_000 } }))
    try {
      const context = { ports: { ...systemPorts, clock }, terminal }
      const failure = (await importDocuments('table.csv', { data: running.folder, atOnce: '1' }, context).catch(
        problem => problem,
      )) as Failure
      expect(failure.reason).to.equal('unreachable')
      expect(terminal.printed).to.deep.equal(['0 imported, 1 not reached: run it again to go on'])
    } finally {
      writeFileSync(config, flags)
    }
    expect((await imported('table.csv')).said).to.equal('1 imported')
  })
})
