/** Hundreds of times the size of Logto's key set or discovery document. */
const MAX_BYTES = 256 * 1024;

/**
 * Fetches a JSON document of Logto over HTTP, within a timeout in milliseconds. Rejects a redirect, since only the issuer's own URL is trusted, and
 * a body over 256 KiB.
 */
export async function fetchJson(url: string, timeoutMs: number): Promise<unknown> {
  const response = await fetch(url, {
    signal: AbortSignal.timeout(timeoutMs),
    redirect: 'error',
    headers: { accept: 'application/json' },
  });
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    throw new Error(`HTTP ${response.status}`);
  }
  return JSON.parse(await readText(response.body)) as unknown;
}

/** Reads a body, and closes its connection once it exceeds the limit. */
async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) throw new Error(`more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}
