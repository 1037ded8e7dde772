import { expect } from 'chai'
import { failureOf } from '../../cli/in-words.js'

const problem = (code: string, more: object = {}) => Object.assign(new Error(`it said ${code}`), { code, ...more })

describe('what goes wrong in a command', () => {
  for (const [what, given, reason, words] of [
    [
      'a service that does not run',
      problem('ECONNREFUSED', { address: '127.0.0.1', port: 8441 }),
      'unreachable',
      /127\.0\.0\.1:8441 gave no answer: nothing listens there/,
    ],
    [
      'a certificate of another CA',
      problem('SELF_SIGNED_CERT_IN_CHAIN'),
      'unreachable',
      /A service gave no answer: .*our CA file/,
    ],
    ['a disk that fills while something is written', problem('ENOSPC'), 'usage', /the disk is full/],
    [
      'a file system that became read-only',
      problem('EROFS'),
      'usage',
      /^A file is on a file system that cannot be written/,
    ],
    ['a disk that fails', problem('EIO'), 'usage', /^A file could not be .*its disk reports an error/],
    ['a file that is not there', problem('ENOENT', { path: '/a' }), 'usage', /^\/a does not exist/],
    ['a file where a folder is needed', problem('EEXIST', { path: '/a' }), 'usage', /^\/a is there already/],
    ['what nobody foresaw', new Error('oops'), 'unforeseen', /oops/],
  ] as const) {
    it(`is told in words: ${what}`, () => {
      const failure = failureOf(given)
      expect(failure.reason).to.equal(reason)
      expect(failure.message).to.match(words)
    })
  }
})
