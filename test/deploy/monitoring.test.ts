// Dashboard, alarms and runbook against a running deployment: what they name is served, and what is served can be seen.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { load } from 'js-yaml'
import { runService } from '../../cli/services/run-service.js'
import { defaultPortBase, portsAbove } from '../../config/defaults.js'
import { loadConfig } from '../../config/load.js'
import { systemPorts } from '../../ports/ports.js'
import { packageRoot } from '../../ports/processes.js'
import type { RunningService } from '../../server/service.js'
import { aSource } from '../cli/a-source.js'
import { aDeployment, type RunningDeployment } from '../peers/a-deployment.js'

interface Rule {
  alert: string
  expr: string
  labels: { severity: string }
  annotations: { summary: string; runbook: string }
}

const folder = join(packageRoot, 'deploy')
const dashboard = JSON.parse(readFileSync(join(folder, 'grafana', 'carnet.json'), 'utf8')) as {
  panels: { title: string; targets: { expr: string }[] }[]
}
const alertsFile = join(folder, 'prometheus', 'alerts.yaml')
const { groups } = load(readFileSync(alertsFile, 'utf8')) as { groups: { rules: Rule[] }[] }
const rules = groups.flatMap(group => group.rules)
const runbook = readFileSync(join(packageRoot, 'docs', 'RUNBOOK.md'), 'utf8')

const shown = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))
const alarming = rules.map(({ expr }) => expr)

