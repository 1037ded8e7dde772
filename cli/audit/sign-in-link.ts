// `carnet audit sign-in`: a link that signs in to the auditor's pages once, in development.
import { openAdministration } from '../administration.js'
import type { Context } from '../context.js'
import { type DeploymentOptions, openDeployment } from '../deployment.js'

export interface SignInOptions extends DeploymentOptions {
  role?: string
}

export async function printSignInLink(options: SignInOptions, context: Context): Promise<void> {
  context.terminal.print(await signInLink(options, context))
}

export async function signInLink({ role, ...options }: SignInOptions, context: Context): Promise<string> {
  const deployment = await openDeployment(options, context)
  const administration = await openAdministration(deployment, options, context)
  try {
    const { url } = await administration.resource<{ url: string }>(
      'audit',
      'sign-in-links',
      role === undefined ? {} : { role },
    )
    return url
  } finally {
    administration.close()
  }
}
