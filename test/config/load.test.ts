import { expect } from 'chai'
import { firstConfig } from '../../config/defaults.js'
import { bucketIn, documentsFolderOf } from '../../config/documents-place.js'
import { ConfigProblem, loadConfig } from '../../config/load.js'
import type { Overrides } from '../../config/overrides.js'
import { readPostgresUrl } from '../../config/postgres-url.js'
import { type Files, systemFiles } from '../../ports/files.js'
import { systemRandomness } from '../../ports/randomness.js'

// biome-ignore lint/suspicious/noExplicitAny: a JSON tree that each test changes at will
type Json = any

const file = '/srv/carnet/carnet.json'

function aConfig(change: (config: Json) => void = () => {}): string {
  const config = structuredClone(firstConfig(systemRandomness))
  change(config)
  return JSON.stringify(config)
}

const anUpi = {
  ...{ management: 'https://localhost:9999/m', query: 'https://localhost:9999/q', senderId: 'sedex://T0-1-2' },
  standIn: { port: 9999, database: 'stand-in.sqlite' },
}
const aStorage = { endpoint: 'https://s3.example:9000', credentials: 's3.json' }

function load(text: string, overrides: Overrides = {}) {
  const files: Files = {
    ...systemFiles,
    readFile: async path => (path === file ? Buffer.from(text) : systemFiles.readFile(path)),
  }
  return loadConfig(file, { files }, overrides)
}

async function faults(text: string, overrides: Overrides = {}): Promise<string[]> {
  try {
    await load(text, overrides)
    return []
  } catch (problem) {
    expect(problem).to.be.instanceOf(ConfigProblem)
    return (problem as ConfigProblem).faults
  }
}

