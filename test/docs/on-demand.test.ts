// docs/ON-DEMAND.md: its example is the file that it names, and does what it says.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { packageRoot } from '../../ports/processes.js'
import { aSource, textOf } from '../repository/on-demand/a-source.js'
import { aCode } from '../samples/submission.js'

const example = readFileSync(join(packageRoot, 'docs', 'on-demand', 'document-count.js'), 'utf8')

describe('docs/ON-DEMAND.md', () => {
  it('shows the example as it is', () => {
    const page = readFileSync(join(packageRoot, 'docs', 'ON-DEMAND.md'), 'utf8')
    expect(/```js\n(.*?)```/s.exec(page)?.[1]).to.equal(example)
  })

  it('has an example that works', async function () {
    this.timeout(60_000)
    const source = await aSource({ count: example })
    try {
      const { uniqueId = '' } = await source.announce('count', { typeCode: aCode('count', 'Count', '2.999') })
      expect(await textOf(await source.retrieve(uniqueId))).to.equal('0 documents\n')
      await source.submit()
      await source.submit()
      const response = await source.retrieve(uniqueId)
      expect(response.documents[0]?.mimeType).to.equal('text/plain')
      expect(await textOf(response)).to.equal('2 documents\n')
    } finally {
      await source.close()
    }
  })
})
