/** How XML from strangers is read: nothing in it is expanded or guessed. */
import type { X2jOptions } from 'fast-xml-parser';

/** Documents that declare entities are refused before they get here, so only XML's own five are left to expand. */
export const XML_OPTIONS: X2jOptions = {
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: { enabled: true, maxEntityCount: 1, maxExpansionDepth: 1, maxTotalExpansions: 1_000_000 },
};
