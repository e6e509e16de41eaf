import type { Json } from '../../src/platform/json/json.js';

/** A valid value for each field of the sample catalogue that does not accept any text. */
export const FIELD_VALUES: Readonly<Record<string, Json>> = {
  avatar: 'https://example.com/alice.png',
  profile: 'https://example.com/alice',
  website: 'https://alice.example.com',
  birthdate: '1990-02-28',
  zoneinfo: 'Europe/Berlin',
  locale: 'en-GB',
  address: { locality: 'Berlin', country: 'Germany' },
  preferences: { theme: 'dark' },
  newsletter: true,
  shippingAddress: { locality: 'Berlin', country: 'DE' },
  emergencyContact: { name: 'Bob' },
};
