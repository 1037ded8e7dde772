// How two texts of metadata are compared: by code point, after normalisation to NFC. ITI TF-2 Appendix F.

/** Texts that mean the same become the same; case is kept, it has a meaning. [ITI TF-2: Appendix F] */
export function comparable(text: string): string {
  return text.normalize('NFC')
}
