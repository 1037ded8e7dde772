// Text made anew character by character: a string for each of some million pieces would take seconds, and hundreds of times their room.

const pieceUnits = 16_384

export class TextWriter {
  private readonly units: Uint16Array
  private readonly pieces: string[] = []
  private filled = 0
  /** All bits that any of those filled has. */
  private bits = 0

  /** @param most as many UTF-16 units as there can be */
  constructor(most: number) {
    this.units = new Uint16Array(Math.min(most, pieceUnits))
  }

  add(unit: number): void {
    if (this.filled === this.units.length) this.flush()
    this.units[this.filled] = unit
    this.filled += 1
    this.bits |= unit
  }

  addFrom(text: string, from: number, to: number): void {
    for (let at = from; at < to; at += 1) this.add(text.charCodeAt(at))
  }

  addCharacter(code: number): void {
    if (code > 0xffff) this.add(0xd800 + ((code - 0x10000) >> 10))
    this.add(code > 0xffff ? 0xdc00 + ((code - 0x10000) & 0x3ff) : code)
  }

  end(): string {
    this.flush()
    return this.pieces.length === 1 ? (this.pieces[0] as string) : this.pieces.join('')
  }

  /** In one byte a character where that is enough, as the text was that this is made from. */
  private flush(): void {
    const units = this.units.subarray(0, this.filled)
    this.pieces.push(
      this.bits < 0x100
        ? Buffer.from(units).toString('latin1')
        : Buffer.from(units.buffer, units.byteOffset, units.byteLength).toString('utf16le'),
    )
    this.filled = 0
    this.bits = 0
  }
}

/** The same for a short text. */
export class JoinedText {
  private text = ''

  addFrom(text: string, from: number, to: number): void {
    this.text += text.slice(from, to)
  }

  addCharacter(code: number): void {
    this.text += String.fromCodePoint(code)
  }

  end(): string {
    return this.text
  }
}
