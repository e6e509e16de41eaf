import { routeOptions } from '../http/route-options.js';

/** Serves a handler without an access token. Every other one needs it. */
export const Public = () => routeOptions({ public: true });