describe('config/load', () => {
  it('asks for assertions as the affinity domain does, and in production no less', async () => {
    const swiss = (change: (config: Json) => void) =>
      aConfig(config => {
        config.profile = 'ch-epr'
        change(config)
      })
    const uses = async (text: string) => {
      const { registry, repository, gateway, xua } = await load(text)
      return [registry.xua, repository.xua, gateway?.xua, xua.rules]
    }
    expect(await uses(aConfig())).to.deep.equal(['off', 'off', 'off', 'ihe'])
    expect(await uses(swiss(() => {}))).to.deep.equal(['optional', 'optional', 'optional', 'ch-epr'])
    expect(await uses(swiss(({ registry }) => Object.assign(registry, { xua: 'required' })))).to.deep.equal([
      ...['required', 'optional', 'optional', 'ch-epr'],
    ])
    const production = (config: Json) => Object.assign(config, { mode: 'production' })
    expect(await uses(swiss(production))).to.deep.equal(['required', 'required', 'required', 'ch-epr'])
    const loosened = swiss(config => {
      production(config)
      config.registry.xua = 'optional'
      config.repository.xuaByTransaction = { 'ITI-43': 'off' }
      config.gateway.xua = 'off'
    })
    expect(await faults(loosened)).to.deep.equal([
      'registry.xua must be "required" in mode production: the affinity domain ch-epr asks for it',
      'repository.xuaByTransaction.ITI-43 must be "required" in mode production: the affinity domain ch-epr asks for it',
      'gateway.xua must be "required" in mode production: the affinity domain ch-epr asks for it',
    ])
    const { gateway: _, ...without } = JSON.parse(swiss(production))
    expect(await uses(JSON.stringify(without))).to.deep.equal(['required', 'required', undefined, 'ch-epr'])
  })

  it('has something stand in for the UPI in development, where there are national numbers and nobody else is named', async () => {
    const upiOf = async (text: string, overrides: Overrides = {}) => (await load(text, overrides)).patientIndex?.upi
    const swiss = { profile: 'ch-epr' }
    expect(await upiOf(aConfig())).to.equal(undefined)
    expect(await upiOf(aConfig(), swiss)).to.deep.include({
      query: 'https://localhost:8449/wupispid/ws/queryService/2',
      inbox: '/srv/carnet/upi-inbox',
      standIn: { port: 8449, database: '/srv/carnet/upi-stand-in.sqlite' },
    })
    expect((await upiOf(aConfig(), { ...swiss, portBase: 9000 }))?.standIn?.port).to.equal(9009)
    const production = aConfig(config => Object.assign(config, { mode: 'production' }))
    expect(await upiOf(production, swiss)).to.equal(undefined)
    const taken = aConfig(({ gateway }) => Object.assign(gateway.listen, { port: 8449 }))
    expect(await upiOf(taken, swiss)).to.equal(undefined)
    const named = aConfig(({ patientIndex }) => Object.assign(patientIndex, { upi: anUpi }))
    expect((await upiOf(named, { ...swiss, portBase: 9000 }))?.query).to.equal('https://localhost:9009/q')
  })

  it('takes the config that a first start writes, and fills in what it leaves out', async () => {
    const config = await load(aConfig())
    expect(config.registry.listen.port).to.equal(8441)
    expect(config.repository.listen.port).to.equal(8442)
    expect(config.atnaAudit.listen.port).to.equal(8443)
    expect([config.registry.health.port, config.repository.health.port, config.atnaAudit.health.port]).to.deep.equal([
      8451, 8452, 8453,
    ])
    expect(config.atnaAudit.syslog.port).to.equal(6514)
    expect(config.repository.registry.url).to.equal('https://localhost:8441/registry')
    expect(config.registry.limits.requestsInFlight).to.equal(256)
    expect(config.peers.map(({ name, roles }) => [name, ...roles])).to.deep.equal([
      ['hospital', 'source', 'consumer'],
      ['admin', 'admin', 'multi-patient', 'feed', 'source', 'consumer'],
      ['repository', 'repository'],
      ['registry', 'registry'],
      ['patient-index', 'feed', 'patient-administrator'],
      ['gateway', 'consumer', 'source', 'gateway'],
    ])
  })

  it('has queries for several patients off unless the first start writes otherwise [ITI TF-2:3.51.4.1]', async () => {
    const silent = aConfig(config => {
      delete config.registry.multiPatientQueries
    })
    expect((await load(silent)).registry.multiPatientQueries).to.equal(false)
    expect((await load(aConfig())).registry.multiPatientQueries).to.equal(true)
  })

  it('lets every consumer in peers ask for several patients when a flag says so, for that run [ITI TF-2:3.51.4.1]', async () => {
    const { peers } = await load(aConfig(), { multiPatientQueries: true })
    const asking = peers.filter(({ roles }) => roles.includes('multi-patient')).map(({ name }) => name)
    expect(asking).to.deep.equal(['hospital', 'admin'])
  })

  it('gives each deployment identifiers of its own, one community for both services', async () => {
    const [one, other] = [await load(aConfig()), await load(aConfig())]
    expect(one.repository.repositoryUniqueId).to.match(/^2\.25\.\d+$/)
    expect(one.repository.repositoryUniqueId).not.to.equal(other.repository.repositoryUniqueId)
    expect(one.registry.homeCommunityId)
      .to.match(/^urn:oid:2\.25\.\d+$/)
      .and.equal(one.repository.homeCommunityId)
  })

  it('reads paths from the folder of the file', async () => {
    const config = await load(
      aConfig(config => Object.assign(config.repository, { database: '/fast/repository.sqlite' })),
    )
    expect(config.registry.tls.key).to.equal('/srv/carnet/certs/registry.key')
    expect(config.registry.database).to.equal('/srv/carnet/registry.sqlite')
    expect(config.registry.log).to.equal('/srv/carnet/log/registry.log')
    expect(config.repository.documents).to.equal('/srv/carnet/documents')
    expect(config.repository.database).to.equal('/fast/repository.sqlite')
  })

  it('knows a database on a server from a file, and where each process has its folder', async () => {
    const written = (registry: object) => load(aConfig(config => Object.assign(config.registry, registry)))
    const file = (await load(aConfig())).registry
    expect([file.database, file.folder]).to.deep.equal(['/srv/carnet/registry.sqlite', '/srv/carnet'])
    const database = 'postgres://carnet:word%40secret@db.example.org:6432/carnet'
    const postgres = { ca: 'certs/db.pem', passwordFile: 'secrets/db' }
    const remote = (await written({ database, postgres })).registry
    expect([remote.database, remote.folder]).to.deep.equal([database, '/srv/carnet'])
    expect(remote.postgres).to.include({ ca: '/srv/carnet/certs/db.pem', passwordFile: '/srv/carnet/secrets/db' })
    expect((await written({ database, postgres, folder: 'second' })).registry.folder).to.equal('/srv/carnet/second')
    expect(readPostgresUrl(database)).to.deep.equal({
      ...{ host: 'db.example.org', port: 6432, user: 'carnet', password: 'word@secret', database: 'carnet' },
      isRemote: true,
    })
    expect(readPostgresUrl('postgresql://carnet@[::1]/a')).to.include({ host: '::1', port: 5432, isRemote: false })
  })

  it('knows folder from bucket, and where documents arrive that will go to a bucket', async () => {
    const folder = (await load(aConfig())).repository
    expect([bucketIn(folder.documents), documentsFolderOf(folder)]).to.deep.equal([undefined, '/srv/carnet/documents'])
    const onS3 = (documents: string, more: object = {}) =>
      load(
        aConfig(config =>
          Object.assign(config.repository, { documents, objectStorage: aStorage, database: 'db/r.sqlite', ...more }),
        ),
      )
    const { repository } = await onS3('s3://my.bucket/a/b')
    expect(repository.objectStorage).to.include({ credentials: '/srv/carnet/s3.json', region: 'us-east-1' })
    expect(bucketIn(repository.documents)).to.deep.equal({ bucket: 'my.bucket', prefix: 'a/b' })
    expect(documentsFolderOf(repository)).to.equal('/srv/carnet/db/documents')
    const moved = (await onS3('s3://bucket', { documentsFolder: 'spool' })).repository
    expect(bucketIn(moved.documents)).to.deep.equal({ bucket: 'bucket', prefix: '' })
    expect(documentsFolderOf(moved)).to.equal('/srv/carnet/spool')
  })

  it('is frozen to its leaves', async () => {
    const config = await load(aConfig())
    expect(() => Object.assign(config.registry.listen, { port: 1 })).to.throw(TypeError)
    expect(() => config.peers.push(config.peers[0]!)).to.throw(TypeError)
  })

  const cases: [change: (config: Json) => void, fault: string][] = [
    [
      config => Object.assign(config.registry.listen, { prot: 1 }),
      'registry.listen.prot is no setting of Carnet; remove it or correct its name',
    ],
    [config => Object.assign(config.registry.listen, { port: 99_999 }), 'registry.listen.port must be at most 65535'],
    [config => Object.assign(config.registry.listen, { port: '8441' }), 'registry.listen.port must be a number'],
    [config => Object.assign(config.registry.listen, { port: 84.41 }), 'registry.listen.port must be a whole number'],
    [
      config => Object.assign(config.registry, { limits: { idleMs: 3_000_000_000 } }),
      'registry.limits.idleMs must be at most 2147483647',
    ],
    ...['my host', 'host:8441', 'https://host', '::1', ''].map((publicName): [(config: Json) => void, string] => [
      config => Object.assign(config.registry.listen, { publicName }),
      'registry.listen.publicName must be a host as it stands in a URL, without a port',
    ]),
    [config => delete config.repository.tls, 'repository.tls is missing'],
    [config => delete config.mode, 'mode must be one of "development", "production"'],
    [
      config => Object.assign(config.peers[1], { roles: ['amdin'] }),
      'peers[1].roles[0] must be one of "source", "consumer", "repository", "registry", "feed", "admin", "auditor", "multi-patient", "document-administrator", "patient-administrator", "gateway"',
    ],
    [
      config => Object.assign(config.repository, { repositoryUniqueId: 'urn:x' }),
      'repository.repositoryUniqueId must be an OID such as 2.25.1',
    ],
    [
      config => Object.assign(config.peers[0], { commonNames: [] }),
      'peers[0] ("hospital") needs commonNames or fingerprints, else no certificate is its own',
    ],
    [
      config => Object.assign(config.peers[0], { name: 'admin' }),
      'peers has the name "admin" twice; names must be unique',
    ],
    [
      config => Object.assign(config.peers[0], { commonNames: ['admin', 'admin'] }),
      'peers lists the common name "admin" twice; a certificate belongs to one peer',
    ],
    [
      config => Object.assign(config.repository.registry, { url: 'http://localhost/registry' }),
      'repository.registry.url must begin with https://',
    ],
    [
      config => Object.assign(config.repository.listen, { port: 8441 }),
      'registry.listen.port and repository.listen.port are both 127.0.0.1:8441; give each its own port',
    ],
    [
      config =>
        Object.assign(config, { mode: 'production' }) &&
        Object.assign(config.registry, { acceptUnknownPatients: true }),
      'registry.acceptUnknownPatients (--accept-unknown-patients) must be false in mode production: patients come from the feed',
    ],
    [
      config => Object.assign(config.patientIndex, { upi: anUpi }) && Object.assign(config, { mode: 'production' }),
      'patientIndex.upi.standIn is for development: it gives EPR-SPIDs that the ZAS has never given; leave it out in mode production',
    ],
    [
      config => Object.assign(config.patientIndex, { upi: { ...anUpi, query: 'http://upi.example' } }),
      'patientIndex.upi.query must begin with https://',
    ],
    [
      config =>
        Object.assign(config.patientIndex, { registries: [{ name: 'r', url: 'http://localhost:8441/registry' }] }),
      'patientIndex.registries[0].url must begin with https://',
    ],
    [
      config => Object.assign(config.patientIndex, { consumers: [{ name: 'c', url: 'mllp://localhost:99999' }] }),
      'patientIndex.consumers[0].url is no address: mllp://localhost:99999',
    ],
    [
      config =>
        Object.assign(config.patientIndex, { consumers: [{ name: 'registry', url: 'mllps://pix.example:2575' }] }),
      'patientIndex.registries and patientIndex.consumers have the name "registry" twice; names must be unique',
    ],
    [
      config => Object.assign(config, { mode: 'production', peers: [] }),
      'peers is empty, so nobody may call in mode production; list at least the repository and one source',
    ],
    ...['postgres://db.example.org/carnet', 'postgres://carnet@db', 'postgres://carnet@db/carnet?sslmode=disable'].map(
      (database): [(config: Json) => void, string] => [
        config => Object.assign(config.registry, { database }),
        'registry.database cannot be used: it must be postgres://user@host:port/name, without parameters',
      ],
    ),
    [
      config => Object.assign(config.registry, { database: 'postgres://carnet@db.example.org/carnet' }),
      'registry.postgres.ca is missing: what is sent to db.example.org leaves this machine and has to be encrypted',
    ],
    [
      config => Object.assign(config.registry, { postgres: { readReplicas: ['postgres://carnet@localhost/carnet'] } }),
      'registry.postgres.readReplicas are copies of a database on a server, and registry.database is a file',
    ],
    [
      config => Object.assign(config.repository, { database: 'postgres://carnet@db.example.org/documents' }),
      'repository.postgres.ca is missing: what is sent to db.example.org leaves this machine and has to be encrypted',
    ],
    [
      config => {
        const database = 'postgres://carnet@localhost/carnet'
        for (const section of [config.registry, config.repository]) Object.assign(section, { database })
      },
      'registry.database and repository.database are one; give each a database of its own on the server',
    ],
    [
      config => Object.assign(config.registry, { workers: 4 }),
      'registry.workers is 4, and registry.database is a file, which one process has to itself; put it on a PostgreSQL server, or leave "workers" out',
    ],
    [
      config => Object.assign(config.atnaAudit, { database: 'postgres://carnet@localhost/audit' }),
      'atnaAudit.database must be a file; only registry and repository keep theirs on a server',
    ],
    [
      config => Object.assign(config.repository, { documents: 's3://bucket' }),
      'repository.documents is s3://bucket, so repository.objectStorage must say where that bucket is',
    ],
    ...[{}, { keys: 'keys.json', module: 'keys.mjs' }].map((encryption): [(config: Json) => void, string] => [
      config => Object.assign(config.repository, { encryption }),
      'repository.encryption needs either keys or module: where the keys that encrypt documents come from',
    ]),
    [
      config => Object.assign(config.repository, { documentsFolder: 'spool' }),
      'repository.documentsFolder is for documents on S3; here repository.documents is the folder',
    ],
    [
      config => Object.assign(config.repository, { objectStorage: { ...aStorage, endpoint: 'http://s3.example' } }),
      'repository.objectStorage.endpoint must begin with https:// unless it is on this machine',
    ],
    [
      config => Object.assign(config.repository, { objectStorage: { ...aStorage, endpoint: 'https://s3.example/x' } }),
      'repository.objectStorage.endpoint must be https:// and a host, without a path',
    ],
    [
      config => Object.assign(config.repository, { objectStorage: { ...aStorage, kmsKey: 'k' } }),
      'repository.objectStorage.kmsKey is for the encryption "aws:kms" only',
    ],
  ]
  const badPlace =
    'repository.documents must be a folder, or s3:// with a bucket and perhaps a prefix of letters, digits, ".", "_" and "-"'
  for (const documents of [
    's3://',
    's3:bucket',
    's3://B',
    's3://bucket/',
    's3://bucket/../x',
    's3://bucket//x',
    's3://bucket/a b',
  ]) {
    cases.push([config => Object.assign(config.repository, { documents, objectStorage: aStorage }), badPlace])
  }
  for (const [change, fault] of cases) {
    it(`says: ${fault}`, async () => {
      expect(await faults(aConfig(change))).to.deep.equal([fault])
    })
  }

  it('names every fault at once', async () => {
    const broken = aConfig(config => {
      config.registry.health.port = -1
      config.repository.documents = ''
      delete config.atnaAudit.syslog
    })
    expect(await faults(broken)).to.deep.equal([
      'registry.health.port must be at least 0',
      'repository.documents must not be empty',
      'atnaAudit.syslog is missing',
    ])
  })

  it('says where a file is no JSON, and reads one with a byte order mark', async () => {
    expect((await faults('{ "mode": }'))[0]).to.match(/^it is not JSON: .*/)
    expect((await load(`\uFEFF${aConfig()}`)).mode).to.equal('development')
  })

  it('says that a file is missing, and how one is made', async () => {
    const problem = await loadConfig('/nowhere/carnet.json', { files: systemFiles }).catch((problem: Error) => problem)
    expect((problem as Error).message).to.match(
      /\/nowhere\/carnet.json cannot be used:\n {2}there is no such file; "carnet start" writes/,
    )
  })

  describe('flags', () => {
    it('move all ports by --port-base, and the addresses the services call one another by', async () => {
      const config = await load(aConfig(), { portBase: 9000 })
      expect(config.registry.listen.port).to.equal(9001)
      expect(config.repository.listen.port).to.equal(9002)
      expect(config.atnaAudit.listen.port).to.equal(9003)
      expect([config.registry.health.port, config.repository.health.port, config.atnaAudit.health.port]).to.deep.equal([
        9011, 9012, 9013,
      ])
      expect([config.atnaAudit.syslog.port, config.registry.audit.port, config.repository.audit.port]).to.deep.equal([
        9014, 9014, 9014,
      ])
      expect(config.repository.registry.url).to.equal('https://localhost:9001/registry')
    })

    it("leave another vendor's registry where it is", async () => {
      const url = 'https://registry.example.org:443/xds'
      const config = await load(
        aConfig(config => Object.assign(config.repository.registry, { url })),
        { portBase: 9000 },
      )
      expect(config.repository.registry.url).to.equal(url)
    })

    it('may accept unknown patients in development only', async () => {
      expect((await load(aConfig(), { acceptUnknownPatients: true })).registry.acceptUnknownPatients).to.equal(true)
      const production = aConfig(config => Object.assign(config, { mode: 'production' }))
      expect(await faults(production, { acceptUnknownPatients: true })).to.have.length(1)
    })

    it('choose the profile, whose default for resubmission follows; what the file says wins', async () => {
      expect((await load(aConfig())).registry.resubmission).to.equal('strict')
      const swiss = await load(aConfig(), { profile: 'ch-epr' })
      expect([swiss.profile, swiss.registry.resubmission, swiss.repository.resubmission]).to.deep.equal([
        'ch-epr',
        'replay',
        'replay',
      ])
      const strict = aConfig(config => Object.assign(config.registry, { resubmission: 'strict' }))
      expect((await load(strict, { profile: 'ch-epr' })).registry.resubmission).to.equal('strict')
    })

    it('choose how many versions are told of a uniqueId: all under ihe, the latest under ch-epr', async () => {
      expect((await load(aConfig())).registry.versionsByUniqueId).to.equal('all')
      expect((await load(aConfig(), { profile: 'ch-epr' })).registry.versionsByUniqueId).to.equal('latest')
    })

    it('may choose a folder, and say which file is not there', async () => {
      const [fault] = await faults(aConfig(), { profile: '/srv/carnet/fr' })
      expect(fault).to.match(/^\/srv\/carnet\/fr\/domain\.json: there is no such file; a profile is ihe or ch-epr, or /)
    })

    it('choose a profile that needs what the file does not say [CH-EPR homeCommunityId]', async () => {
      const homeless = aConfig(config => delete config.registry.homeCommunityId)
      expect(await faults(homeless)).to.deep.equal([])
      expect(await faults(homeless, { profile: 'ch-epr' })).to.deep.equal([
        'registry.homeCommunityId is missing; the affinity domain ch-epr cannot be served without it',
      ])
    })

    it('cure no fault of the file', async () => {
      expect(
        await faults(
          aConfig(config => delete config.registry.listen),
          { portBase: 9000 },
        ),
      ).to.deep.equal(['registry.listen is missing'])
    })
  })
})
