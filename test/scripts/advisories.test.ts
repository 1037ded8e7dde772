// The difference between known vulnerabilities and nobody to ask.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect } from 'chai'
import { packageRoot } from '../../ports/processes.js'

const cases: [what: string, answer: string, status: number, says: RegExp][] = [
  ['no advisories', '{"vulnerabilities":{},"metadata":{"vulnerabilities":{"total":0}}}', 0, /^$/],
  [
    'an advisory',
    '{"vulnerabilities":{"left-pad":{"name":"left-pad","severity":"high","via":[{"title":"Pads right","url":"https://example.org/1"}]}},"metadata":{"vulnerabilities":{"total":1}}}',
    1,
    /high: left-pad\n {2}Pads right https:\/\/example.org\/1/,
  ],
  [
    'a registry without an audit service',
    '{"message":"405 Method Not Allowed","statusCode":405}',
    2,
    /405 Method Not Allowed/,
  ],
  [
    'a machine without a network',
    '{"message":"request failed, reason: getaddrinfo ENOTFOUND registry.example"}',
    2,
    /ENOTFOUND/,
  ],
  [
    'no lock file',
    '{"error":{"code":"ENOLOCK","summary":"This command requires an existing lockfile."}}',
    1,
    /lockfile/,
  ],
  ['no answer', '', 1, /npm audit said:$/],
]

describe('scripts/advisories.js', () => {
  for (const [what, answer, expected, says] of cases) {
    it(`ends with ${expected} for ${what}`, () => {
      const script = join(packageRoot, 'scripts', 'advisories.js')
      const { status, stdout } = spawnSync(process.execPath, [script], { input: answer, encoding: 'utf8' })
      expect(stdout.trimEnd()).to.match(says)
      expect(status).to.equal(expected)
    })
  }
})
