import { readdirSync } from 'node:fs'
import { expect } from 'chai'
import { openWaitingRoom } from '../../../gateway/queries/waiting-room.js'
import { systemPorts } from '../../../ports/ports.js'
import { openSpool } from '../../../soap/spool.js'
import { folder } from '../../soap/wire.js'

const place = folder()
after(() => place.remove())

describe('the waiting room of a gateway', () => {
  const spool = (inMemoryBytes: number) => openSpool({ ...systemPorts, folder: place.path, inMemoryBytes })
  const onDisk = () => readdirSync(place.path).length

  it('has room in memory for so many at a time, and the disk for the others', async () => {
    const room = openWaitingRoom(spool(1_000), spool(0), 2)
    const receive = async () => {
      const writer = room.receive()
      await writer.write(Buffer.from('an answer'))
      return writer
    }
    const first = await (await receive()).end()
    const second = await receive()
    expect(onDisk()).to.equal(0)
    const third = await (await receive()).end()
    expect([first.bytes?.toString(), third.bytes, onDisk()]).to.deep.equal(['an answer', undefined, 1])
    await first.discard()
    await first.discard()
    await second.abort()
    const inside = [await (await receive()).end(), await (await receive()).end()]
    expect(onDisk()).to.equal(1)
    for (const content of [...inside, third]) await content.discard()
    expect(onDisk()).to.equal(0)
  })
})
