// Keys of objects: the patient's number, then a number within the patient. Rows of one patient thus lie side by side in
// every table that is ordered by key, and the key alone tells the patient.

/** 16 million objects a patient, half a thousand million patients: together the 53 bits that a JavaScript number holds. */
export const objectsPerPatient = 2 ** 24

/** Inclusive, as `lastKeyOf` is: together they are the range of a patient in every table. */
export function firstKeyOf(patient: number): number {
  return patient * objectsPerPatient
}

export function lastKeyOf(patient: number): number {
  return firstKeyOf(patient) + objectsPerPatient - 1
}

/** The number of the patient under whom the object was registered, whatever merges came later. */
export function patientOf(key: number): number {
  return Math.floor(key / objectsPerPatient)
}
