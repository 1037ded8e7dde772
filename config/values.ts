// Forms of single settings.
import { z } from 'zod'
import { longestTimerMs } from '../ports/clock.js'

export const port = z.int().min(0).max(65535)
export const oid = z.string().regex(/^(?=.{3,64}$)[0-2](?:\.(?:0|[1-9][0-9]*))+$/, 'must be an OID such as 2.25.1')
export const homeCommunityId = z
  .string()
  .regex(/^urn:oid:(?=.{3,64}$)[0-2](?:\.(?:0|[1-9][0-9]*))+$/, 'must be urn:oid: and an OID')
/** At least 1. */
export const bytes = z.int().min(1)
export const milliseconds = z.int().min(1).max(longestTimerMs)
/** Paths are read relative to the folder of the config file. */
export const path = z.string().min(1)

export const httpsUrl = z
  .string()
  .regex(/^https:\/\/[^\s/?#@\\]+(?:\/[^\s#\\]*)?$/, 'must be https://, a host and perhaps a path')
  .refine(url => URL.canParse(url), 'must have a host, and a port up to 65535')

/** As it stands in a URL: IPv6 in brackets, no port. */
export const hostName = z
  .string()
  .refine(
    host => /^(?:\[[^\s\]]+\]|[^\s/:?#@\\[\]]+)$/.test(host) && URL.canParse(`https://${host}`),
    'must be a host as it stands in a URL, without a port',
  )

/** Holds with all paths below it. */
export const addressAbove = z
  .string()
  .regex(/^https:\/\/[^\s/?#@\\]+(?:\/[^\s?#\\]*)?$/, 'must be https://, a host and perhaps a path')

/** Printed on terminals, and part of metrics and pages. */
export const name = z
  .string()
  .min(1)
  .max(100)
  .regex(/^\P{Cc}*$/u, 'must have no control characters')

/** One certificate. */
export const pem = z
  .string()
  .max(65_536)
  .regex(
    /^\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*$/,
    'must be one certificate in PEM',
  )

export const fingerprint = z
  .string()
  .regex(/^[0-9A-F]{2}(:[0-9A-F]{2}){31}$/, 'must be a SHA-256 fingerprint, upper case hex with colons')
