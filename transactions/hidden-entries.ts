// What a Document Administrator adds to a stored query so as to be told what the affinity domain hides from others: a word of
// Carnet's own, in no profile. A registry that does not know it passes it over. [ITI TF-2:3.18.4.1.2.3]
import type { PeerRole } from '../config/peer-roles.js'
import type { Slot } from '../metadata/model.js'

export const hiddenParameter = '$CarnetHidden'

export const showingHidden: Slot = { name: hiddenParameter, values: ["'shown'"] }

/** Those who remove have to find. docs/decisions/0200. */
export const rolesThatSeeHidden: readonly PeerRole[] = ['document-administrator', 'admin']
