// The few forms of ASN.1 that node-forge has no names for. X.690.
import forge from 'node-forge'

export type Asn1 = forge.asn1.Asn1

const { Class, Type } = forge.asn1

export function sequence(...values: Asn1[]): Asn1 {
  return forge.asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, values)
}

/** Of an OID in dots, without `urn:oid:`; throws where it is none. */
export function oid(dotted: string): Asn1 {
  return forge.asn1.create(Class.UNIVERSAL, Type.OID, false, forge.asn1.oidToDer(dotted).getBytes())
}

/** The parameters of an algorithm that has none. */
export function none(): Asn1 {
  return forge.asn1.create(Class.UNIVERSAL, Type.NULL, false, '')
}

/** DER bytes, as certificates and lists are signed. [X.690: 10] */
export function derOf(value: Asn1): Buffer {
  return Buffer.from(forge.asn1.toDer(value).getBytes(), 'binary')
}
