// Records taken away, where a search finds more than one file takes: the file says so itself.
import { expect } from 'chai'
import { csvOf, jsonOf, mostExported } from '../../../atna-audit/pages/export.js'
import { textsOf } from '../../../atna-audit/pages/texts/texts.js'
import type { Told } from '../../../atna-audit/pages/told.js'

describe('what is taken away of a search', () => {
  const texts = textsOf('en')
  // No record is looked up where none is found.
  const visit = { texts, language: 'en' as const, house: undefined as never }
  const words = `These are not all: only the newest ${mostExported} records of this search.`

  // biome-ignore lint/correctness/useYield: nothing was found, and more may be there
  async function* found(next?: string): AsyncGenerator<Told, { next: string | undefined }> {
    return { next }
  }

  async function written(pieces: AsyncIterable<string>): Promise<string> {
    let text = ''
    for await (const piece of pieces) text += piece
    return text
  }

  it('says in its last line that it is not all', async () => {
    const [head, last, ...rest] = (await written(csvOf(visit, found('1.1')))).trimEnd().split('\r\n')
    expect(last).to.contain(words)
    expect(last?.split('","')).to.have.length(head?.split('","').length ?? 0)
    expect(rest).to.deep.equal([])
    const [only] = JSON.parse(await written(jsonOf(visit, found('1.1'))))
    expect(only.sentence).to.contain(words)
  })

  it('says nothing where it is all', async () => {
    expect(await written(csvOf(visit, found()))).not.to.contain('not all')
    expect(JSON.parse(await written(jsonOf(visit, found())))).to.deep.equal([])
  })
})
