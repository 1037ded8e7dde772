// What the index asks of the Unique Person Identification (UPI) of the Central Compensation Office (ZAS), which alone gives EPR-SPIDs.
// Who answers is another's affair: the UPI itself, or what stands in for it in development. [eCH-0213, eCH-0214] docs/decisions/0325

/** Rejects where the UPI cannot be reached or answers what is none; that it says no is an answer, `negative`. */
export interface Upi {
  /** What it knows of a person; asking twice does no harm. [eCH-0214: getInfoPerson] */
  info(by: Pid): Promise<UpiAnswer>
  /** [eCH-0213: actionOnSPID] */
  manage(request: ManageSpid): Promise<UpiAnswer>
}

/** `vn` is the AHV number: 13 digits that begin with 756. It is passed on and never kept. */
export type Pid = { vn: string } | { spid: string }

export type ManageSpid =
  | { action: 'generate'; vn: string; person: RegisteredPerson }
  /** Two numbers of one person: the one ends in the other. */
  | { action: 'inactivate'; inactive: string; active: string }
  | { action: 'cancel'; spid: string; vn?: string }

/** As the population registers write one. [eCH-0213-commons: personToUPIType] */
export interface RegisteredPerson {
  firstName: string
  officialName: string
  /** Of birth. */
  originalName?: string
  /** 1 male, 2 female, 3 unknown. [eCH-0044: sexType] */
  sex?: '1' | '2' | '3'
  /** YYYY-MM-DD, YYYY-MM or YYYY. [eCH-0044: datePartiallyKnownType] */
  dateOfBirth: string
}

export type UpiAnswer =
  | { is: 'positive'; pids: Pids; person: RegisteredPerson | undefined; notices: Notice[] }
  | { is: 'negative'; notice: Notice }

/** Numbers in use. */
export interface Pids {
  vn?: string
  spids: string[]
}

export interface Notice {
  code: number
  text: string
}

/** [eCH-0213: SPIDCategory] */
export const eprSpidCategory = 'EPD-ID.BAG.ADMIN.CH'
