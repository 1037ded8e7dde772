import { expect } from 'chai'
import { credentialsIn } from '../../s3/credentials.js'
import { S3Problem } from '../../s3/problem.js'

describe('the credentials of an object storage', () => {
  let text = ''
  let reads = 0
  const file = credentialsIn('s3.json', {
    async readFile() {
      reads += 1
      if (text === '') throw Object.assign(new Error('none'), { code: 'ENOENT' })
      return Buffer.from(text)
    },
  })

  it('are read once, and again when they were refused', async () => {
    text = '{"accessKeyId": "a", "secretAccessKey": "b"}'
    expect(await file.current()).to.deep.equal({ accessKeyId: 'a', secretAccessKey: 'b' })
    text = '{"accessKeyId": "c", "secretAccessKey": "d", "sessionToken": "e"}'
    expect(await file.current()).to.deep.equal({ accessKeyId: 'a', secretAccessKey: 'b' })
    expect(reads).to.equal(1)
    file.forget()
    expect(await file.current()).to.deep.equal({ accessKeyId: 'c', secretAccessKey: 'd', sessionToken: 'e' })
  })

  const wrong: [text: string, words: RegExp][] = [
    ['', /s3.json cannot be read \(ENOENT\)$/],
    ['{', /s3.json is not JSON$/],
    ['null', /needs accessKeyId and secretAccessKey$/],
    ['{"accessKeyId": "a", "secretAccessKey": 7}', /needs accessKeyId and secretAccessKey$/],
    [String.raw`{"accessKeyId": "a\r\nx: y", "secretAccessKey": "b"}`, /needs accessKeyId and secretAccessKey$/],
    ['{"accessKeyId": "a", "secretAccessKey": "b", "sessionToken": ""}', /sessionToken that is no text$/],
  ]
  for (const [contents, words] of wrong) {
    it(`say what is wrong with ${contents || 'a file that is not there'}, and are right once it is put right`, async () => {
      file.forget()
      text = contents
      const problem = await file.current().catch((thrown: unknown) => thrown)
      expect(problem).to.be.instanceOf(S3Problem)
      expect((problem as S3Problem).message).to.match(words)
      text = '{"accessKeyId": "a", "secretAccessKey": "b"}'
      expect(await file.current()).to.have.property('accessKeyId', 'a')
    })
  }
})
