// Partners, as carnet.json and the partners file name them.
import { z } from 'zod'
import { peerRoles } from './peer-roles.js'
import { addressAbove, fingerprint } from './values.js'

export const peer = z.strictObject({
  /** Stable name; resubmissions are recognised by it. */
  name: z.string().min(1),
  /** The certificate is this peer's when its common name or its fingerprint is listed here. */
  commonNames: z.array(z.string().min(1)).default([]),
  fingerprints: z.array(fingerprint).default([]),
  roles: z.array(z.enum(peerRoles)).min(1),
  /** Answers in this form whatever the form of the request. */
  answerForm: z.enum(['MTOM', 'plain']).optional(),
  /** Where this peer may have answers sent by wsa:ReplyTo and wsa:FaultTo: URLs that hold with all paths below them. */
  replyTo: z.array(addressAbove).default([]),
})

/** What stands in the partners file. */
export const partnersFile = z.array(peer)

export type PeerConfig = z.infer<typeof peer>
