// What a partner may be to us: said in `peers` of carnet.json, asked for by transactions.

/** Each role is the leave to send certain transactions. */
export const peerRoles = [
  'source',
  'consumer',
  'repository',
  'registry',
  'feed',
  'admin',
  'auditor',
  'multi-patient',
  'document-administrator',
  'patient-administrator',
  'gateway',
] as const

export type PeerRole = (typeof peerRoles)[number]