describe('what is watched', function () {
  this.timeout(120_000)

  let running: RunningDeployment
  let gateway: RunningService
  let metrics: Record<'registry' | 'repository' | 'audit' | 'patientIndex' | 'gateway', string>
  let served: Set<string>

  before(async () => {
    running = await aDeployment()
    const source = aSource(running)
    await source.submit()
    await source.send(Buffer.alloc(0), 'not a patient id')
    source.close()
    const [registry = '', repository = '', audit = ''] = await Promise.all(
      Object.values(running.healthPorts).map(metricsAt),
    )
    const portBase = Number(new URL(running.urls.registry).port) - 1
    const config = await loadConfig(join(running.folder, 'carnet.json'), systemPorts, { portBase })
    gateway = await runService('gateway', config, systemPorts)
    const ports = portsAbove(portBase)
    metrics = {
      ...{ registry, repository, audit },
      patientIndex: await metricsAt(ports.patientIndexHealth),
      gateway: await metricsAt(ports.gatewayHealth),
    }
    served = new Set(seriesIn(Object.values(metrics).join('')))
  })
  after(async () => {
    await gateway?.close(1_000)
    await running?.close()
  })

  it('is served: every series that the dashboard shows', () => {
    expect(shown.length).to.be.above(20)
    expect(shown.flatMap(seriesOf).filter(name => !served.has(name))).to.deep.equal([])
  })

  it('is served: every series that an alarm goes by', () => {
    expect(alarming.flatMap(seriesOf).filter(name => !served.has(name))).to.deep.equal([])
  })

  it('has by name and label what the expressions ask for', () => {
    const labels = new Set(
      [
        ...Object.values(metrics)
          .join('')
          .matchAll(/[{,]([a-z_]+)="/g),
      ].map(([, name = '']) => name),
    )
    // Prometheus adds two of these; the gateway knows no community here: test/gateway/communities/metrics.test.ts looks at its label.
    for (const name of ['job', 'instance', 'community']) labels.add(name)
    const asked = [...shown, ...alarming].flatMap(expr => [
      ...[...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/)),
      ...[...expr.matchAll(/[{,]\s*([a-z_]+)\s*(?:=~?|!~?)/g)].map(([, name = '']) => name),
    ])
    expect([...new Set(asked)].filter(name => !labels.has(name))).to.deep.equal([])
  })

  it('leaves out no series of our own', () => {
    const own = [...served].filter(name => /^(?:xds|xca|audit|tls|hl7|patient)_/.test(name)).map(withoutSuffix)
    const seen = new Set([...shown, ...alarming].flatMap(seriesOf).map(withoutSuffix))
    expect([...new Set(own)].filter(name => !seen.has(name))).to.deep.equal([])
  })

  it('tells all services alike what all of them have', () => {
    const alike = ['xds_check_ok', 'xds_requests_in_flight', 'xds_disk_free_bytes', 'tls_certificate_expiry_days']
    for (const text of Object.values(metrics)) expect(seriesIn(text)).to.include.members(alike)
  })

  it('counts exchanges by outcome, codes of IHE in answers, and each check of /readyz', () => {
    const { repository, registry } = metrics
    expect(repository).to.match(/^xds_exchange_seconds_count\{.*transaction="ITI-41",outcome="Success".*\} 1$/m)
    expect(repository).to.match(/^xds_exchange_seconds_count\{.*transaction="ITI-41",outcome="Failure".*\} 1$/m)
    expect(repository).to.match(/^xds_errors_total\{.*transaction="ITI-41",code="XDS\w+".*\} 1$/m)
    for (const check of ['database', 'audit queue', 'disk', 'certificate expiry'])
      expect(registry).to.match(new RegExp(`^xds_check_ok\\{.*check="${check}".*\\} 1$`, 'm'))
  })

  it('tells of changed certificates that cannot be used, though they fail nothing', async () => {
    writeFileSync(join(running.folder, 'certs', 'registry.pem'), 'not a certificate')
    const warns = /^xds_check_warns\{.*check="changed certificates".*\} 1$/m
    let text = ''
    for (let tries = 0; tries < 300 && !warns.test(text); tries += 1) {
      await systemPorts.clock.sleep(100)
      text = await metricsAt(running.healthPorts.registry)
    }
    expect(text).to.match(warns)
    expect(text).not.to.match(/^xds_check_ok\{.*\} 0$/m)
  })

  it('gives help with every series', () => {
    for (const text of Object.values(metrics)) expect([...text.matchAll(/^# HELP \S+ *$/gm)]).to.deep.equal([])
  })
})

describe('the alarms', () => {
  it('each have a page in the runbook, and no page is without an alarm', () => {
    const [pages = ''] = runbook.split('## First day')
    const headings = [...pages.matchAll(/^### (\w+)$/gm)].map(([, name = '']) => name)
    expect(headings).to.have.members(rules.map(({ alert }) => alert))
    for (const { alert, annotations } of rules)
      expect(annotations.runbook).to.equal(`docs/RUNBOOK.md#${alert.toLowerCase()}`)
  })

  it('wake somebody or do not, as their place in the runbook says', () => {
    const [night = ''] = runbook.split('## Tickets of the day')
    const waking = rules.filter(({ labels }) => labels.severity === 'page').map(({ alert }) => alert)
    expect([...night.matchAll(/^### (\w+)$/gm)].map(([, name]) => name)).to.have.members(waking)
  })

  it('find no fault with promtool', function () {
    try {
      execFileSync('promtool', ['check', 'rules', alertsFile], { stdio: 'pipe' })
    } catch (problem) {
      if ((problem as NodeJS.ErrnoException).code !== 'ENOENT') throw problem
      this.test!.title += ' (skipped: promtool is not installed)'
      this.skip()
    }
  })

  it('come with targets that are where a first start puts the health doors', () => {
    const { registryHealth, repositoryHealth, atnaAuditHealth, gatewayHealth, patientIndexHealth } =
      portsAbove(defaultPortBase)
    const { scrape_configs } = load(readFileSync(join(folder, 'prometheus', 'prometheus.yaml'), 'utf8')) as {
      scrape_configs: { static_configs: { targets: string[] }[] }[]
    }
    const targets = scrape_configs[0]?.static_configs[0]?.targets
    expect(targets).to.have.members(
      [registryHealth, repositoryHealth, atnaAuditHealth, gatewayHealth, patientIndexHealth].map(
        port => `127.0.0.1:${port}`,
      ),
    )
  })
})

async function metricsAt(port: number): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
}

/** Names of series in an expression; `up` is Prometheus's own. */
function seriesOf(expression: string): string[] {
  return (
    expression.replace(/"[^"]*"/g, '""').match(/\b(?:xds|xca|audit|tls|hl7|patient|nodejs|process)_[a-z0-9_]+/g) ?? []
  )
}

/** What a text of metrics serves, by its declarations: a series without a sample yet is served all the same. */
function seriesIn(text: string): string[] {
  return [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type]) =>
    type === 'histogram' ? ['_bucket', '_sum', '_count'].map(suffix => `${name}${suffix}`) : [name],
  )
}

function withoutSuffix(name: string): string {
  return name.replace(/_(?:bucket|sum|count)$/, '')
}
