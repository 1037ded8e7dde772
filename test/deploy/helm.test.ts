// The Helm chart: what it names is said in its values, and where helm is installed, what it renders.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { load, loadAll } from 'js-yaml'
import type { CarnetConfig } from '../../config/carnet-config.js'
import { loadConfig } from '../../config/load.js'
import { systemPorts } from '../../ports/ports.js'
import { packageRoot } from '../../ports/processes.js'
import { judgedBy } from './judges.js'
import { kubernetesSchemas } from './kubernetes-schemas.js'

interface Rendered {
  kind: string
  metadata: { name: string; labels: Record<string, string> }
  data: Record<string, string>
  spec: {
    replicas: number
    jobLabel?: string
    selector: Record<string, string>
    template: { metadata: { labels: Record<string, string> }; spec: PodSpec }
    ports: { name: string; targetPort: string }[]
  }
}

interface PodSpec {
  securityContext: { runAsNonRoot: boolean; runAsUser: number }
  containers: {
    args: string[]
    securityContext: { readOnlyRootFilesystem: boolean }
    ports: { name: string }[]
    volumeMounts: { name: string; mountPath: string }[]
    lifecycle: { preStop: { exec: { command: string[] } } }
    livenessProbe: { httpGet: { path: string } }
    readinessProbe: { httpGet: { path: string } }
  }[]
  volumes: { name: string }[]
}

const chart = join(packageRoot, 'deploy', 'helm', 'carnet')
const values = load(readFileSync(join(chart, 'values.yaml'), 'utf8')) as Record<string, unknown>
// A helm that was built by hand knows of no version.
const kubernetes = '1.30.0'
const services = ['registry', 'repository', 'atna-audit', 'patient-index', 'gateway'] as const

