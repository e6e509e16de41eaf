import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { KoaContextWithOIDC } from 'oidc-provider';

/** Converts a JSON body to a form, because Logto's token endpoint accepts JSON and oidc-provider does not. */
export const convertJsonToForm = async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
  if (ctx.is('application/json')) {
    const form = Buffer.from(new URLSearchParams(parse(await buffer(ctx.req))).toString());
    ctx.req.headers['content-type'] = 'application/x-www-form-urlencoded';
    ctx.req.headers['content-length'] = String(form.length);
    Object.defineProperties(ctx.req, {
      readable: { value: true },
      iterator: { value: () => Readable.from([form]) },
    });
  }
  await next();
};

const parse = (body: Buffer): Record<string, string> => {
  try {
    return JSON.parse(body.toString()) as Record<string, string>;
  } catch {
    return {};
  }
};
