import { expect } from 'chai'
import { places } from '../../s3/places.js'

describe('places', () => {
  it('are as many as there are, and given in the order in which they are asked for', async () => {
    const two = places(2)
    const came: string[] = []
    const enter = async (name: string) => {
      const leave = await two.enter()
      came.push(name)
      return leave
    }
    const [a, , c, d] = [enter('a'), enter('b'), enter('c'), enter('d')]
    await new Promise(setImmediate)
    expect(came).to.deep.equal(['a', 'b'])
    ;(await a)()
    ;(await c)()
    await d
    expect(came).to.deep.equal(['a', 'b', 'c', 'd'])
  })
})