describe('the Helm chart', function () {
  this.timeout(60_000)

  it('has the version of the package', () => {
    const { appVersion } = load(readFileSync(join(chart, 'Chart.yaml'), 'utf8')) as { appVersion: string }
    expect(appVersion).to.equal(JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')).version)
  })

  it('names no value that values.yaml does not have', () => {
    const lost = templates().flatMap(({ name, text }) =>
      [...text.matchAll(/\.Values((?:\.[A-Za-z]+)+)/g)]
        .map(([, path = '']) => path.slice(1))
        .filter(path => valueAt(path) === undefined)
        .map(path => `${name}: ${path}`),
    )
    expect(lost).to.deep.equal([])
  })

  it('says of every service what its templates ask of any', () => {
    const asked = new Set(
      templates().flatMap(({ text }) => [...text.matchAll(/\$service\.([A-Za-z]+)/g)].map(([, name = '']) => name)),
    )
    const optional = ['mllpPort', 'syslogPort', 'pagesPort']
    for (const service of Object.values(values.services as Record<string, object>)) {
      expect(Object.keys(service)).to.include.members([...asked].filter(name => !optional.includes(name)))
    }
  })

  describe('as helm renders it', () => {
    let rendered: Rendered[]
    before(function () {
      const version = tried('version')
      if (version === undefined) {
        this.test!.parent!.title += ' (skipped: helm is not installed)'
        this.skip()
      }
      tried('lint', '--strict', '--kube-version', kubernetes, chart)
      rendered = renderedWith('serviceMonitor.enabled=true')
    })

    it('has everything for each service', () => {
      const names = (kind: string) => rendered.filter(each => each.kind === kind).map(({ metadata }) => metadata.name)
      const all = services.map(name => `trial-${name}`)
      for (const kind of ['StatefulSet', 'PodDisruptionBudget', 'NetworkPolicy'])
        expect(names(kind), kind).to.have.members(all)
      expect(names('Service')).to.have.members([...all, ...all.map(name => `${name}-each`)])
      expect(names('ServiceMonitor')).to.deep.equal(['trial-carnet'])
    })

    it('has Prometheus call the job as alarms do', () => {
      const watched = rendered.filter(({ kind, metadata }) => kind === 'Service' && metadata.name.endsWith('-each'))
      for (const { metadata } of watched) expect(metadata.labels).to.include({ 'app.kubernetes.io/name': 'carnet' })
      const { spec } = rendered.find(({ kind }) => kind === 'ServiceMonitor')!
      expect(spec.jobLabel).to.equal('app.kubernetes.io/name')
      expect(readFileSync(join(packageRoot, 'deploy', 'prometheus', 'alerts.yaml'), 'utf8')).to.contain('job="carnet"')
    })

    it('runs no service as root, nor with a file system to write to, and asks it how it is', () => {
      for (const { spec } of rendered.filter(({ kind }) => kind === 'StatefulSet')) {
        const { securityContext, containers, volumes } = spec.template.spec
        expect(securityContext).to.include({ runAsNonRoot: true, runAsUser: 1000 })
        const [container] = containers
        expect(container?.securityContext.readOnlyRootFilesystem).to.equal(true)
        expect(container?.livenessProbe.httpGet.path).to.equal('/livez')
        expect(container?.readinessProbe.httpGet.path).to.equal('/readyz')
        const mounted = container!.volumeMounts.map(({ name }) => name)
        expect([...volumes.map(({ name }) => name), 'data']).to.have.members(mounted)
      }
    })

    it('leads every Service to pods and ports that there are', () => {
      const sets = rendered.filter(({ kind }) => kind === 'StatefulSet')
      for (const { spec } of rendered.filter(({ kind }) => kind === 'Service')) {
        const [set] = sets.filter(each =>
          Object.entries(spec.selector).every(([name, value]) => each.spec.template.metadata.labels[name] === value),
        )
        const ports = set?.spec.template.spec.containers[0]?.ports.map(({ name }) => name)
        expect(ports).to.include.members(spec.ports.map(({ targetPort }) => targetPort))
      }
    })

    it('makes a carnet.json that holds, with data and certificates where they are mounted', async () => {
      const config = await configIn(rendered)
      const sections = {
        ...{ registry: config.registry, repository: config.repository, 'atna-audit': config.atnaAudit },
        ...{ 'patient-index': config.patientIndex!, gateway: config.gateway! },
      }
      for (const name of services) {
        const { containers } = rendered.find(
          ({ kind, metadata }) => kind === 'StatefulSet' && metadata.name === `trial-${name}`,
        )!.spec.template.spec
        const mounts = containers[0]!.volumeMounts.map(({ mountPath }) => mountPath)
        const { database, tls } = sections[name]
        for (const file of [database, tls.key, tls.cert, tls.ca])
          expect(
            mounts.some(mount => file.startsWith(`${mount}/`)),
            file,
          ).to.equal(true)
        expect(containers[0]!.args).to.deep.equal([name, '--config', '/etc/carnet/config/carnet.json'])
      }
      expect(config.repository.registry.url).to.equal('https://trial-registry:8441/registry')
      expect(config.registry.audit.host).to.equal('trial-atna-audit')
      const { gateway, patientIndex, repository } = config
      expect(patientIndex?.registries.map(({ url }) => url)).to.deep.equal([repository.registry.url])
      expect(gateway?.patientIndex?.url).to.equal('https://trial-patient-index:8445/patient-index')
      expect(gateway?.repositories.map(({ repositoryUniqueId }) => repositoryUniqueId)).to.deep.equal([
        repository.repositoryUniqueId,
      ])
      expect(config.atnaAudit.pages?.readers.map(({ name }) => name)).to.deep.equal(['auditor'])
    })

    it('leaves out what is not there, and its section with it', async () => {
      const without = ['patient-index', 'gateway'].map(name => `services.${name}.enabled=false`)
      const less = renderedWith(...without, 'services.atna-audit.pagesPort=0')
      const config = await configIn(less)
      expect([config.patientIndex, config.gateway, config.atnaAudit.pages]).to.deep.equal([
        undefined,
        undefined,
        undefined,
      ])
      expect(less.filter(({ kind }) => kind === 'StatefulSet')).to.have.length(3)
    })

    it('runs several of what shares a database on a server, with workers where they are asked for, and of nothing else', async () => {
      const onServer = ['registry', 'repository'].map(
        name => `config.${name}.database=postgres://carnet@db.hospital.example:5432/${name}`,
      )
      const shared = [...onServer, 'config.repository.documents=s3://carnet/documents', 'config.workers=2']
      const storage = { endpoint: 'https://s3.hospital.example', credentials: '/etc/carnet/secrets/s3/s3.json' }
      const settings = Object.entries(storage).map(
        ([name, value]) => `config.repository.objectStorage.${name}=${value}`,
      )
      const ca = ['registry', 'repository'].map(name => `config.${name}.postgres.ca=/etc/carnet/secrets/db/ca.pem`)
      const twice = (name: string) => `services.${name}.replicas=2`
      const all = [...shared, ...settings, ...ca]
      const several = renderedWith(...all, twice('registry'), twice('repository'))
      expect((await configIn(several)).workers).to.equal(2)
      expect(setOf(several, 'registry').spec.replicas).to.equal(2)
      expect(() => renderedWith(twice('registry'))).to.throw('a file, which one process has to itself')
      expect(() => renderedWith(...onServer, twice('repository'))).to.throw('name a bucket')
      for (const name of ['atna-audit', 'patient-index', 'gateway'])
        expect(() => renderedWith(...all, twice(name))).to.throw('there is one process of it')
    })

    it('is what Kubernetes knows, field by field', function () {
      const api = process.env.CARNET_KUBERNETES_API
      if (api === undefined) {
        this.test!.title += ' (skipped: CARNET_KUBERNETES_API names no swagger.json of Kubernetes)'
        this.skip()
      }
      const folder = mkdtempSync(join(tmpdir(), 'carnet-chart-'))
      try {
        for (const { name, schema } of kubernetesSchemas(readFileSync(api, 'utf8')))
          writeFileSync(join(folder, name), JSON.stringify(schema))
        const judged = (text: string) => {
          writeFileSync(join(folder, 'chart.yaml'), text)
          // What the Prometheus Operator adds to Kubernetes is not in there.
          const schemas = join(folder, '{{ .ResourceKind }}{{ .KindSuffix }}.json')
          const flags = ['-summary', '-skip', 'ServiceMonitor', '-schema-location', schemas]
          judgedBy('kubeconform', [...flags, join(folder, 'chart.yaml')], this)
        }
        const text = renderedText('serviceMonitor.enabled=true')
        judged(text)
        expect(() => judged(text.replaceAll('containerPort:', 'containerPrt:'))).to.throw('containerPrt')
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    })

    it('lets a pod be forgotten by its Service before it ends', () => {
      for (const name of services)
        expect(setOf(rendered, name).spec.template.spec.containers[0]?.lifecycle.preStop.exec.command).to.deep.equal([
          'sleep',
          '5',
        ])
    })
  })
})

const setOf = (rendered: readonly Rendered[], name: string) =>
  rendered.find(({ kind, metadata }) => kind === 'StatefulSet' && metadata.name === `trial-${name}`)!

function renderedWith(...set: string[]): Rendered[] {
  return loadAll(renderedText(...set)).filter(Boolean) as Rendered[]
}

function renderedText(...set: string[]): string {
  const settings = set.flatMap(each => ['--set', each])
  return String(tried('template', 'trial', chart, '--kube-version', kubernetes, ...settings))
}

async function configIn(rendered: readonly Rendered[]): Promise<CarnetConfig> {
  const { data } = rendered.find(({ kind }) => kind === 'ConfigMap')!
  const folder = mkdtempSync(join(tmpdir(), 'carnet-chart-'))
  try {
    writeFileSync(join(folder, 'carnet.json'), data['carnet.json']!)
    return await loadConfig(join(folder, 'carnet.json'), systemPorts)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function templates(): { name: string; text: string }[] {
  return readdirSync(join(chart, 'templates')).map(name => ({
    name,
    text: readFileSync(join(chart, 'templates', name), 'utf8'),
  }))
}

function valueAt(path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], values)
}

/** What helm prints, or undefined where there is no helm. @throws what helm has to complain of */
function tried(...args: string[]): string | undefined {
  try {
    return String(execFileSync('helm', args, { stdio: ['ignore', 'pipe', 'pipe'] }))
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new Error(String((problem as { stderr?: Buffer }).stderr ?? problem))
  }
}
