// How far a submission has come.

/** `registering` from the commit that keeps its bytes until the registry's word is known (document-store.ts); its documents share it. */
export type SubmissionState = 'registering' | 'registered'
