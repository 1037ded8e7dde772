// How pixels may be encoded in an instance that is handed to a consumer who takes whatever there is. [DICOM PS3.6: A]
export const transferSyntaxes: readonly string[] = [
  // Uncompressed, deflated, big endian (retired).
  ...['1.2.840.10008.1.2', '1.2.840.10008.1.2.1', '1.2.840.10008.1.2.1.99', '1.2.840.10008.1.2.2'],
  // JPEG, JPEG-LS, JPEG 2000, High-Throughput JPEG 2000, RLE.
  ...['50', '51', '57', '70', '80', '81', '90', '91', '92', '93', '201', '202', '203'].map(
    last => `1.2.840.10008.1.2.4.${last}`,
  ),
  '1.2.840.10008.1.2.5',
  // MPEG-2, MPEG-4, HEVC.
  ...['100', '101', '102', '103', '104', '105', '106', '107', '108'].map(last => `1.2.840.10008.1.2.4.${last}`),
]
