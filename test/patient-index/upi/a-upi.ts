// A stand-in for the UPI over a database in memory, and persons that the population registers know.
import { openPeople, standInMigrations } from '../../../patient-index/upi/stand-in/people.js'
import type { ManageSpid, Pid, RegisteredPerson, Upi } from '../../../patient-index/upi/upi.js'
import { systemPorts } from '../../../ports/ports.js'
import { openStore } from '../../../store/open-store.js'
import { checkDigitOf } from '../../../xua/check-digit.js'

export const registeredMaja: RegisteredPerson = {
  ...{ firstName: 'Maja Anna', officialName: 'Müller', sex: '2', dateOfBirth: '1960-06-18' },
}

/** An AHV number with its digit. */
export function ahv(digits: string): string {
  return `756${digits.padStart(9, '0')}${checkDigitOf(`756${digits.padStart(9, '0')}`)}`
}

export interface TestUpi extends Upi {
  /** What was asked of it. */
  asked: (ManageSpid | Pid)[]
  /** What it told everybody. */
  told: object[]
  close(): Promise<void>
}

export async function aUpi(): Promise<TestUpi> {
  const store = await openStore(
    { path: ':memory:', migrations: standInMigrations },
    systemPorts.clock,
    systemPorts.files,
  )
  const told: object[] = []
  const people = openPeople(store, systemPorts, async change => void told.push(change))
  const asked: TestUpi['asked'] = []
  return {
    asked,
    told,
    info(by) {
      asked.push(by)
      return people.info(by)
    },
    manage(request) {
      asked.push(request)
      return people.manage(request)
    },
    close: () => store.close(),
  }
}
