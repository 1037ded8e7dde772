// Who may have others asked: a consumer of our own, never another community, whose question would otherwise go round. ITI TF-1 §18.
import type { Partner } from '../server/actor.js'

export function isOwnConsumer({ roles }: Pick<Partner, 'roles'>): boolean {
  return roles.has('consumer') && !roles.has('gateway')
}
