// --token FILE: the assertion of a user, sent with every request of a command.
import { resolve } from 'node:path'
import { type Caller, type CallOptions, type OpenCaller, openCaller } from '../server/caller.js'
import { namespaces } from '../soap/namespaces.js'
import { securityHeader } from '../xua/issue.js'
import type { Context } from './context.js'
import type { DeploymentOptions } from './deployment.js'
import { Failure } from './failure.js'

/** A caller that carries the assertion where one was given. */
export async function openUserCaller(
  open: OpenCaller,
  { token }: DeploymentOptions,
  context: Context,
): Promise<Caller> {
  const caller = openCaller(open)
  if (token === undefined) return caller
  const headers = [await readToken(token, context)]
  return {
    ...caller,
    call: (contract, request, options) => caller.call(contract, request, { ...options, headers } satisfies CallOptions),
    receive: (contract, request, options) => caller.receive(contract, request, { ...options, headers }),
  }
}

/** The one assertion in a file, whatever is around it: it may be an answer of Get X-User Assertion. */
export async function readToken(file: string, { ports, terminal }: Context): Promise<string> {
  const path = resolve(terminal.workingFolder, file)
  const text = await ports.files.readFile(path).then(String, problem => {
    throw new Failure('usage', `the token ${path} cannot be read (${(problem as NodeJS.ErrnoException).code}).`)
  })
  const [assertion, ...others] = text.match(/<(\w+:)?Assertion[\s>][\s\S]*<\/\1?Assertion>/g) ?? []
  if (assertion === undefined || others.length > 0) {
    throw new Failure(
      'usage',
      `${path} holds no saml2:Assertion; "carnet token" makes one for a development deployment.`,
    )
  }
  // What stood around an assertion may have declared these.
  return securityHeader(assertion).replace('>', ` xmlns:xsi="${namespaces.xsi}">`)
}
