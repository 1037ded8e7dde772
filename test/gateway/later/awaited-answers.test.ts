// Answers that are waited for, and what is known of those that are not any more.
import { expect } from 'chai'
import { openAwaitedAnswers } from '../../../gateway/later/awaited-answers.js'
import type { HttpAnswer } from '../../../ports/network.js'
import { bern } from '../a-gateway.js'

const question = { community: { name: 'bern', homeCommunityId: bern }, traceparent: '00-1-2-01' }
const answer = { status: 200, headers: {} } as HttpAnswer

function anAwaiting() {
  let count = 0
  const uuid = () => {
    count += 1
    return String(count)
  }
  const answers = openAwaitedAnswers('https://us/gateway/answers', { uuid })
  return { answers, expected: () => answers.expect(question) }
}

describe('an answer that is waited for', () => {
  it('has an address of its own, where it is taken once [ITI TF-2: Appendix V.3]', async () => {
    const { answers, expected } = anAwaiting()
    const [one, other] = [expected(), expected()]
    expect([one.replyTo, other.replyTo]).to.deep.equal(['https://us/gateway/answers/1', 'https://us/gateway/answers/2'])
    expect(answers.at('1')?.over).to.equal(undefined)
    const outcome = answers.at('1')?.arrived(answer)
    expect(answers.at('1')?.over).to.equal('its answer is coming already')
    one.taken()
    await outcome
    expect([answers.at('1')?.over, answers.at('2')?.over, answers.size]).to.deep.equal([
      'it has been answered',
      undefined,
      1,
    ])
    expect(answers.at('3')).to.equal(undefined)
  })

  it('is told why it was not taken', async () => {
    const { answers, expected } = anAwaiting()
    const one = expected()
    const outcome = answers.at('1')?.arrived(answer)
    one.refused(new Error('it is none'))
    expect(await outcome?.catch((problem: Error) => problem.message)).to.equal('it is none')
    one.taken()
    expect(answers.at('1')?.over).to.equal('it is none')
  })

  it('is one of so many at the most, and of those that are over the last are remembered', () => {
    const { answers, expected } = anAwaiting()
    const all = Array.from({ length: 4_096 }, expected)
    expect(expected).to.throw('4096 answers are waited for already')
    for (const each of all) each.taken()
    expect([answers.size, answers.at('2048'), answers.at('2049')?.over]).to.deep.equal([
      0,
      undefined,
      'it has been answered',
    ])
  })
})
