// The check digit of GS1, by which GLN, EPR-SPID and AHV number prove their other digits: weights 3 and 1 from the right, modulo 10.
// [GS1 General Specifications: 7.9.1]

/** Whether the last digit is the one that follows from the others. */
export function hasCheckDigit(digits: string): boolean {
  return /^\d{2,}$/.test(digits) && checkDigitOf(digits.slice(0, -1)) === digits.slice(-1)
}

/** The digit that belongs behind these. */
export function checkDigitOf(digits: string): string {
  const sum = [...digits]
    .reverse()
    .reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 3 : 1), 0)
  return String((10 - (sum % 10)) % 10)
}
