// Who may have others asked, or sent documents: a consumer or a source of our own, never another community, whose request would otherwise go round.
// ITI TF-1 §18, §40.
import type { Partner } from '../server/actor.js'

export function isOwnConsumer({ roles }: Pick<Partner, 'roles'>): boolean {
  return roles.has('consumer') && !roles.has('gateway')
}

export function isOwnSource({ roles }: Pick<Partner, 'roles'>): boolean {
  return roles.has('source') && !roles.has('gateway')
}
