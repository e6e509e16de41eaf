import type { Seed } from '../../src/index.js';
import { defaultConnectors } from '../../src/tenant/seed.js';

const password = 'Str0ng-Passw0rd!x';
const spa = 'nstpalk0r9smaz3jljhl6';

/** The state of the tenant before the first recording, with the recorded ids. */
export const seed: Seed = {
  users: [
    {
      id: 'z1l202rda6mf',
      username: 'rec_main',
      password,
      primaryEmail: 'rec_main@example.com',
      primaryPhone: '15550200001',
      name: 'Rec Main',
    },
    {
      id: 'rectakenuser',
      username: 'rec_taken',
      primaryEmail: 'rec_taken@example.com',
      primaryPhone: '15550200002',
    },
    { id: 'rhqls6mt4yb7', username: 'rec_nopw' },
  ],
  resources: [
    { id: 'g0l8nvehaent031gbah19', name: 'Profile API', indicator: 'https://profile.example.com/api' },
    { id: 'aihsgrntksu8355ymn07b', name: 'Other API', indicator: 'https://other.example.com/api' },
  ],
  roles: [{ id: 'rd8yy15nv3wmhae7dwkna', name: 'rec2-role', description: 'd' }],
  applications: [
    {
      id: 'ysx0ycpo2hsc6vbz0uoff',
      name: 'lab-m2m',
      type: 'MachineToMachine',
      secret: 'first-secret',
      roles: ['management-api'],
    },
    { id: 'jmw2n4nic0fedn60mbr3u', name: 'lab-m2m-no-role', type: 'MachineToMachine', secret: 'no-role-secret' },
    {
      id: spa,
      name: 'lab-spa',
      type: 'SPA',
      redirectUris: ['http://localhost:5173/callback'],
      postLogoutRedirectUris: ['http://localhost:5173/'],
    },
    {
      id: 'kd1ghsz1fe1cxif6598bs',
      name: 'rec2-spa',
      type: 'SPA',
      redirectUris: ['http://localhost:5173/callback'],
      postLogoutRedirectUris: ['http://localhost:5173/'],
    },
    {
      id: 'vze6o0xp7m63zg2bqfi4u',
      name: 'rec2-bcl',
      type: 'SPA',
      redirectUris: ['http://localhost:5173/callback'],
      postLogoutRedirectUris: ['http://localhost:5173/'],
    },
    {
      id: 'exchangingapplication',
      name: 'lab-exchange',
      type: 'Traditional',
      secret: 'exchange-secret',
      redirectUris: ['http://localhost:5173/callback'],
      customClientMetadata: { allowTokenExchange: true },
    },
    {
      id: 'aaj7w4jfw7gbg2xyox6qe',
      name: 'rec2-third-party',
      type: 'SPA',
      isThirdParty: true,
      redirectUris: ['http://localhost:5173/callback'],
    },
  ],
  connectors: [
    { ...defaultConnectors[0]!, id: 'n2huek1lu1ka' },
    defaultConnectors[1]!,
    { id: '6dknwpk7bdw8', type: 'Social', target: 'mock-social', connectorId: 'mock-social', templates: [] },
  ],
  signInExperience: {
    branding: { logoUrl: 'https://logto.io/logo.svg', darkLogoUrl: 'https://logto.io/logo-dark.svg' },
    signIn: {
      methods: [{ identifier: 'username', password: true, verificationCode: false, isPasswordPrimary: true }],
    },
    passwordPolicy: { rejects: { pwned: false, repetitionAndSequence: true, userInfo: true, words: [] } },
  },
};
