// FindFolders: the Folders of a patient that meet all criteria. ITI TF-2 §3.18.4.1.2.3.7.3.
import { level } from './document-entry-parameters.js'
import { andOr, many, one, required } from './parameters.js'
import { storedQuery } from './stored-query.js'
import { code, status, text, time } from './value-types.js'

/** [ITI TF-2:3.18.4.1.2.3.7.3] */
export const folderCriteria = {
  patientId: required(one('$XDSFolderPatientId', text)),
  lastUpdateTimeFrom: one('$XDSFolderLastUpdateTimeFrom', time),
  lastUpdateTimeTo: one('$XDSFolderLastUpdateTimeTo', time),
  codeList: andOr('$XDSFolderCodeList', code),
  status: required(many('$XDSFolderStatus', status)),
  metadataLevel: level,
}

export const findFolders = storedQuery({
  name: 'FindFolders',
  id: 'urn:uuid:958f3006-baad-4929-a4de-ff1114824431',
  clause: 'ITI TF-2:3.18.4.1.2.3.7.3',
  parameters: folderCriteria,
  select: (given, registry) => registry.folders({ patientId: given.patientId }, given),
})
