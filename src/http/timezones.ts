/** The time zones a reader can choose from: all that the machine knows, and UTC. */

export const timezones: string[] = [
  'UTC',
  ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC'),
];
