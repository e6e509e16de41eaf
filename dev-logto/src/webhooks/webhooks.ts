/** Sends the tenant's webhooks. */
export class Webhooks {}
