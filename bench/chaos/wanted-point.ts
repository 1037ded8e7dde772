// What the driver of labelled points and the services agree on: a folder with one file for what is wanted, and what has become of it.
export const controlVariable = 'CARNET_CHAOS_POINTS'
/** The label at which a service has to end; gone once it has. */
export const wantedFile = 'wanted'
/** What the partners are doing. */
export const duringFile = 'during'
/** `operation<TAB>label` of each point that was passed. */
export const passedFile = 'passed'
export const killedFile = 'killed'
